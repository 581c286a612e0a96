"""Calendars of days that are no ordinary ones, and the company's legal hours, a ceiling over every dialer."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import validate_time_zone
from campaigns.models.opening import schedule_field
from campaigns.public_holidays import require_known
from campaigns.schedules import parse_hours

NORMAL = "normal"  # the hours of an own day that is as any other


class Calendar(models.Model):
    """The public holidays of a country (and of a part of it), and own days, on which a schedule does not hold."""

    name = models.CharField(_("Name"), max_length=100, unique=True)
    country = models.CharField(
        _("Country"),
        max_length=2,
        blank=True,
        validators=[RegexValidator(r"\A[A-Z]{2}\Z", _("Two capital letters, such as UY or BR."))],
        help_text=_("Its public holidays are closed; empty = own days only."),
    )
    subdivision = models.CharField(
        _("State or province"),
        max_length=10,
        blank=True,
        help_text=_("Its code, such as SP; adds the holidays that only hold there."),
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("calendar")
        verbose_name_plural = _("calendars")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuses a country or a part of it whose holidays are not known."""
        super().clean()
        require_known(self.country, self.subdivision)


class CalendarDay(models.Model):
    """An own day of a calendar; it wins over a public holiday."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="days")
    date = models.DateField(_("Date"))
    name = models.CharField(_("Name"), max_length=100, blank=True)
    hours = models.CharField(
        _("Hours"),
        max_length=200,
        blank=True,
        help_text=_("09:00-12:59 — open only then; empty = closed all day; “normal” = as any other day."),
    )

    class Meta:
        verbose_name = _("own day")
        verbose_name_plural = _("own days")
        constraints = [models.UniqueConstraint(fields=["calendar", "date"], name="one_entry_per_day")]

    def __str__(self) -> str:
        return f"{self.date} {self.name}".strip()

    def clean(self) -> None:
        """Refuses hours that cannot be read."""
        super().clean()
        text = self.hours.strip().lower()
        try:
            if text and text != NORMAL:
                parse_hours(text)
        except ValidationError as wrong:
            raise ValidationError({"hours": wrong.messages}) from wrong


class LegalHours(models.Model):
    """When the law lets the company write to people at all. One row at most; none = always."""

    schedule = schedule_field(
        _("mon,tue;09:00-17:59 — no dialer sends outside it, whatever its own schedule says.")
    )
    time_zone = models.CharField(
        _("Time zone"), max_length=64, default="UTC", validators=[validate_time_zone]
    )
    calendar = models.ForeignKey(
        Calendar,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Calendar"),
    )

    class Meta:
        verbose_name = _("legal hours")
        verbose_name_plural = _("legal hours")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_row_of_legal_hours")]

    def __str__(self) -> str:
        return str(_("Legal hours"))
