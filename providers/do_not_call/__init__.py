"""The do-not-call registry: entered, uploaded, looked up, fed by opt-outs, removed with a reason."""

from providers.do_not_call.entries import REASON_LENGTH, OptOut, add, change, opt_out
from providers.do_not_call.lookup import search
from providers.do_not_call.removal import remove, remove_many

__all__ = ["REASON_LENGTH", "OptOut", "add", "change", "opt_out", "remove", "remove_many", "search"]
