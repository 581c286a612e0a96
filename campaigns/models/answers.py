"""What a campaign answers and how it files what was said: dispositions, keyword answers, canned replies."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.keywords import joined, split_words
from campaigns.placeholders import require_known
from providers.errors import Refusal
from providers.gate import require_fitting

DEEPEST = 3  # levels of dispositions
SAME_NAME = _("There is already a disposition of this name at this place.")
SAME_SHORTCUT = _("There is already a reply with this shortcut.")
SAME_WORD = _("“%(word)s” already stands in another keyword answer of this campaign.")
TOO_DEEP = _("Dispositions have three levels at most.")


def require_fitting_text(campaign: Any, text: str) -> None:
    """Raises ValidationError, beside `text`, for one that the campaign's provider does not take."""
    if campaign is None or not campaign.provider_id:
        return
    try:
        require_fitting(campaign.provider, text)
    except Refusal as refusal:
        raise ValidationError({"text": str(refusal)}) from refusal


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

    @property
    def path(self) -> str:
        """Its name below those of its parents. One query a level where they are not loaded."""
        return " › ".join(one.name for one in reversed(self._upwards()))

    def clean(self) -> None:
        """Refuses a parent of another campaign, one of its own children, and a fourth level."""
        super().clean()
        self.name = " ".join(self.name.split())
        if self.parent is None:
            return
        if self.parent.campaign_id != self.campaign_id:
            raise ValidationError({"parent": _("Choose one of the same campaign.")})
        chain = self._upwards()
        if self.pk and any(one.pk == self.pk for one in chain[1:]):
            raise ValidationError({"parent": _("A disposition cannot lie below itself.")})
        if len(chain) - 1 + self._height() > DEEPEST:
            raise ValidationError({"parent": TOO_DEEP})

    def _upwards(self) -> list["Disposition"]:
        """Itself, then its parents; cut where that goes in a circle."""
        chain: list[Disposition] = [self]
        while len(chain) <= DEEPEST and (parent := chain[-1].parent) is not None:
            chain.append(parent)
        return chain

    def _height(self) -> int:
        """The levels from itself downwards, itself included; DEEPEST + 1 for more."""
        if not self.pk:
            return 1
        below, levels = [self.pk], 0
        while below and levels <= DEEPEST:
            levels += 1
            below = list(Disposition.objects.filter(parent__in=below).values_list("pk", flat=True))
        return levels


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

    def clean(self) -> None:
        """Brings the words into the form in which messages are compared with them."""
        super().clean()
        self.words = joined(split_words(self.words))
        if not self.words:
            raise ValidationError({"words": _("Enter at least one word, such as yes or 1.")})
        if self.disposition is not None and self.disposition.campaign_id != self.campaign_id:
            raise ValidationError({"disposition": _("Choose one of the same campaign.")})
        require_fitting_text(self.campaign if self.campaign_id else None, self.text)

    def validate_constraints(self, exclude: Any = None) -> None:
        """A word stands once in a campaign; whoever saves several rows at once compares them itself."""
        super().validate_constraints(exclude=exclude)
        if exclude and "campaign" in exclude:
            return
        others = KeywordAnswer.objects.filter(campaign=self.campaign_id).exclude(pk=self.pk)
        taken = {word for words in others.values_list("words", flat=True) for word in split_words(words)}
        for word in split_words(self.words):
            if word in taken:
                raise ValidationError({"words": ValidationError(SAME_WORD, params={"word": word})})


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

    def clean(self) -> None:
        """Refuses placeholders that nothing fills in, and what the provider does not take."""
        super().clean()
        try:
            require_known(self.text)
        except ValidationError as wrong:
            raise ValidationError({"text": wrong}) from wrong
        require_fitting_text(self.campaign, self.text)
