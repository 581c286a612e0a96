"""The field that dispositions are edited with: a tree of names, kept as JSON until the campaign is saved."""

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import flatatt
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from campaigns.dispositions import Tree, check, completed, read, tree_of
from campaigns.models import Campaign
from campaigns.models.answers import DEEPEST


class TreeWidget(forms.Textarea):
    """Adds, renames, moves, switches off and deletes by buttons and keys; shows what is wrong beside its name."""

    class Media:
        js = ["admin_pages/tree.js"]
        css = {"all": ["admin_pages/forms.css"]}

    def __init__(self) -> None:
        super().__init__()
        self.wrong: dict[str, str] = {}

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        own = {**(attrs or {}), "name": name, "data-value": True, "hidden": True}
        context = {
            "attributes": flatatt(own),
            "value": value or "",
            "wrong": json.dumps(self.wrong),
            "deepest": DEEPEST,
        }
        return render_to_string("admin/fields/tree.html", context)


class TreeField(forms.JSONField):
    """A whole tree. `campaign` is whose it is; set it before the form is checked."""

    widget = TreeWidget
    campaign: Campaign

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Dispositions"))
        super().__init__(required=False, **kwargs)

    def to_python(self, value: Any) -> Any:
        if value in (None, ""):
            return tree_of(self.campaign)
        return completed(self.campaign, read(super().to_python(value)))

    def validate(self, value: Any) -> None:
        """Raises ValidationError where a name will not do; the widget says it beside that name."""
        wrong = check(self.campaign, value)
        self.widget.wrong = wrong
        if wrong:
            own = wrong.get("")
            raise ValidationError(own or _("Correct what is marked in red."))

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Tree):
            return json.dumps({"nodes": [node.data() for node in value.nodes], "removed": []})
        return value

    def bound_data(self, data: Any, initial: Any) -> Any:
        return data

    def has_changed(self, initial: Any, data: Any) -> bool:
        if data in (None, ""):
            return False
        try:
            tree = read(json.loads(data))
        except (ValidationError, ValueError):
            return True
        before = [node.data() for node in tree_of(self.campaign).nodes]
        return bool(tree.removed) or [node.data() for node in tree.nodes] != before
