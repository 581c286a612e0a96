"""What our own gate says of a message, kept as a name and its values, and told in the language of whoever reads it."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from providers.models.template import TemplateState

KEPT_TEXT = 80  # characters of a value, so that what is kept fits into a message's `error_detail`
Values = Mapping[str, Any]


class Told:
    """A sentence with values: `str()` tells it in the reader's language and zone, `kept` is what is stored.

    `name` is a key of SENTENCES; values are texts, whole numbers, and moments (kept as ISO 8601).
    """

    def __init__(self, name: str, **values: str | int | datetime) -> None:
        self.name = name
        self.values = {
            key: value.isoformat() if isinstance(value, datetime) else value for key, value in values.items()
        }

    @property
    def kept(self) -> str:
        """JSON `{"told": name, …values}`; `told` reads it."""
        return json.dumps(
            {"told": self.name, **{key: _short(value) for key, value in self.values.items()}},
            ensure_ascii=False,
        )

    def __str__(self) -> str:
        return SENTENCES[self.name](self.values)


def told(detail: str) -> str:
    """A kept detail in the reader's language; a sentence as it was written down; "" of what cannot be read."""
    if not detail.startswith('{"told":'):
        return detail
    try:
        values = json.loads(detail)
        return SENTENCES[values["told"]](values)
    except (ValueError, KeyError, TypeError):
        return ""


def _short(value: str | int) -> str | int:
    return value[:KEPT_TEXT] if isinstance(value, str) else value


def _window_ended(values: Values) -> str:
    since = localtime(datetime.fromisoformat(values["since"]))
    return _("The 24-hour session ended on %(since)s, so free text may not leave. Send a template.") % {
        "since": date_format(since, "DATETIME_FORMAT")
    }


def _window_never(values: Values) -> str:
    return _(
        "Free text may leave only within 24 hours of a customer's message, and this one never wrote. "
        "Send a template."
    )


def _do_not_call(values: Values) -> str:
    return _("This number is in the do-not-call registry.")


def _regexp(values: Values) -> str:
    return _("The provider's SMS RegExp does not accept this number.")


def _template_unknown(values: Values) -> str:
    return _("%(provider)s has no template “%(code)s”. Check the code, or add it under Templates.") % values


def _template_languages(values: Values) -> str:
    return _("Template “%(code)s” exists in %(languages)s: choose one of them as the language.") % values


def _template_not_approved(values: Values) -> str:
    return _(
        "Template “%(code)s” is not approved (%(state)s). Wavy approves templates under WhatsApp → HSM."
    ) % {"code": values["code"], "state": TemplateState(values["state"]).label}


def _template_gone(values: Values) -> str:
    return (
        _(
            "Template “%(code)s” (%(language)s) is no longer in Wavy's list. Choose another, or have it approved anew."
        )
        % values
    )


def _parameters(values: Values) -> str:
    return (
        ngettext(
            "Template “%(code)s” takes %(wanted)d parameter, not %(given)d.",
            "Template “%(code)s” takes %(wanted)d parameters, not %(given)d.",
            values["wanted"],
        )
        % values
    )


def _parameter_empty(values: Values) -> str:
    return _("Parameter %(number)d is empty; WhatsApp refuses that.") % values


def _parameter_unfit(values: Values) -> str:
    return (
        _("Parameter %(number)d holds a line break, a tab or four blanks in a row; WhatsApp refuses that.")
        % values
    )


def _too_long(values: Values) -> str:
    most = number_format(values["most"], force_grouping=True)
    return _("The text has %(n)d characters; %(most)s are allowed.") % {"n": values["n"], "most": most}


SENTENCES: dict[str, Callable[[Values], str]] = {
    "window_ended": _window_ended,
    "window_never": _window_never,
    "do_not_call": _do_not_call,
    "regexp": _regexp,
    "template_unknown": _template_unknown,
    "template_languages": _template_languages,
    "template_not_approved": _template_not_approved,
    "template_gone": _template_gone,
    "too_long": _too_long,
    "parameters": _parameters,
    "parameter_empty": _parameter_empty,
    "parameter_unfit": _parameter_unfit,
}
