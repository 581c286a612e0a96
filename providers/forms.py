"""The forms of the providers' pages: provider, connection test, template, do-not-call."""

import json
from typing import Any, ClassVar

from cryptography.fernet import InvalidToken
from django import forms
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from providers.drivers import DRIVERS
from providers.errors import Refusal
from providers.fields import cipher
from providers.models import DoNotCall, Provider, Template
from providers.models.template import BUTTONS
from providers.numbers import parse_destination
from providers.widgets import PatternWidget

KEPT_SECONDS = 3600


def seal(password: str) -> str:
    """A typed password, encrypted, to travel through a form that has to be corrected first."""
    return cipher(tuple(settings.FIELD_KEYS)).encrypt(password.encode()).decode()


def unseal(sealed: str) -> str:
    """What `seal` took within the last hour; "" for anything else."""
    try:
        return cipher(tuple(settings.FIELD_KEYS)).decrypt(sealed.encode(), ttl=KEPT_SECONDS).decode()
    except InvalidToken:
        return ""


def differences() -> dict[str, Any]:
    """What the form of each API type has less, and says otherwise: {type: {without: [field], help: {field: text}}}."""
    return {
        key: {
            "without": [] if driver.templates else ["sms_from"],
            "help": {
                "number": str(
                    _("The short code or number that Wavy gave you for SMS.")
                    if driver.segmented
                    else _("The approved number, as shown in Wavy under WhatsApp → Account.")
                ),
                "recipients_per_request": str(
                    _("How many SMS share one request, up to 1,000, whatever they say; 0 = as many as that.")
                    if driver.mixed
                    else _(
                        "How many people of the same content share one request, up to 1,000; 0 = as many as that."
                    )
                ),
            },
        }
        for key, driver in DRIVERS.items()
    }


class PasswordWithTest(UnfoldAdminPasswordWidget):
    """A password that is never rendered, with *Test connection* beside it."""

    test_url = ""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        field = super().render(name, None, {**(attrs or {}), "autocomplete": "new-password"}, renderer)
        return render_to_string(
            "admin/providers/password_with_test.html", {"field": field, "test_url": self.test_url}
        )


class ProviderForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """An empty password keeps the stored one; a typed one survives the correction of another field."""

    password = forms.CharField(label=_("Password"), required=False, widget=PasswordWithTest(), strip=False)
    sealed_password = forms.CharField(label="", required=False, widget=forms.HiddenInput())

    class Meta:
        model = Provider
        fields: ClassVar = [
            "api_type",
            "name",
            "number",
            "username",
            "password",
            "sms_regexp",
            "sms_from",
            "default",
            "messages_per_second",
            "daily_limit",
            "recipients_per_request",
        ]
        widgets: ClassVar = {"sms_regexp": PatternWidget()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "api_type" in self.fields:  # absent for somebody who only looks
            self.fields["api_type"].widget.attrs["data-types"] = json.dumps(differences())
        self.stored_password = self.instance.password if self.instance.pk else ""
        self.initial.pop("password", None)
        field = self.fields["password"]
        url = reverse("admin:providers_provider_test_connection")
        field.widget.test_url = f"{url}?provider={self.instance.pk}" if self.instance.pk else url
        if self.instance.pk:
            field.help_text = _("Stored encrypted, never shown again. Leave it empty to keep it.")
            field.widget.attrs["placeholder"] = "••••••••"
        else:
            field.help_text = _("Given to you by Wavy. Stored encrypted, never shown again.")

    def clean_password(self) -> str:
        sealed = self.data.get(self.add_prefix("sealed_password"), "")
        password: str = self.cleaned_data["password"] or unseal(sealed) or self.stored_password
        if not password:
            raise forms.ValidationError(_("Enter the password that Wavy gave you."), code="required")
        return password

    def clean_sms_from(self) -> str:
        """A type without templates has no namespace; what was typed for another type is dropped."""
        driver = DRIVERS.get(self.cleaned_data.get("api_type", ""))
        return str(self.cleaned_data["sms_from"]) if driver is None or driver.templates else ""

    def full_clean(self) -> None:
        super().full_clean()
        typed = self.data.get(self.add_prefix("password")) if self.is_bound else ""
        if self.is_bound and self.errors and typed:
            self.data = {**self.data.dict(), self.add_prefix("sealed_password"): seal(typed)}  # type: ignore[attr-defined]  # a QueryDict
        if self.is_bound and self.errors and self.data.get(self.add_prefix("sealed_password")):
            self.fields["password"].widget.attrs["placeholder"] = "••••••••"
            self["password"].help_text = _("What you typed is kept. Type again to replace it.")


def provider_to_test(data: Any, stored: Provider | None) -> Provider:
    """An unsaved provider out of what is typed in the form; an empty password is the stored one."""
    typed = data.get("password") or unseal(data.get("sealed_password", ""))
    username = data.get("username", "").strip()
    if stored and not typed and username == stored.username:
        return stored
    return Provider(
        api_type=data.get("api_type") or Provider._meta.get_field("api_type").default,
        number="".join(filter(str.isdigit, data.get("number", ""))),
        username=username,
        password=typed or (stored.password if stored else ""),
        sms_from=data.get("sms_from", ""),
    )


class TemplateForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """The parameters are counted, not typed; the buttons stand one on each line."""

    button_lines = forms.CharField(
        label=_("Buttons"),
        required=False,
        widget=UnfoldAdminTextareaWidget({"rows": 3}),
        help_text=_("Their texts, one on each line. They are only shown: Wavy puts them there."),
    )

    class Meta:
        model = Template
        fields: ClassVar = ["provider", "code", "language", "header", "body", "footer", "state", "ttl"]
        widgets: ClassVar = {
            "body": UnfoldAdminTextareaWidget({"rows": 4}),
            "header": UnfoldAdminTextInputWidget(),
            "footer": UnfoldAdminTextInputWidget(),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "provider" in self.fields:  # absent for somebody who only looks
            knowing = [key for key, driver in DRIVERS.items() if driver.templates]
            self.fields["provider"].queryset = Provider.objects.filter(api_type__in=knowing)  # type: ignore[attr-defined]  # a ModelChoiceField
        if "button_lines" in self.fields:
            self.initial["button_lines"] = "\n".join(map(str, self.instance.buttons))

    def clean_button_lines(self) -> str:
        lines = [line.strip() for line in self.cleaned_data["button_lines"].splitlines() if line.strip()]
        if len(lines) > BUTTONS:
            raise forms.ValidationError(
                _("A template has at most %(n)d buttons."), code="too_many_buttons", params={"n": BUTTONS}
            )
        self.instance.buttons = lines
        return "\n".join(lines)

    def clean_header(self) -> str:
        header = str(self.cleaned_data["header"])
        self.instance.header_type = "text" if header else ""
        return header


class DoNotCallForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A number in any spelling; entering it twice is harmless."""

    class Meta:
        model = DoNotCall
        fields: ClassVar = ["number", "provider", "source", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "number" not in self.fields:  # an entry is looked at, never changed
            return
        self.fields["number"].widget = UnfoldAdminTextInputWidget({"inputmode": "tel", "autocomplete": "off"})
        self.fields["number"].help_text = _("With its country code, in any spelling: +598 99 123 456.")
        self.fields["provider"].help_text = _("Empty = at all providers.")

    def clean_number(self) -> str:
        try:
            return parse_destination(self.cleaned_data["number"])
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal), code=refusal.code) from refusal

    def _get_validation_exclusions(self) -> set[str]:
        return {*super()._get_validation_exclusions(), "source"}  # type: ignore[misc]  # private: twice is harmless
