"""The sending rules: one page, never a list."""

from django.contrib import admin

from providers.models import SendingRules
from providers.pages import OnePage
from providers.registry_forms import SendingRulesForm
from providers.rules import current


@admin.register(SendingRules)
class SendingRulesAdmin(OnePage):
    """There from the first day, with the defaults; supervisors change it."""

    form = SendingRulesForm
    fields = ["messages_per_day", "time_zone", "stop_words", "stop_confirmation"]

    def the_row(self) -> SendingRules:
        return current()
