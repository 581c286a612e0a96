"""What an erasure counts, in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: dict[str, str | Promise] = {
    "contacts": _("contacts"),
    "messages": _("messages"),
    "media": _("media"),
    "interactions": _("interactions"),
    "closed": _("interactions closed"),
    "notes": _("colleagues' notes"),
    "rows": _("rows of bases"),
    "lines": _("lines of error reports"),
    "callbacks": _("stored callbacks"),
    "files": _("uploaded files"),
    "removals": _("removed do-not-call entries"),
}
