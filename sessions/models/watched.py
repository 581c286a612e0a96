"""Which rows of interactions are watched: whoever changes one is written down."""

from accounts.audit import watch
from sessions.models.presence import PauseReason

WATCHED = (PauseReason,)
watch(PauseReason)
