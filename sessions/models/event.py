"""What happened to an interaction besides messages: notes, transfers and the like, which only colleagues see."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class EventKind(models.TextChoices):
    """Notes and whispers have a text of their own; the others say what was done."""

    NOTE = "note", _("note")
    WHISPER = "whisper", _("whisper")
    TRANSFERRED = "transferred", _("transferred")
    RETURNED = "returned", _("returned")
    TAKEN_OVER = "taken_over", _("taken over")
    GIVEN_BACK = "given_back", _("given back to the queue")
    MOVED = "moved", _("moved to another campaign")
    ASSIGNED = "assigned", _("assigned")
    RESCHEDULED = "rescheduled", pgettext_lazy("interaction", "rescheduled")
    CLOSED = "closed", pgettext_lazy("interaction", "closed")


class Event(models.Model):
    """One of them, in the order of its id. `user`: who did it, None = by itself; `whom`: to which agent.

    The texts are in the words of whoever wrote them; what was done is put into words when it is shown, from
    `kind`, `user`, `whom`, `campaign`.
    """

    session = models.ForeignKey("chat_sessions.ChatSession", on_delete=models.CASCADE, related_name="events")
    # The interaction's, so that a conversation reads all of its contact's by one index.
    contact = models.ForeignKey(
        "providers.Contact", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=12, choices=EventKind.choices)
    at = models.DateTimeField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    whom = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    campaign = models.ForeignKey(
        "campaigns.Campaign", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    text = models.TextField(blank=True)
    # Made once per composed note by the page, so that the same note, posted again, is not kept again.
    submission = models.UUIDField(null=True, unique=True, editable=False)

    class Meta:
        verbose_name = _("event of an interaction")
        verbose_name_plural = _("events of interactions")
        indexes = [models.Index(fields=["contact", "id"], name="events_of_contact")]

    def __str__(self) -> str:
        return f"{self.session_id} {self.kind}"
