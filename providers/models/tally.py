"""Exact counts per batch and state, and of failures per reason, that outlive pruning and cost nothing to read."""

from django.db import models


class TallyDelta(models.Model):
    """±n of one state, appended in the transaction that moved the state."""

    batch = models.BigIntegerField()
    state = models.SmallIntegerField()
    n = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["batch"], name="tally_delta_of_batch")]

    def __str__(self) -> str:
        return f"{self.batch}/{self.state}: {self.n:+d}"


class Tally(models.Model):
    """The deltas folded so far."""

    batch = models.BigIntegerField()
    state = models.SmallIntegerField()
    n = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "state"], name="one_tally_per_state")]

    def __str__(self) -> str:
        return f"{self.batch}/{self.state}: {self.n}"


class ErrorDelta(models.Model):
    """±n of one error in a state of trouble, appended in the transaction that moved the message."""

    batch = models.BigIntegerField()
    state = models.SmallIntegerField()
    error = models.CharField(max_length=64, blank=True)
    n = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["batch"], name="error_delta_of_batch")]

    def __str__(self) -> str:
        return f"{self.batch}/{self.state}/{self.error}: {self.n:+d}"


class ErrorTally(models.Model):
    """The error deltas folded so far."""

    batch = models.BigIntegerField()
    state = models.SmallIntegerField()
    error = models.CharField(max_length=64, blank=True)
    n = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "state", "error"], name="one_tally_per_error")
        ]

    def __str__(self) -> str:
        return f"{self.batch}/{self.state}/{self.error}: {self.n}"


class MinuteTally(models.Model):
    """What became of a batch within one minute: taken by the provider (`ACCEPTED`, no error), or in trouble, and why.

    Written where deltas are folded, kept for a day; net of what a later event took back.
    """

    minute = models.DateTimeField()
    provider = models.BigIntegerField()
    batch = models.BigIntegerField()
    state = models.SmallIntegerField()
    error = models.CharField(max_length=64, blank=True)
    n = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["minute", "provider", "batch", "state", "error"], name="one_tally_per_minute"
            )
        ]

    def __str__(self) -> str:
        return f"{self.minute:%H:%M} {self.batch}/{self.state}/{self.error}: {self.n}"
