"""Hours of its own: the schedule, zone and calendar that a campaign, a dialer and the legal hours keep alike."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import validate_time_zone
from campaigns.schedules import AROUND_THE_CLOCK, validate_schedule


def schedule_field(help_text: Any) -> "models.TextField[str, str]":
    """A week as `sun,mon,tue;00:00-23:59`, one line for each set of days; each model says what it is for."""
    return models.TextField(
        _("Schedule"),
        blank=True,
        default=AROUND_THE_CLOCK,
        validators=[validate_schedule],
        help_text=help_text,
    )


class HasHours(models.Model):
    """The zone that a schedule is told in, and the days on which it does not hold; `schedule` is the model's own."""

    time_zone = models.CharField(
        _("Time zone"), max_length=64, default="UTC", validators=[validate_time_zone]
    )
    calendar = models.ForeignKey(
        "campaigns.Calendar",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Calendar"),
        help_text=_("Holidays and own days on which the schedule does not hold."),
    )

    class Meta:
        abstract = True
