"""A campaign: who answers at which of our numbers, when and how fast."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.opening import HasHours, schedule_field
from providers.errors import Refusal
from providers.gate import require_fitting

# What the campaign says by itself.
AUTOMATIC_TEXTS = ("out_of_time", "queue_text", "close_text")


class Strategy(models.TextChoices):
    """Who may get an interaction."""

    INTERACTION = "interaction", _("interaction (one at a time)")
    RINGALL = "ringall", _("ringall (offered to all, one at a time)")
    RINGALLMULTIPLE = "ringallmultiple", _("ringallmultiple (offered to all, as many as wanted)")
    NOPAUSE = "nopause", _("nopause (several at once, paused agents excluded)")
    INCALL = "incall", _("incall (as nopause)")
    NOCALL = "nocall", _("nocall (as nopause)")


class Distribution(models.TextChoices):
    """How an interaction is given."""

    RRMEMORY = "rrmemory", _("rrmemory (in turn, remembering the last)")
    WRANDOM = "wrandom", _("wrandom (weighted at random)")
    LEASTACTIVE = "leastactive", _("leastactive (fewest open)")


class Campaign(HasHours):
    """Where customers' messages to its DIDs, and answers to its dialers, become interactions."""

    name = models.CharField(_("Name"), max_length=100, unique=True, help_text=_("Identifies the campaign."))
    service_level = models.PositiveIntegerField(
        _("Service level"), default=60, help_text=_("Seconds within which an interaction should be answered.")
    )
    provider = models.ForeignKey(
        "providers.Provider",
        on_delete=models.PROTECT,
        related_name="campaigns",
        verbose_name=_("SMS providers"),
    )
    schedule = schedule_field(
        _("mon,tue;09:00-17:59 — the end minute is included; one line for each set of days. Empty = always.")
    )
    out_of_time = models.TextField(
        _("Out of time"),
        blank=True,
        help_text=_("Answered, once per interaction, to who writes outside the schedule."),
    )
    strategy = models.CharField(
        _("Strategy"), max_length=16, choices=Strategy.choices, default=Strategy.NOPAUSE
    )
    distribution = models.CharField(
        _("Distribution"), max_length=16, choices=Distribution.choices, default=Distribution.RRMEMORY
    )
    max_interactions = models.PositiveIntegerField(
        _("Max interactions"),
        default=0,
        help_text=_("Open at one agent at a time; what exceeds it waits in the queue. 0 = no limit."),
    )
    waiting_amber = models.PositiveIntegerField(
        _("Threshold: amber"),
        default=0,
        help_text=_(
            "Seconds of waiting from which the live board shows the campaign in amber. 0 = never; with both"
            " thresholds 0 the service level decides."
        ),
    )
    waiting_red = models.PositiveIntegerField(
        _("Threshold: red"),
        default=0,
        help_text=_(
            "Seconds of waiting from which the live board shows the campaign in red. 0 = never; with both"
            " thresholds 0 twice the service level decides."
        ),
    )
    max_queued = models.PositiveIntegerField(
        _("Max queued"), default=0, help_text=_("Interactions that may wait at a time. 0 = no limit.")
    )
    max_time_in_queue = models.PositiveIntegerField(
        _("Max time in queue"), default=0, help_text=_("Seconds that an interaction may wait. 0 = no limit.")
    )
    queue_text = models.TextField(
        _("Queue text"),
        blank=True,
        help_text=_("Answered, once per interaction, to who finds the queue full or waits for too long."),
    )
    overflow = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Then to campaign"),
        help_text=_(
            "Where interactions go for which the queue is full or too slow. Empty = they go on waiting."
        ),
    )
    max_transfer_time = models.PositiveIntegerField(
        _("Max transfer time"),
        default=0,
        help_text=_("Seconds after which a transfer that nobody answers returns to its sender. 0 = never."),
    )
    wrap_up = models.PositiveIntegerField(
        _("Wrap-up time"),
        default=0,
        help_text=_("Seconds after closing in which an agent is given nothing. 0 = none."),
    )
    close_after = models.PositiveIntegerField(
        _("Close after"),
        default=0,
        help_text=_("Minutes without a message after which an interaction is closed. 0 = never."),
    )
    close_text = models.TextField(
        _("Closing text"), blank=True, help_text=_("Sent when an interaction is closed for want of messages.")
    )
    disposition_modal = models.BooleanField(
        _("Disposition modal"), default=False, help_text=_("Agents choose a disposition when they close.")
    )
    groups: "models.ManyToManyField[Any, Any]" = models.ManyToManyField(
        "auth.Group",
        blank=True,
        related_name="+",
        verbose_name=_("Groups"),
        help_text=_("Supervisors and operators of these groups alone see the campaign. None = all of them."),
    )
    enabled = models.BooleanField(_("Enable"), default=True)
    members: "models.ManyToManyField[Any, Any]" = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="campaigns.Member", related_name="campaigns"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("SMS campaign")
        verbose_name_plural = _("SMS campaigns")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuses what does not go together, and a text that could never be sent; says all of it at once."""
        super().clean()
        wrong: dict[str, Any] = {}
        for name in AUTOMATIC_TEXTS if self.provider_id else ():
            try:
                require_fitting(self.provider, getattr(self, name))
            except Refusal as refusal:
                wrong[name] = str(refusal)
        if self.waiting_red and self.waiting_red <= self.waiting_amber:
            wrong["waiting_red"] = _("Red comes after amber: enter more than %(n)d seconds, or 0.") % {
                "n": self.waiting_amber
            }
        if self.close_text.strip() and not self.close_after:
            wrong.setdefault(
                "close_text", _("It is never sent: enter after how many minutes an interaction is closed.")
            )
        wrong |= self._wrong_overflow()
        if wrong:
            raise ValidationError(wrong)

    def _wrong_overflow(self) -> dict[str, Any]:
        """Why interactions cannot go on to another campaign: a customer stays at the number they wrote to."""
        if self.overflow is not None and self.pk and self.overflow_id == self.pk:
            return {"overflow": _("Choose another campaign than this one.")}
        if self.overflow is not None and self.overflow.provider_id != self.provider_id:
            return {"overflow": _("“%(name)s” has another provider.") % {"name": self.overflow}}
        if self._comes_back():
            sentence = _("From “%(name)s” interactions would come back to this campaign, round in a circle.")
            return {"overflow": sentence % {"name": self.overflow}}
        before = Campaign.objects.filter(overflow=self.pk).exclude(provider=self.provider_id)
        other = before.first() if self.pk and self.provider_id else None
        if other is None:
            return {}
        sentence = _("“%(name)s” passes interactions on to this campaign and has another provider.")
        return {"provider": sentence % {"name": other}}

    def _comes_back(self) -> bool:
        """Whether what goes on to the next campaign ends up here again. A query a step."""
        seen: set[int] = set()
        following = self.overflow_id if self.pk else None
        while following and following not in seen:
            if following == self.pk:
                return True
            seen.add(following)
            following = Campaign.objects.filter(pk=following).values_list("overflow", flat=True).first()
        return False


class DID(models.Model):
    """One of our numbers, in digits. A number of a provider belongs to one campaign."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="dids")
    provider = models.ForeignKey("providers.Provider", on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=32)

    class Meta:
        verbose_name = _("DID")
        verbose_name_plural = _("DIDs")
        constraints = [models.UniqueConstraint(fields=["provider", "number"], name="one_campaign_per_did")]

    def __str__(self) -> str:
        return self.number


class Member(models.Model):
    """An agent of a campaign; a lower penalty gets more."""

    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="member_set", verbose_name=_("Campaign")
    )
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="memberships",
        verbose_name=_("Agent"),
    )
    penalty = models.PositiveSmallIntegerField(
        _("Penalty"),
        default=0,
        validators=[MaxValueValidator(100)],
        help_text=_("0 to 100; lower gets more."),
    )
    last_assigned_at = models.DateTimeField(null=True, editable=False)
    # Where the last one that they were given stands in the order of the campaign.
    turn = models.BigIntegerField(default=0, db_default=0, editable=False)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "agent"],
                name="one_membership_per_agent",
                violation_error_message=_("This agent is already a member of the campaign."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.agent} · {self.campaign}"

    def clean(self) -> None:
        """Only somebody who works as an agent can answer."""
        super().clean()
        if self.agent_id and not self.agent.is_agent:
            raise ValidationError({"agent": _("%(name)s is not in the Agents group.") % {"name": self.agent}})
