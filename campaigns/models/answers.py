"""What a campaign answers and how it files what was said: dispositions, keyword answers, canned replies."""

from django.db import models
from django.utils.translation import gettext_lazy as _

DEEPEST = 3  # levels of dispositions
SAME_NAME = _("There is already a disposition of this name at this place.")
SAME_SHORTCUT = _("There is already a reply with this shortcut.")


class Disposition(models.Model):
    """How an interaction ended; a tree of at most DEEPEST levels."""

    campaign = models.ForeignKey(
        "campaigns.Campaign",
        on_delete=models.CASCADE,
        related_name="dispositions",
        verbose_name=_("Campaign"),
    )
    parent = models.ForeignKey(
        "self",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("Below"),
    )
    name = models.CharField(_("Name"), max_length=100)
    position = models.PositiveSmallIntegerField(_("Position"), default=0)
    enabled = models.BooleanField(_("Enable"), default=True)

    class Meta:
        verbose_name = _("disposition")
        verbose_name_plural = _("dispositions")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "parent", "name"],
                condition=models.Q(parent__isnull=False),
                name="one_disposition_below",
                violation_error_message=SAME_NAME,
            ),
            models.UniqueConstraint(
                fields=["campaign", "name"],
                condition=models.Q(parent__isnull=True),
                name="one_disposition_on_top",
                violation_error_message=SAME_NAME,
            ),
        ]

    def __str__(self) -> str:
        return self.name


class KeywordAnswer(models.Model):
    """Answers a message that equals one of the words, and closes the interaction without an agent."""

    campaign = models.ForeignKey(
        "campaigns.Campaign",
        on_delete=models.CASCADE,
        related_name="keyword_answers",
        verbose_name=_("Campaign"),
    )
    words = models.CharField(
        _("Words"),
        max_length=500,
        help_text=_("Separated by commas. The whole message equals one of them, in any case and accent."),
    )
    text = models.TextField(_("Answer"), blank=True, help_text=_("Empty = no answer."))
    disposition = models.ForeignKey(
        Disposition,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Disposition"),
    )

    class Meta:
        verbose_name = _("keyword answer")
        verbose_name_plural = _("keyword answers")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.words


class CannedReply(models.Model):
    """A text that agents call up by `/` and its shortcut; without a campaign it is everybody's."""

    campaign = models.ForeignKey(
        "campaigns.Campaign",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="canned_replies",
        verbose_name=_("Campaign"),
        help_text=_("Empty = in every campaign."),
    )
    shortcut = models.SlugField(_("Shortcut"), max_length=50, allow_unicode=True)
    text = models.TextField(
        _("Text"), help_text=_("{name} becomes the customer's name, {agent} the agent's.")
    )

    class Meta:
        verbose_name = _("canned reply")
        verbose_name_plural = _("canned replies")
        ordering = ["shortcut"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "shortcut"],
                condition=models.Q(campaign__isnull=False),
                name="one_reply_per_shortcut",
                violation_error_message=SAME_SHORTCUT,
            ),
            models.UniqueConstraint(
                fields=["shortcut"],
                condition=models.Q(campaign__isnull=True),
                name="one_common_reply_per_shortcut",
                violation_error_message=SAME_SHORTCUT,
            ),
        ]

    def __str__(self) -> str:
        return f"/{self.shortcut}"
