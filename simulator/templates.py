"""The templates that this account has, as section 5 of the wire lists them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from simulator.wire import BadRequestError, Json

NAMESPACE = "whatsapp:hsm:demo:wavy"
STATES = ("approved", "in_analysis", "disapproved", "error")
_PLACEHOLDER = re.compile(r"\{\{(\d+)\}\}")


def placeholders(text: str) -> int:
    """How many parameters a text takes: the highest number between double braces."""
    return max((int(found) for found in _PLACEHOLDER.findall(text)), default=0)


def render(text: str, parameters: list[str]) -> str:
    """The text with its parameters; one that is missing stays as it is written."""

    def fill(found: re.Match[str]) -> str:
        position = int(found.group(1)) - 1
        return parameters[position] if 0 <= position < len(parameters) else found.group(0)

    return _PLACEHOLDER.sub(fill, text)


def _entry(
    number: int, name: str, texts: dict[str, str], status: str | dict[str, str] = "approved", **around: Any
) -> Json:
    """`status` for all languages, or one for each; `around`: header, footer and buttons."""
    header, footer, buttons = around.get("header", ""), around.get("footer", ""), around.get("buttons", [])
    messages = [
        {
            "language": language,
            "status": status if isinstance(status, str) else status.get(language, "in_analysis"),
            "text": text,
            "placeholders": [f"data{position}" for position in range(1, placeholders(text) + 1)],
            "header_type": "text" if header else "none", "header": header, "footer": footer,
            "buttons_type": "quick_reply" if buttons else None,
            **({"buttons": [{"text": button} for button in buttons]} if buttons else {}),
        }
        for language, text in texts.items()
    ]  # fmt: skip
    return {
        "element_name": name, "namespace": NAMESPACE, "id": f"{number:08d}",
        "template_type": "header_footer" if header or footer else "body_only",
        "languages": list(texts), "messages": messages,
    }  # fmt: skip


def _first_ones() -> list[Json]:
    reports = "{{1}} reports:\n{{2}}"
    reminder = {
        "en": "Your appointment is coming up on {{1}} at {{2}}",
        "es": "Su turno es {{1}} a las {{2}}",
        "pt_BR": "Sua consulta é {{1}} às {{2}}",
    }
    confirmed = "Hola {{1}}, su turno del {{2}} a las {{3}} está confirmado. ¡Le esperamos!"
    welcome = "Olá! Responda esta mensagem para falar com um de nossos agentes."
    offer = "Only today: {{1}} for half the price!"
    return [
        _entry(1, "chatclub_open_session_v2", {"es": reports, "en": reports}),
        _entry(2, "appointment_reminder", reminder),
        _entry(3, "turno_confirmado", {"es": confirmed}),
        _entry(4, "boas_vindas", {"pt_BR": welcome}),
        _entry(
            5, "payment_received", {"en": "Hello {{1}}, we have received your payment of *{{2}}*. Thank you!"}
        ),
        _entry(6, "last_call_offer", {"en": offer}, "disapproved"),
        _entry(7, "delivery_on_its_way", {"en": "Your order {{1}} is on its way."}, "in_analysis"),
        _entry(
            8,
            "confirm_visit",
            {"en": "Hello *{{1}}*, we visit you on _{{2}}_.", "es": "Hola *{{1}}*, le visitamos el _{{2}}_."},
            {"en": "approved", "es": "in_analysis"},
            header="Your visit",
            footer="Answer STOP to get no more messages",
            buttons=["Confirm", "Another day"],
        ),
    ]


class Templates:
    """The account's templates by name."""

    def __init__(self) -> None:
        self.entries: dict[str, Json] = {}
        self.clear()

    def clear(self) -> None:
        self.entries = {entry["element_name"]: entry for entry in _first_ones()}

    def add(self, name: str, texts: dict[str, str], status: Any, **around: Any) -> Json:
        """Adds or replaces a template; raises `BadRequestError` when a part of it cannot be."""
        if not name or not texts or not all(isinstance(text, str) for text in texts.values()):
            raise BadRequestError(
                'A template needs "element_name" and "texts", an object of language and text.'
            )
        told = status.values() if isinstance(status, dict) else [status]
        if not all(one in STATES for one in told):
            raise BadRequestError(f"status must be one of: {', '.join(STATES)}.")
        entry = _entry(len(self.entries) + 1, name, texts, status, **around)
        self.entries[name] = entry
        return entry

    def remove(self, name: str) -> None:
        """Takes a template away, or all of them where no name is given."""
        if not name:
            self.entries.clear()
        elif self.entries.pop(name, None) is None:
            raise BadRequestError(f"There is no template {name!r}.", 404)

    def page(self, number: int, size: int, spelling: str = "listed") -> list[Json]:
        found = list(self.entries.values())[(number - 1) * size : number * size]
        return list(_spelt(found, spelling))

    def language(self, name: str, code: str) -> Json | None:
        """One language of a template; the exact code, else the same tongue, else None."""
        entry = self.entries.get(name)
        if entry is None:
            return None
        messages: list[Json] = entry["messages"]
        if not code:
            return messages[0]
        wanted = code.lower()
        for message in messages:
            if message["language"].lower() == wanted:
                return message
        for message in messages:
            if message["language"].lower().partition("_")[0] == wanted.partition("_")[0]:
                return message
        return None

    def rendered(self, hsm: Json) -> str:
        """What the customer reads; the code and its parameters, line by line, when the template is unknown."""
        name, parameters = str(hsm.get("elementName", "")), hsm.get("parameters", [])
        found = self.language(name, str(hsm.get("languageCode", "")))
        if found is None and name in self.entries:
            found = self.entries[name]["messages"][0]
        if found is None:
            return "\n".join([name, *parameters])
        return render(found["text"], parameters)


def _spelt(entries: list[Json], spelling: str) -> Iterator[Json]:
    """The entries with their languages as they were entered, or in capitals: EN, PT_BR."""
    if spelling == "listed":
        yield from entries
        return
    for entry in entries:
        messages = [{**message, "language": message["language"].upper()} for message in entry["messages"]]
        yield {**entry, "languages": [one["language"] for one in messages], "messages": messages}
