"""The states of a message, in order, and which moves are legal.

An event only ever raises the state and only ever makes a stage's time earlier; late and repeated ones do no
harm. The one exception is `SUBMITTING` back to `QUEUED`, where a message certainly did not leave.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.IntegerChoices):
    """The number is the rank."""

    QUEUED = 10, _("queued")
    SUBMITTING = 20, _("leaving")
    UNCERTAIN = 30, _("unconfirmed")
    ACCEPTED = 40, _("taken by Wavy")
    REFUSED = 50, _("turned away by Wavy")
    SENT = 60, _("sent")
    EXPIRED = 70, _("expired")
    FAILED = 80, _("not delivered")
    DELIVERED = 90, _("delivered")
    READ = 100, _("read")
    RECEIVED = 200, _("received")

    @property
    def key(self) -> str:
        """The name that the API shows."""
        return self.name.lower()


STAGES = {
    State.UNCERTAIN: "uncertain_at",
    State.ACCEPTED: "accepted_at",
    State.REFUSED: "refused_at",
    State.SENT: "sent_at",
    State.EXPIRED: "expired_at",
    State.FAILED: "failed_at",
    State.DELIVERED: "delivered_at",
    State.READ: "read_at",
}
OPEN = (State.QUEUED, State.SUBMITTING)
TROUBLE = (State.UNCERTAIN, State.REFUSED, State.EXPIRED, State.FAILED)
# Whatever Wavy said to have.
TAKEN = (State.ACCEPTED, State.SENT, State.EXPIRED, State.FAILED, State.DELIVERED, State.READ)
OUTGOING = tuple(state for state in State if state is not State.RECEIVED)

# Two counts that a tally keeps beside the message states: what a layer above knows of its rows by itself,
# and how many were answered.
PENDING = 1
SKIPPED = 2
REPLIED = 3
TALLY_KEYS = {
    PENDING: "pending",
    **{int(state): state.key for state in OUTGOING},
    SKIPPED: "skipped",
    REPLIED: "replied",
}
