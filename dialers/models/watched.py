"""Dialers are watched: whoever changes one is written down. Of bases the acts are written down, not each saving."""

from accounts.audit import watch
from dialers.models.dialer import Dialer

watch(Dialer, without=["mappings"])
WATCHED = (Dialer,)
