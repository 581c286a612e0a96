"""Finding a template by its code, and the rules for its parameters."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from providers.errors import Refusal
from providers.models import Provider, Template
from providers.models.template import TemplateSource, TemplateState
from providers.told import Told

# WhatsApp refuses a parameter with a line break, a tab or more than four consecutive blanks.
UNFIT = re.compile(r"[\r\n\t]| {4}")


class TemplateBook:
    """One provider's templates, read once, found by code and language."""

    def __init__(self, provider: Provider) -> None:
        self.provider_name = provider.name
        self.by_code: dict[str, dict[str, Template]] = {}
        for template in Template.objects.filter(provider=provider).order_by("language"):
            self.by_code.setdefault(template.code, {})[template.language] = template

    def find(self, code: str, language: str = "") -> Template:
        """The template, or a Refusal `template_unknown`.

        Without a language, the only one there is; where Wavy's list added others, the only one entered by hand.
        """
        languages = self.by_code.get(code)
        if not languages:
            raise Refusal(
                "template_unknown",
                Told("template_unknown", provider=self.provider_name, code=code),
                status=400,
            )
        if language in languages:
            return languages[language]
        entered = [one for one in languages.values() if one.source == TemplateSource.HAND]
        if not language and len(languages) > 1 and len(entered) == 1:
            return entered[0]
        if language or len(languages) > 1:
            raise Refusal(
                "template_unknown",
                Told("template_languages", code=code, languages=", ".join(languages)),
                status=400,
            )
        return next(iter(languages.values()))

    def known(self, content: Mapping[str, Any]) -> Template | None:
        """The template of what a message holds; None for a free text, and where there is no such template."""
        return self.by_code.get(content.get("code", ""), {}).get(content.get("language", ""))


def sendable(provider_id: int, now: datetime) -> QuerySet[Template]:
    """A provider's templates that may be sent at `now`: approved, or let through although they are not."""
    approved = Q(state=TemplateState.APPROVED, gone_at=None)
    return Template.objects.filter(approved | Q(override_until__gt=now), provider=provider_id)


def require_approved(template: Template, now: datetime | None = None) -> None:
    """Raises Refusal `template_not_approved`, unless somebody lets it through at `now` (this moment by default)."""
    if template.approved or template.overridden(now or timezone.now()):
        return
    if template.gone_at is not None:
        sentence = Told("template_gone", code=template.code, language=template.language)
    else:
        sentence = Told("template_not_approved", code=template.code, state=template.state)
    raise Refusal("template_not_approved", sentence, status=400)


def check_parameters(template: Template, parameters: Sequence[str]) -> None:
    """Raises Refusal `template_parameters` where they are too few, too many, or nothing WhatsApp takes."""
    if len(parameters) != template.parameters:
        raise _unfit(
            Told("parameters", code=template.code, wanted=template.parameters, given=len(parameters))
        )
    for number, value in enumerate(parameters, 1):
        if not value.strip():
            raise _unfit(Told("parameter_empty", number=number))
        if UNFIT.search(value):
            raise _unfit(Told("parameter_unfit", number=number))


def content_of(template: Template, parameters: Sequence[str]) -> dict[str, Any]:
    """What a message of a template holds. `ttl` in days, where the template has one."""
    content = {"code": template.code, "language": template.language, "parameters": list(parameters)}
    return content if template.ttl is None else {**content, "ttl": template.ttl}


def _unfit(sentence: Told) -> Refusal:
    return Refusal("template_parameters", sentence, status=400)
