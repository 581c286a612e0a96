"""Reading pages as a person does: a signed-in client, the words of a page, the fields of a form."""

import html
import re
from typing import Any

from django.test import Client

from accounts.models import User


def signed_in(user: User) -> Client:
    """A browser in which somebody has signed in."""
    client = Client()
    client.force_login(user)
    return client


def words(response: Any) -> str:
    """The text of a page, without tags and scripts, blanks folded."""
    page = re.sub(r"(?s)<(script|style)\b.*?</\1>", " ", response.content.decode())
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def labels(response: Any) -> list[str]:
    """The words beside the fields of a page, in order."""
    found = re.findall(r"(?s)<label[^>]*>(.*?)</label>", response.content.decode())
    return [html.unescape(re.sub(r"<[^>]+>", "", text)).strip().rstrip("*").strip() for text in found]


def filled(response: Any, **changes: Any) -> dict[str, Any]:
    """What the form of an admin page would send, after some fields were filled in; None leaves one out."""
    form = response.context["adminform"].form
    data = {bound.html_name: bound.value() for bound in form}
    for inline in response.context["inline_admin_formsets"]:
        formset = inline.formset
        for bound in (*formset.management_form, *(field for row in formset.forms for field in row)):
            data[bound.html_name] = bound.value()
    data |= changes
    sent = {name: value for name, value in data.items() if value is not None and value is not False}
    return {name: "on" if value is True else value for name, value in sent.items()}
