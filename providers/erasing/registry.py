"""Erasing around the do-not-call registry: an opt-out stays, what was told beside it goes."""

from pathlib import PurePath

from django.core.files.base import ContentFile
from django.db.models import Q

from providers.do_not_call.lines import LONGEST_LINE
from providers.erasing.person import Note, Person
from providers.models import DoNotCall, DoNotCallRemoval, DoNotCallUpload, NumberApart


def erase_registry(person: Person, note: Note) -> None:
    """Empties the reasons of entries, deletes what was noted of removed ones, and lines of reports with the number.

    An entry itself stays: without the number it could hold nobody back. So does what tells two people of one number
    apart, as long as they stand apart.
    """
    at = Q(provider__in=person.providers) | Q(provider=None)
    DoNotCall.objects.filter(at, number__in=person.spellings).exclude(reason="").update(reason="")
    removed, _ = DoNotCallRemoval.objects.filter(at, number__in=person.spellings).delete()
    note("removals", removed)
    apart = NumberApart.objects.filter(provider__in=person.providers, number__in=person.forms)
    apart.exclude(merged_at=None).delete()
    apart.update(reason="")
    for upload in DoNotCallUpload.objects.filter(at).exclude(report="").iterator():
        note("files", _without_lines_of(person, upload))


def _without_lines_of(person: Person, upload: DoNotCallUpload) -> int:
    """Writes the report anew without lines that hold the number. The old file goes once the new one is named."""
    storage, old = upload.report.storage, str(upload.report.name)
    if not storage.exists(old):
        return 0
    with storage.open(old, "rb") as file:
        lines = file.readlines()
    kept = [line for line in lines if not person.is_in(line[:LONGEST_LINE].decode("utf-8", "replace"))]
    if len(kept) == len(lines):
        return 0
    new = storage.save(f"{PurePath(old).parent}/invalid-lines.csv", ContentFile(b"".join(kept)))
    DoNotCallUpload.objects.filter(pk=upload.pk).update(report=new)
    storage.delete(old)
    return 1
