"""A base: the uploaded file, its valid lines as rows, its invalid ones with their reasons."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class BaseState(models.TextChoices):
    LOADING = "loading", _("loading")
    READY = "ready", _("ready")
    RUNNING = "running", _("running")
    PAUSED = "paused", _("paused")
    FINISHED = "finished", _("finished")
    CANCELLED = "cancelled", _("cancelled")
    FAILED = "failed", _("failed")


class RowState(models.IntegerChoices):
    """What a row knows by itself; once taken, its state is its message's."""

    PENDING = 0, _("pending")
    TAKEN = 1, _("taken")
    SKIPPED = 2, _("skipped")


class Base(models.Model):
    """`id` is the batch of its messages and tallies."""

    dialer = models.ForeignKey(
        "dialers.Dialer", on_delete=models.PROTECT, related_name="bases", verbose_name=_("dialer")
    )
    name = models.CharField(_("name"), max_length=255)
    file = models.FileField(upload_to="bases/%Y/%m/")
    state = models.CharField(_("state"), max_length=16, choices=BaseState.choices, default=BaseState.LOADING)
    lines = models.PositiveIntegerField(_("lines"), default=0)
    valid = models.PositiveIntegerField(_("valid lines"), default=0)
    invalid = models.PositiveIntegerField(_("invalid lines"), default=0)
    # What the import found of the file: encoding, separator, duplicates and the like.
    found = models.JSONField(default=dict)
    # Why it failed, or why it was paused by itself; empty otherwise. A key of providers.errors or a sentence.
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    # The figures behind the reason, where it has some: see dialers.failures.
    reason_figures = models.JSONField(default=dict)
    # The message up to which failures count no more: those of before the last start.
    judged_after = models.BigIntegerField(default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("uploaded by"),
    )
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("started by"),
    )
    # SHA-256 of the file, in hex: tells the same file uploaded again.
    sha256 = models.CharField(max_length=64, blank=True)
    # Which template and which columns make the message, where a header names other columns.
    mapping = models.JSONField(null=True)
    start_at = models.DateTimeField(
        _("start date"), null=True, blank=True, help_text=_("Nothing of it leaves before; empty = at once.")
    )
    valid_until = models.DateTimeField(
        _("valid until"), null=True, blank=True, help_text=_("What is left then is not sent any more.")
    )
    # Who let it exceed the messages that a person may get in a day, when and why.
    cap_override_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("daily cap lifted by"),
    )
    cap_override_at = models.DateTimeField(_("daily cap lifted"), null=True)
    cap_override_reason = models.CharField(_("why lifted"), max_length=500, blank=True)
    recycled_from = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("made from")
    )
    created_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    # Since when its rows are no longer kept; its tally stays. See dialers.keeping.
    pruned_at = models.DateTimeField(_("rows removed"), null=True)

    class Meta:
        verbose_name = _("base")
        verbose_name_plural = _("bases")
        indexes = [
            models.Index(
                fields=["state"], condition=models.Q(state__in=["loading", "running"]), name="bases_at_work"
            ),
            models.Index(fields=["started_at"], name="bases_started"),
            # Alerts ask every few seconds for the few that paused themselves.
            models.Index(
                fields=["id"],
                condition=models.Q(state="paused") & ~models.Q(reason=""),
                name="bases_paused_themselves",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Row(models.Model):
    """One valid line. `kind` and `content` are what its message will have."""

    base = models.ForeignKey(Base, on_delete=models.CASCADE, related_name="rows", db_index=False)
    line = models.PositiveIntegerField(_("line"))
    contact = models.CharField(_("number"), max_length=32)
    address = models.CharField(max_length=32)
    priority = models.PositiveSmallIntegerField(_("priority"), default=9999)
    kind = models.CharField(max_length=16)
    content = models.JSONField()
    state = models.SmallIntegerField(_("state"), choices=RowState.choices, default=RowState.PENDING)
    # The file's other columns, by name: shown to the agent, never sent.
    extra = models.JSONField(_("other columns"), null=True)
    message = models.ForeignKey(
        "providers.Message",
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("message"),
    )

    class Meta:
        verbose_name = _("row")
        verbose_name_plural = _("rows")
        constraints = [
            models.UniqueConstraint(fields=["base", "line"], name="one_row_per_line"),
            # Partial, so that loading a base does not fill it.
            models.UniqueConstraint(
                fields=["message"],
                condition=models.Q(message__isnull=False),
                name="one_row_per_message",
            ),
        ]
        indexes = [
            models.Index(
                fields=["base", "priority", "line"],
                condition=models.Q(state=RowState.PENDING),
                name="rows_pending",
            )
        ]

    def __str__(self) -> str:
        return f"{self.base_id}:{self.line}"


class InvalidLine(models.Model):
    """One invalid line: its number, the reason in plain words, the original text."""

    base = models.ForeignKey(Base, on_delete=models.CASCADE, related_name="invalid_lines", db_index=False)
    line = models.PositiveIntegerField(_("line"))
    code = models.CharField(max_length=64)
    reason = models.TextField(_("reason"))
    text = models.TextField(_("text"))

    class Meta:
        verbose_name = _("invalid line")
        verbose_name_plural = _("invalid lines")
        constraints = [models.UniqueConstraint(fields=["base", "line"], name="one_reason_per_line")]

    def __str__(self) -> str:
        return f"{self.line}: {self.reason}"
