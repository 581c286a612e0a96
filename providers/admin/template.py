"""Templates: the HSM codes, with a preview as the customer will read them."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.labels import label
from providers.admin.labels import TEMPLATE_COLOURS
from providers.forms import TemplateForm
from providers.models import Template
from providers.pages import Page


def samples(template: Template | None, given: list[str]) -> list[str]:
    """One sample for each parameter: those that were given, then made-up ones."""
    count = template.parameters if template else 0
    made_up = [_now("data%(n)d") % {"n": number} for number in range(1, count + 1)]
    return [value or made_up[index] for index, value in enumerate(given[:count])] + made_up[len(given) :]


@admin.register(Template)
class TemplateAdmin(Page):
    """One row for each language of each code at each provider."""

    empty_text = _("No template yet. Enter those that Wavy has approved, with the same code and text.")
    form = TemplateForm
    list_display = ["code", "provider", "language", "beginning", "parameter_count", "state_label"]
    list_filter = ["state", "provider", "language"]
    list_select_related = ["provider"]
    search_fields = ["code", "body"]
    ordering = ["code", "language"]
    fields = ["provider", "code", "language", "body", "state", "ttl"]
    list_before_template = "admin/providers/where_approved.html"
    change_form_outer_before_template = "admin/providers/where_approved.html"
    change_form_outer_after_template = "admin/providers/template_preview.html"

    class Media:
        js = ["admin_pages/template_preview.js"]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        template = self.get_object(request, object_id) if object_id else None
        values = samples(template, request.GET.getlist("sample"))
        preview = {
            "template": template,
            "samples": list(enumerate(values, 1)),
            "text": template.render(values) if template else "",
        }
        context = {**(extra_context or {}), "preview": preview}
        return super().changeform_view(request, object_id, form_url, context)

    @admin.display(description=_("Body"))
    def beginning(self, template: Template) -> SafeString:
        return format_html('<span class="clip">{}</span>', Truncator(template.body).chars(90))

    @admin.display(description=_("Parameters"), ordering="parameters")
    def parameter_count(self, template: Template) -> SafeString:
        return format_html('<span class="number">{}</span>', template.parameters)

    @admin.display(description=_("State"), ordering="state")
    def state_label(self, template: Template) -> SafeString:
        return label(TEMPLATE_COLOURS.get(template.state, "grey"), template.get_state_display())
