"""Which messages an interaction holds."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Turn(models.Model):
    """One message of an interaction; no message is in two."""

    session = models.ForeignKey("chat_sessions.ChatSession", on_delete=models.CASCADE, related_name="turns")
    message = models.OneToOneField("providers.Message", on_delete=models.CASCADE, related_name="turn")
    # Made once per composed answer by the page, so that the same answer, posted again, is not sent again.
    submission = models.UUIDField(null=True, editable=False)

    class Meta:
        verbose_name = _("turn")
        verbose_name_plural = _("turns")
        constraints = [
            models.UniqueConstraint(fields=["session", "submission"], name="one_turn_per_submission")
        ]

    def __str__(self) -> str:
        return f"{self.session_id} ← {self.message_id}"
