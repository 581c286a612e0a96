"""Which rows of the wire are watched: whoever changes one is written down. Those that come by the thousand are not."""

from accounts.audit import watch
from providers.models.keeping import KeepingRules
from providers.models.provider import Provider
from providers.models.rules import SendingRules
from providers.models.template import Template
from providers.models.template_sync import TemplateOverride

watch(
    Provider,
    without=["suspended_at", "suspended_reason", "counts_people", "last_callback_at"],
    secret=["password", "url"],  # an address may hold a user name and a password
)
watch(Template, without=["synced_at"])
watch(TemplateOverride)
watch(SendingRules)
watch(KeepingRules)
WATCHED = (Provider, Template, TemplateOverride, SendingRules, KeepingRules)
