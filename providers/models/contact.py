"""A contact: somebody who was written to, or wrote, at one of our numbers; and the 24 hours with them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models.functions import Reverse
from django.utils.translation import gettext_lazy as _

WINDOW = timedelta(hours=24)
ERASED = "erased-"  # begins the number of who was erased; no number does


class Windowed:
    """Whoever has a number and a time of their last message has a window."""

    contact: str
    last_incoming_at: datetime | None
    window_closed_at: datetime | None

    @property
    def window_expires_at(self) -> datetime | None:
        """When the 24-hour session ends or ended; None if they never wrote."""
        if self.last_incoming_at is None:
            return None
        ends = self.last_incoming_at + WINDOW
        if self.window_closed_at is not None and self.window_closed_at >= self.last_incoming_at:
            return min(ends, self.window_closed_at)
        return ends

    @property
    def erased(self) -> bool:
        """Whether their data was erased on request: what is left stands for nobody any more."""
        return self.contact.startswith(ERASED)

    def window_open(self, now: datetime) -> bool:
        """Whether free text may leave at `now` (aware UTC)."""
        ends = self.window_expires_at
        return ends is not None and now < ends


@dataclass(slots=True)
class Person(Windowed):
    """What sending asks of a contact: its id, its canonical number and its window."""

    pk: int
    contact: str
    last_incoming_at: datetime | None
    window_closed_at: datetime | None = None


class Contact(Windowed, models.Model):
    """`contact` is the canonical form, one per person; `address` the form to send to."""

    provider = models.ForeignKey(
        "providers.Provider",
        on_delete=models.PROTECT,
        related_name="contacts",
        db_index=False,  # the unique constraint begins with it
        verbose_name=_("provider"),
    )
    contact = models.CharField(_("number"), max_length=32)
    address = models.CharField(_("address"), max_length=32)
    name = models.CharField(_("name"), max_length=200, blank=True)
    last_incoming_at = models.DateTimeField(_("last message from them"), null=True)
    # When the latest message left of which the provider said that no session was open: see providers.windows.
    window_closed_at = models.DateTimeField(null=True, editable=False)
    # When a base last wrote to them; kept while the provider has a daily limit.
    written_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints = [models.UniqueConstraint(fields=["provider", "contact"], name="one_contact_per_person")]
        indexes = [
            # Numbers are looked for by their last digits.
            models.Index(OpClass(Reverse("contact"), "text_pattern_ops"), name="contact_by_ending")
        ]

    def __str__(self) -> str:
        if self.erased:
            return str(_("erased on request"))
        return self.name or f"+{self.contact}"
