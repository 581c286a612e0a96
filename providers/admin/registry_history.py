"""What was uploaded into the do-not-call registry, and what was removed from it: to look at."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.labels import moment
from providers import do_not_call
from providers.admin.registry import number_label, provider_name, source_label
from providers.do_not_call.reports import in_language
from providers.filters import FewChoices
from providers.models import DoNotCallRemoval, DoNotCallUpload
from providers.pages import ReadOnlyList


@admin.register(DoNotCallRemoval)
class DoNotCallRemovalAdmin(ReadOnlyList):
    """Entries that were taken out, by whom and why."""

    empty_text = _("Nothing was taken out of the registry yet.")
    list_before_template: Any = "admin/providers/registry_back.html"
    list_display = [number_label, provider_name, source_label, "reason", "removed_by", "removed"]
    list_filter = ["source", ("provider", FewChoices)]
    list_select_related = ["provider", "removed_by"]
    search_fields = ["number"]
    search_help_text = _("A number in any spelling, or a part of it.")
    fields = [
        "number",
        "provider",
        "source",
        "reason_of_entry",
        "entered_at",
        "reason",
        "removed_by",
        "removed_at",
    ]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[DoNotCallRemoval], search_term: str
    ) -> tuple[QuerySet[DoNotCallRemoval], bool]:
        if not search_term.strip():
            return queryset, False
        return do_not_call.search(queryset, search_term), False

    @admin.display(description=_("Removed"))
    def removed(self, removal: DoNotCallRemoval) -> SafeString | str:
        return moment(removal.removed_at)


@admin.register(DoNotCallUpload)
class DoNotCallUploadAdmin(ReadOnlyList):
    """Files that were uploaded, with the lines that could not be entered."""

    empty_text = _("No file was uploaded yet. The list of numbers has the button for it.")
    list_before_template: Any = "admin/providers/registry_back.html"
    change_form_outer_before_template: Any = "admin/providers/registry_back.html"
    list_display = [
        "name",
        "added_number",
        "known_number",
        "invalid_number",
        source_label,
        "uploaded_by",
        "age",
    ]
    list_select_related = ["provider", "uploaded_by"]
    search_fields = ["name"]
    search_help_text = _("A part of the file's name.")
    fields = [
        "name",
        "added_number",
        "known_number",
        "invalid_number",
        "report_link",
        "source",
        "provider",
        "uploaded_by",
        "uploaded_at",
    ]

    def get_urls(self) -> list[URLPattern]:
        report = path(
            "<int:upload_id>/report/",
            self.admin_site.admin_view(self.report),
            name="providers_donotcallupload_report",
        )
        return [report, *super().get_urls()]

    def report(self, request: HttpRequest, upload_id: int) -> StreamingHttpResponse:
        """The invalid lines as CSV, as the reader's spreadsheet opens it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        upload = get_object_or_404(DoNotCallUpload, pk=upload_id)
        if not upload.report:
            raise Http404
        return StreamingHttpResponse(
            in_language(upload.report.open("rb")),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="invalid-lines.csv"'},
        )

    @admin.display(description=_("Added"))
    def added_number(self, upload: DoNotCallUpload) -> SafeString:
        return _figure(upload.added)

    @admin.display(description=_("Already there"))
    def known_number(self, upload: DoNotCallUpload) -> SafeString:
        return _figure(upload.known)

    @admin.display(description=_("Invalid lines"))
    def invalid_number(self, upload: DoNotCallUpload) -> SafeString:
        return _figure(upload.invalid)

    @admin.display(description=_("Report"))
    def report_link(self, upload: DoNotCallUpload) -> Any:
        if not upload.report:
            return _("All lines could be read.")
        address = reverse("admin:providers_donotcallupload_report", args=[upload.pk])
        said = _("Download the invalid lines with their reasons; mended, the file may be uploaded as it is.")
        return format_html('<a class="text-link" href="{}">{}</a>', address, said)

    @admin.display(description=_("When"), ordering="pk")
    def age(self, upload: DoNotCallUpload) -> SafeString | str:
        return moment(upload.uploaded_at)


def _figure(n: int) -> SafeString:
    return format_html('<span class="number">{}</span>', number_format(n, force_grouping=True))
