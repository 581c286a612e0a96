"""The do-not-call registry: entered, uploaded, looked up, fed by opt-outs, removed with a reason."""

from providers.do_not_call.entries import OptOut, add, change, opt_out
from providers.do_not_call.lookup import search
from providers.do_not_call.removal import remove, remove_many
from providers.do_not_call.upload import Terms, add_many

__all__ = ["OptOut", "Terms", "add", "add_many", "change", "opt_out", "remove", "remove_many", "search"]
