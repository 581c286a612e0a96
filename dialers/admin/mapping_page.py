"""Choosing the template and the columns of a base with a header: a form that works without scripts."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from dialers import mapping
from dialers.admin.work import Route, Views, in_place, require
from dialers.column_guess import guess
from dialers.columns import normalised
from dialers.models import Base
from dialers.visible import bases_visible_to
from providers.bubbles import Bubble, bubble_of, plain
from providers.errors import Refusal
from providers.models import Template
from providers.pages import change_url
from providers.templates import sendable


@dataclass(frozen=True, slots=True)
class Choice:
    """One select of the form: its field, its label, the columns to choose from, the one that is chosen."""

    name: str
    label: str
    chosen: str
    none: str


class MappingPage(Views):
    """The form, as a part of the page or as a page of its own."""

    def routes(self) -> list[Route]:
        return [("bases/<int:base_id>/columns/", self.columns, "base_columns")]

    def columns(self, request: HttpRequest, base_id: int) -> HttpResponse:
        """Takes the choice and has the base loaded with it; with `look` only shows what was chosen so far."""
        user = require(request, "view_dialer", "change_base")
        base = get_object_or_404(
            bases_visible_to(request.user).select_related("dialer__provider"), pk=base_id
        )
        if not mapping.may_be_mapped(base):
            said = _("The columns of “%(name)s” cannot be chosen any more.") % {"name": base}
            if in_place(request, base.dialer):
                return self.retargeted(request, base.dialer, refused=said)
            messages.error(request, said)
            return HttpResponseRedirect(change_url(base.dialer))
        if request.method != "POST" or "look" in request.POST:
            return self._form(request, base, _chosen(base, request.POST))
        template = _template(base, request.POST)
        wanted = None if request.POST.get("own_names") else _wanted(base, template, request.POST)
        try:
            mapping.apply_mapping(base, wanted, user)
        except Refusal as refusal:
            return self._form(request, base, (template, wanted), str(refusal))
        said = _("“%(name)s” is being loaded with these columns. Nothing is sent.") % {"name": base}
        if in_place(request, base.dialer):
            return self.retargeted(request, base.dialer, done=said)
        messages.success(request, said)
        return HttpResponseRedirect(change_url(base.dialer))

    def _form(
        self,
        request: HttpRequest,
        base: Base,
        chosen: tuple[Template | None, mapping.Mapping | None],
        refused: str = "",
    ) -> HttpResponse:
        context = {
            **form_context(base, *chosen),
            "refused": refused,
            "in_place": in_place(request, base.dialer),
        }
        if request.headers.get("HX-Request"):
            return render(request, "admin/dialers/mapping.html", context)
        title = _("Columns of %(name)s") % {"name": base}
        return render(
            request,
            "admin/dialers/mapping_page.html",
            {**self.site.each_context(request), **context, "title": title},
        )


def form_context(base: Base, template: Template | None, chosen: mapping.Mapping | None) -> dict[str, Any]:
    """The file's first lines, the templates, a select for each field, and the first message as it would arrive."""
    header, sample = mapping.header_of(base), mapping.sample_of(base)
    chosen = chosen or guess(base.dialer, header, template, sample)
    templates = base.dialer.takes_templates
    parameters = [
        Choice(f"parameter{n}", f"{{{{{n}}}}}", column, _("choose a column"))
        for n, column in enumerate(chosen["parameters"], 1)
    ]
    return {
        "base": base,
        "header": header,
        "sample": sample,
        "takes_templates": templates,
        "templates": _templates(base) if templates else [],
        "template": template,
        "body": template.body if template else "",
        "choices": [
            Choice("destination", _("Number"), chosen["destination"], _("choose a column")),
            *(
                ()
                if templates
                else [Choice("message", _("Message"), chosen.get("message", ""), _("choose a column"))]
            ),
            *parameters,
            Choice("priority", _("Priority"), chosen["priority"] or "", _("none: in the file's order")),
        ],
        "bubble": _bubble(template, chosen, header, sample),
        "to": _cell(chosen["destination"], header, sample),
        "own_names": base.mapping is not None,
    }


def _templates(base: Base) -> list[Template]:
    """The templates of its provider that may be sent; those of the dialer's language first."""
    approved = sendable(base.dialer.provider_id, timezone.now())
    own = base.dialer.language
    return sorted(approved, key=lambda one: (one.language != own, one.code, one.language))


def _template(base: Base, data: QueryDict) -> Template | None:
    key = data.get("template", "")
    known = Template.objects.filter(provider=base.dialer.provider_id)
    return known.filter(pk=key).first() if key.isdecimal() and len(key) < 19 else None


def _chosen(base: Base, data: QueryDict) -> tuple[Template | None, mapping.Mapping | None]:
    """What the form shows: what was chosen in it, else what holds for the base, else a guess."""
    if not base.dialer.takes_templates:
        kept = base.mapping or mapping.remembered(base.dialer, mapping.header_of(base))
        return None, _wanted(base, None, data) if "destination" in data else kept
    if "template" in data:
        template = _template(base, data)
        same = data.get("shown") == data["template"]  # with another template its parameters are guessed anew
        return template, _wanted(base, template, data) if same else None
    before = base.mapping or mapping.remembered(base.dialer, mapping.header_of(base))
    templates = _templates(base)
    if before:
        key = (before["template"], before["language"])
        template = next((one for one in templates if (one.code, one.language) == key), None)
        return (template, mapping.as_mapping({**before})) if template else (None, None)
    return (templates[0] if len(templates) == 1 else None), None


def _wanted(base: Base, template: Template | None, data: QueryDict) -> mapping.Mapping:
    wanted = template.parameters if template else 0
    made: mapping.Mapping = {
        "template": template.code if template else "",
        "language": template.language if template else base.dialer.language,
        "destination": data.get("destination", ""),
        "parameters": [data.get(f"parameter{n}", "") for n in range(1, wanted + 1)],
        "priority": data.get("priority") or None,
    }
    return made if base.dialer.takes_templates else {**made, "message": data.get("message", "")}


def _bubble(
    template: Template | None, chosen: mapping.Mapping, header: list[str], sample: list[list[str]]
) -> Bubble | None:
    """The first line as its customer would read it; what has no column yet stays {{n}}."""
    if "message" in chosen:
        text = _cell(chosen["message"], header, sample)
        return plain(text) if text else None
    if template is None:
        return None
    values = [
        _cell(column, header, sample) or f"{{{{{n}}}}}" for n, column in enumerate(chosen["parameters"], 1)
    ]
    return bubble_of(template, values)


def _cell(column: str, header: list[str], sample: list[list[str]]) -> str:
    first = sample[0] if sample else []
    cells = dict(zip(map(normalised, header), first, strict=False))
    return cells.get(normalised(column), "")
