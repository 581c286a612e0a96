"""Why agents may pause: the reasons that their menu offers, in its order."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from providers.pages import Page
from sessions.models import PauseReason


@admin.register(PauseReason)
class PauseReasonAdmin(Page):
    """What was used is switched off rather than deleted, so that a pause that goes on keeps its reason."""

    empty_text = _("No pause reason yet. Without one, agents pause without saying why.")
    fields = ["name", "position", "enabled"]
    search_fields = ["name"]
    list_display = ["name", "position", "enabled"]
    ordering = ["position", "id"]
