"""The rows of the wire: providers, templates, contacts, the ledger and its media, tallies, callbacks, do-not-call."""

from providers.models.callback import Callback, QuarantinedItem, RefusedCallbacks, UnmatchedStatus
from providers.models.contact import Contact
from providers.models.do_not_call import DoNotCall, DoNotCallRemoval, DoNotCallUpload
from providers.models.keeping import Erasure, KeepingRules, Pruned
from providers.models.media import Media, MediaState
from providers.models.message import Direction, Message
from providers.models.number_apart import NumberApart
from providers.models.provider import CallbackToken, Provider
from providers.models.reach import Reach
from providers.models.rules import SendingRules
from providers.models.tally import ErrorDelta, ErrorTally, MinuteTally, Tally, TallyDelta
from providers.models.template import Template
from providers.models.template_sync import TemplateOverride, TemplateSync
from providers.models.watched import WATCHED as WATCHED

__all__ = [
    "Callback",
    "CallbackToken",
    "Contact",
    "Direction",
    "DoNotCall",
    "DoNotCallRemoval",
    "DoNotCallUpload",
    "Erasure",
    "ErrorDelta",
    "ErrorTally",
    "KeepingRules",
    "Media",
    "MediaState",
    "Message",
    "MinuteTally",
    "NumberApart",
    "Provider",
    "Pruned",
    "QuarantinedItem",
    "Reach",
    "RefusedCallbacks",
    "SendingRules",
    "Tally",
    "TallyDelta",
    "Template",
    "TemplateOverride",
    "TemplateSync",
    "UnmatchedStatus",
]
