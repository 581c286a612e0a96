"""An interaction on its way from an agent to a colleague or to another campaign."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class TransferEnding(models.TextChoices):
    """How a transfer ended."""

    TAKEN = "taken", _("taken")
    RETURNED = "returned", _("returned")
    OVER = "over", _("overtaken")  # closed, moved or taken over by somebody else meanwhile


class Transfer(models.Model):
    """From an agent to an agent or to a campaign; at most one of an interaction is on its way."""

    session = models.ForeignKey(
        "chat_sessions.ChatSession", on_delete=models.CASCADE, related_name="transfers"
    )
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sender_campaign = models.ForeignKey("campaigns.Campaign", on_delete=models.PROTECT, related_name="+")
    to_agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    to_campaign = models.ForeignKey(
        "campaigns.Campaign", on_delete=models.PROTECT, null=True, related_name="+"
    )
    note = models.TextField(_("note"), blank=True)
    at = models.DateTimeField()
    # When it returns to its sender; None = never.
    due_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ending = models.CharField(max_length=8, choices=TransferEnding.choices, blank=True)

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        constraints = [
            models.UniqueConstraint(
                fields=["session"], condition=models.Q(ended_at__isnull=True), name="one_transfer_on_its_way"
            )
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=models.Q(ended_at__isnull=True), name="transfers_by_due"
            )
        ]

    def __str__(self) -> str:
        return f"{self.session_id} → {self.to_agent_id or self.to_campaign_id}"
