"""The DIDs of a campaign as they are typed: several, in any spelling, each checked for the campaign that has it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from unfold.widgets import UnfoldAdminTextInputWidget

from campaigns.models import DID, Campaign
from campaigns.services import holders, may_see, taken_sentence
from campaigns.visible import Viewer
from providers.errors import Refusal
from providers.models import Provider
from providers.own_numbers import parse_own


def split_numbers(text: str) -> list[str]:
    """The numbers of a text, separated by commas, semicolons or line breaks."""
    return [part.strip() for part in re.split(r"[,;\n]", text) if part.strip()]


@dataclass(slots=True)
class CheckedNumbers:
    """What was typed: the digits of what can be used, each once, and a sentence for each of the others."""

    digits: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def check_numbers(
    provider: Provider, texts: Sequence[str], besides: Campaign | None, reader: Viewer
) -> CheckedNumbers:
    """Reads the numbers; one that another campaign has at this provider is told, with a link where `reader` sees it."""
    checked = CheckedNumbers()
    for text in texts:
        try:
            checked.digits.append(parse_own(text, provider.api_type))
        except Refusal as refusal:
            checked.problems.append(f"{text}: {refusal}" if len(texts) > 1 else str(refusal))
    checked.digits = list(dict.fromkeys(checked.digits))
    checked.problems += [_taken(did, reader) for did in holders(provider, checked.digits, besides)]
    return checked


def _taken(did: DID, reader: Viewer) -> SafeString:
    sentence = taken_sentence(did, reader)
    if not may_see(did, reader):
        return format_html("{}", sentence)
    url = reverse("admin:campaigns_campaign_change", args=[did.campaign_id])
    link = _("Open “%(campaign)s”") % {"campaign": did.campaign}
    return format_html('{} <a class="text-link" href="{}">{}</a>', sentence, url, link)


class NumbersWidget(UnfoldAdminTextInputWidget):
    """Says beside the numbers how they are read and who has them, and offers the provider's own.

    `campaign` is the id of the campaign that may have them already.
    """

    campaign: int | None = None

    class Media:
        js = ["admin_pages/dids.js"]
        css = {"all": ["admin_pages/forms.css"]}

    def __init__(self) -> None:
        super().__init__({"inputmode": "tel", "autocomplete": "off"})

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        shown = ", ".join(value) if isinstance(value, list) else value
        context = {
            "field": super().render(name, shown, attrs, renderer),
            "name": name,
            "campaign": self.campaign,
        }
        return render_to_string("admin/fields/numbers.html", context)
