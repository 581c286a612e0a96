"""The house's own pages in the admin."""

from ucontact_wavy.admin.alerts import AlertAdmin, AlertRulesAdmin
from ucontact_wavy.admin.entries import SeenEntryAdmin
from ucontact_wavy.admin.ledger import LedgerAdmin

__all__ = ["AlertAdmin", "AlertRulesAdmin", "LedgerAdmin", "SeenEntryAdmin"]
