"""Templates: the HSM codes with their state, read from Wavy or by hand, previewed as the customer reads them."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.labels import label, moment
from providers import template_override
from providers.admin.labels import TEMPLATE_COLOURS
from providers.admin.template_pages import TemplatePages, may_change, sync_lines
from providers.bubbles import Bubble, bubble_of
from providers.filters import FewChoices
from providers.forms import TemplateForm
from providers.models import Template
from providers.models.template import TemplateSource, TemplateState

WAVYS_OWN = ("provider", "code", "language", "header", "body", "footer", "button_lines", "state")
MOST_SAMPLES = 20


def samples(template: Template | None, given: list[str]) -> list[str]:
    """One sample for each parameter: those that were given, then made-up ones."""
    count = min(template.parameters, MOST_SAMPLES) if template else 0
    made_up = [_now("data%(n)d") % {"n": number} for number in range(1, count + 1)]
    return [value or made_up[index] for index, value in enumerate(given[:count])] + made_up[len(given) :]


class HoldingFilter(admin.SimpleListFilter):
    """What may be sent, what may not, and what somebody lets through."""

    title = _("May be sent")
    parameter_name = "may"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("yes", _("yes")),
            ("no", _("no")),
            ("let", _("although not approved")),
            ("gone", _("gone at Wavy")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Template]) -> QuerySet[Template]:
        approved = Q(state=TemplateState.APPROVED, gone_at=None)
        let = ~approved & Q(override_until__gt=timezone.now())
        wanted = {
            "yes": approved | let,
            "no": ~(approved | let),
            "let": let,
            "gone": Q(gone_at__isnull=False),
        }
        found = wanted.get(self.value() or "")
        return queryset.filter(found) if found is not None else queryset


@admin.register(Template)
class TemplateAdmin(TemplatePages):
    """One row for each language of each code at each provider."""

    empty_text = _("No template yet. Read them from Wavy, or enter those that Wavy has approved.")
    form = TemplateForm
    list_display = [
        "code",
        "provider",
        "language",
        "beginning",
        "parameter_count",
        "state_label",
        "listed",
    ]
    list_filter = ["state", HoldingFilter, ("provider", FewChoices), "language", "source"]
    list_select_related = ["provider"]
    search_fields = ["code", "body"]
    search_help_text = _("A code, or words of the text.")
    ordering = ["code", "language"]
    fields = [*WAVYS_OWN, "ttl"]
    list_before_template: Any = "admin/providers/templates_head.html"
    change_form_outer_before_template: Any = "admin/providers/template_state.html"
    change_form_outer_after_template: Any = "admin/providers/template_preview.html"

    class Media:
        js = ["whatsapp/text.js", "admin_pages/template_preview.js"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """In the order of the bubble; what Wavy told of it besides, where it is in Wavy's list."""
        return [*WAVYS_OWN, "ttl", "namespace", "synced_at"] if obj and obj.synced_at else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Of what Wavy lists, Wavy's word holds."""
        return [*WAVYS_OWN, "namespace", "synced_at"] if obj and obj.synced_at else []

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        context: dict[str, Any] = {"syncs": sync_lines(), "may_sync": may_change(request)}
        return super().changelist_view(request, {**(extra_context or {}), **context})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        template = self.get_object(request, object_id) if object_id else None
        values = samples(template, request.GET.getlist("sample"))
        names = [str(name) for name in template.parameter_names] if template else []
        names += [""] * (len(values) - len(names))
        context = {
            "preview": {
                "template": template,
                "samples": list(zip(range(1, len(values) + 1), values, names, strict=False)),
                "bubble": bubble_of(template, values) if template else Bubble(SafeString("")),
            },
            "held": template is not None and not template.approved,
            "let_through": template is not None and template.overridden(timezone.now()),
            "overrides": template_override.history(template) if template else [],
            "may_override": may_change(request),
        }
        return super().changeform_view(request, object_id, form_url, {**(extra_context or {}), **context})

    @admin.display(description=_("Body"))
    def beginning(self, template: Template) -> SafeString:
        return format_html('<span class="clip">{}</span>', Truncator(template.body).chars(60))

    @admin.display(description=_("Parameters"), ordering="parameters")
    def parameter_count(self, template: Template) -> SafeString:
        return format_html('<span class="number">{}</span>', template.parameters)

    @admin.display(description=_("State"), ordering="state")
    def state_label(self, template: Template) -> SafeString:
        word = label(TEMPLATE_COLOURS.get(template.state, "grey"), template.get_state_display())
        if template.gone_at:
            word = format_html("{} {}", word, label("red", _("gone at Wavy")))
        if not template.approved and template.overridden(timezone.now()):
            until = date_format(timezone.localtime(template.override_until), "SHORT_DATETIME_FORMAT")
            word = format_html("{} {}", word, label("amber", _now("sent until %(until)s") % {"until": until}))
        return word

    @admin.display(description=_("Listed by Wavy"), ordering="synced_at")
    def listed(self, template: Template) -> SafeString | str:
        if template.synced_at:
            return moment(template.synced_at)
        return str(TemplateSource(template.source).label)

    @admin.display(description=_("Buttons"), empty_value="–")
    def button_lines(self, template: Template) -> str | None:
        return ", ".join(map(str, template.buttons)) or None
