"""The form of the alert rules: kinds to tick, limits, addresses one a line, a secret that is never shown."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from ucontact_wavy.models import AlertKind, AlertRules

MOST_ADDRESSES = 20


class AlertRulesForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """An empty secret keeps the stored one, as long as there is a webhook."""

    watched = forms.MultipleChoiceField(
        label=_("Watched"),
        choices=AlertKind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "watched"}),
        help_text=_("What is not ticked is never an alert."),
    )
    webhook_secret = forms.CharField(
        label=_("Webhook secret"),
        required=False,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text=_(
            "Signs each request (HMAC-SHA256). Stored encrypted, never shown again; leave it empty to keep it."
        ),
    )

    class Meta:
        model = AlertRules
        fields: ClassVar = [
            "failure_percent",
            "silent_minutes",
            "quarantine_items",
            "set_aside_callbacks",
            "unmatched_statuses",
            "worker_seconds",
            "emails",
            "webhook_url",
            "webhook_secret",
        ]
        widgets: ClassVar = {
            "emails": UnfoldAdminTextareaWidget(attrs={"rows": 3, "placeholder": "name@example.com"}),
            "webhook_url": UnfoldAdminTextInputWidget(attrs={"placeholder": "https://"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stored_secret: str = self.instance.webhook_secret
        self.initial.pop("webhook_secret", None)
        self.initial["watched"] = [kind.value for kind in AlertKind if kind not in self.instance.off]
        if self.stored_secret and "webhook_secret" in self.fields:
            self.fields["webhook_secret"].widget.attrs["placeholder"] = "••••••••"

    def clean_emails(self) -> str:
        lines = [line.strip() for line in self.cleaned_data["emails"].splitlines() if line.strip()]
        for line in lines:
            try:
                validate_email(line)
            except ValidationError as error:
                raise ValidationError(_("“%(line)s” is no e-mail address."), params={"line": line}) from error
        if len(lines) > MOST_ADDRESSES:
            raise ValidationError(_("At most %(n)d addresses."), params={"n": MOST_ADDRESSES})
        return "\n".join(dict.fromkeys(lines))

    def clean_webhook_url(self) -> str:
        url = str(self.cleaned_data["webhook_url"]).strip()
        try:
            parsed = parse_url(url)
        except LocationParseError:
            parsed = None
        if url and (parsed is None or parsed.scheme not in ("http", "https") or not parsed.host):
            raise ValidationError(_("An address that starts with https:// or http://."))
        return url

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        typed = cleaned.get("webhook_secret", "")
        cleaned["webhook_secret"] = (typed or self.stored_secret) if cleaned.get("webhook_url") else ""
        self.instance.off = [kind.value for kind in AlertKind if kind not in cleaned.get("watched", [])]
        return cleaned
