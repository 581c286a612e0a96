"""The admin pages of the wire: providers, templates, the ledger, do-not-call, the inbox."""

from providers.admin.contact import ContactAdmin
from providers.admin.inbox import CallbackAdmin, QuarantinedItemAdmin, UnmatchedStatusAdmin
from providers.admin.keeping import ErasureAdmin, KeepingRulesAdmin
from providers.admin.ledger import MessageAdmin
from providers.admin.provider import ProviderAdmin
from providers.admin.registry import DoNotCallAdmin
from providers.admin.registry_history import DoNotCallRemovalAdmin, DoNotCallUploadAdmin
from providers.admin.rules import SendingRulesAdmin
from providers.admin.template import TemplateAdmin

__all__ = [
    "CallbackAdmin",
    "ContactAdmin",
    "DoNotCallAdmin",
    "DoNotCallRemovalAdmin",
    "DoNotCallUploadAdmin",
    "ErasureAdmin",
    "KeepingRulesAdmin",
    "MessageAdmin",
    "ProviderAdmin",
    "QuarantinedItemAdmin",
    "SendingRulesAdmin",
    "TemplateAdmin",
    "UnmatchedStatusAdmin",
]
