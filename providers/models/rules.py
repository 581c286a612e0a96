"""What holds for every base, whatever its dialer: how often a person may be written to, and how they opt out."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import validate_time_zone
from providers.drivers import driver_for
from providers.models.provider import Provider
from providers.stop_words import normal

LONGEST_TEXT = 4096  # characters, over WhatsApp
STOP_WORDS = "STOP\nSALIR\nBAJA\nPARAR\nSAIR"


class SendingRules(models.Model):
    """One row at most; none = the defaults."""

    messages_per_day = models.PositiveSmallIntegerField(
        _("Messages per person and day"),
        default=0,
        help_text=_("From all dialers together; what exceeds it is held back. 0 = no limit."),
    )
    time_zone = models.CharField(
        _("Time zone"),
        max_length=64,
        default="UTC",
        validators=[validate_time_zone],
        help_text=_("Where a day begins at midnight."),
    )
    stop_words = models.TextField(
        _("Words that opt out"),
        blank=True,
        default=STOP_WORDS,
        help_text=_("One a line. A whole message that is one of them, in any case, opts its sender out."),
    )
    stop_confirmation = models.TextField(
        _("Confirmation"),
        blank=True,
        help_text=_("Answered once to who opts out; empty = nothing is answered."),
    )

    class Meta:
        verbose_name = _("sending rules")
        verbose_name_plural = _("sending rules")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_row_of_sending_rules")]

    def __str__(self) -> str:
        return str(_("Sending rules"))

    def clean(self) -> None:
        """A confirmation that WhatsApp would not take is refused."""
        super().clean()
        empty = [line for line in self.stop_words.splitlines() if line.strip() and not normal(line)]
        if empty:
            raise ValidationError(
                {"stop_words": _("“%(line)s” holds no letter that could be compared.") % {"line": empty[0]}}
            )
        if len(self.stop_confirmation) > LONGEST_TEXT:
            raise ValidationError({"stop_confirmation": _("WhatsApp takes 4,096 characters.")})
        if len(self.stop_confirmation) > _shortest_limit():
            raise ValidationError({"stop_confirmation": _("SMS takes 1,280 characters.")})


def _shortest_limit() -> int:
    """How long a text may be that every provider of ours takes."""
    types = Provider.objects.order_by("api_type").values_list("api_type", flat=True).distinct()
    return min((driver_for(key).longest_text for key in types), default=LONGEST_TEXT)
