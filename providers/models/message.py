"""The ledger: every message to and from customers, a row each."""

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Case, F, When
from django.utils.translation import gettext_lazy as _

from providers.errors import held_back
from providers.states import OPEN, TROUBLE, State


class Direction(models.IntegerChoices):
    OUT = 1, _("to the customer")
    IN = 2, _("from the customer")


class Kind(models.TextChoices):
    """What an outgoing message is. Incoming ones keep the kind their driver found."""

    TEXT = "text", _("text")
    HSM = "hsm", _("template")
    IMAGE = "image", _("picture")
    AUDIO = "audio", _("audio")
    VIDEO = "video", _("video")
    DOCUMENT = "document", _("document")


# What carries a file: its row is the message's `media`.
FILE_KINDS = frozenset({Kind.IMAGE.value, Kind.AUDIO.value, Kind.VIDEO.value, Kind.DOCUMENT.value})

# In the content of a test send: which line of which base it is. The wire never sees it.
TEST_OF = "test_of"


class Message(models.Model):
    """`text` is what a person reads of it; `content` what the wire needs.

    content: {"text": …} for text; {"code", "language", "parameters": […]} and maybe "ttl" (days) for
    hsm; {"type", "caption"} for what carries a file, whose row is `media`; for incoming ones the message
    object as it came.
    """

    provider = models.ForeignKey(
        "providers.Provider",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("provider"),
    )
    contact = models.ForeignKey(
        "providers.Contact",
        on_delete=models.PROTECT,
        related_name="messages",
        db_index=False,
        verbose_name=_("contact"),
    )
    direction = models.SmallIntegerField(_("direction"), choices=Direction.choices)
    did = models.CharField(_("our number"), max_length=32)
    address = models.CharField(_("their number, as on the wire"), max_length=32)
    kind = models.CharField(_("kind"), max_length=16)
    text = models.TextField(_("text"), blank=True)
    content = models.JSONField(default=dict)
    correlation_id = models.UUIDField(_("correlation id"), null=True, unique=True)
    provider_message_id = models.CharField(_("provider's message id"), max_length=200, blank=True)
    state = models.SmallIntegerField(_("state"), choices=State.choices, default=State.QUEUED)
    # The state while lists look for it: open, or in trouble. Indexes name this one alone, so that what goes well,
    # most of all that happens here, rewrites none of them (decision 24).
    listed_state = models.GeneratedField(
        expression=Case(When(state__in=(*OPEN, *TROUBLE), then=F("state"))),
        output_field=models.SmallIntegerField(null=True, choices=State.choices),
        db_persist=True,
    )
    error = models.CharField(_("error"), max_length=64, blank=True)
    error_detail = models.CharField(_("in the provider's words"), max_length=500, blank=True)
    raw_code = models.CharField(_("raw status code"), max_length=64, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("author"),
    )
    # Both are the layer above's: which batch an outgoing message is of; whether an incoming one was taken up.
    batch = models.BigIntegerField(_("batch"), null=True)
    taken_up = models.BooleanField(default=False)
    # The customer's message that opted them out; ours that confirms it, which alone may still reach them.
    opt_out = models.BooleanField(_("opt-out"), default=False, db_default=False)
    answers = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("answer to"),
    )
    # Who turned an unconfirmed message into what, and when.
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    sent_again_as = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        related_name="sent_again_from",
        db_index=False,
        verbose_name=_("sent again as"),
    )

    created_at = models.DateTimeField(_("created"))
    not_before = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    submitting_at = models.DateTimeField(null=True)
    uncertain_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    expired_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    replied_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "provider_message_id"],
                condition=models.Q(direction=Direction.IN) & ~models.Q(provider_message_id=""),
                name="one_incoming_per_provider_id",
            ),
            # Partial, as almost no message is in it.
            models.UniqueConstraint(
                fields=["sent_again_as"],
                condition=models.Q(sent_again_as__isnull=False),
                name="one_message_sent_again",
            ),
        ]
        indexes = [
            models.Index(fields=["contact", "id"], name="message_of_contact"),
            models.Index(fields=["provider", "id"], name="message_of_provider"),
            models.Index(
                fields=["provider", "provider_message_id"],
                condition=models.Q(direction=Direction.OUT) & ~models.Q(provider_message_id=""),
                name="message_by_provider_id",
            ),
            models.Index(
                fields=["batch", "id"], condition=models.Q(batch__isnull=False), name="message_of_batch"
            ),
            models.Index(
                fields=["batch", "id"],
                condition=models.Q(batch__isnull=False, listed_state__in=OPEN),
                name="message_open_in_batch",
            ),
            models.Index(
                fields=["batch", "id"],
                condition=models.Q(batch__isnull=False, listed_state=State.UNCERTAIN),
                name="message_uncertain_in_batch",
            ),
            # The rows behind a failure and behind the answers; what goes well and is not answered is in neither.
            models.Index(
                fields=["batch", "listed_state", "error", "id"],
                condition=models.Q(batch__isnull=False, listed_state__in=TROUBLE),
                name="message_trouble_in_batch",
            ),
            models.Index(
                fields=["batch", "id"],
                condition=models.Q(batch__isnull=False, replied_at__isnull=False),
                name="message_replied_in_batch",
            ),
            # Decisions are few, in whatever batch.
            models.Index(
                fields=["decided_at"], condition=models.Q(decided_at__isnull=False), name="message_decided"
            ),
            models.Index(
                fields=["id"],
                condition=models.Q(listed_state=State.QUEUED, batch__isnull=True),
                name="message_reply_lane",
            ),
            models.Index(
                fields=["id"],
                condition=models.Q(direction=Direction.IN, taken_up=False),
                name="message_to_take_up",
            ),
            BrinIndex(fields=["created_at"], name="message_created"),
            # Deleting a message asks for its answers, a row at a time.
            models.Index(
                fields=["answers"], condition=models.Q(answers__isnull=False), name="message_answers"
            ),
            # Looked for in the whole ledger. The other states are too common to need one.
            models.Index(
                fields=["listed_state", "id"],
                condition=models.Q(listed_state__in=TROUBLE),
                name="message_in_trouble",
            ),
            models.Index(
                fields=["lease_until"],
                condition=models.Q(listed_state=State.SUBMITTING),
                name="message_leases",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60] or self.kind

    @property
    def held_back(self) -> bool:
        """Whether our own gate held it back, so that it never left."""
        return held_back(self.state == State.REFUSED, self.error)

    @property
    def is_test(self) -> bool:
        """Whether somebody tried out a line of a base with it."""
        return self.direction == Direction.OUT and TEST_OF in self.content

    @property
    def state_key(self) -> str:
        return State(self.state).key
