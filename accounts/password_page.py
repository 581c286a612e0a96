"""The page where somebody chooses their own password; who came with a one-time password is led there first."""

from typing import Any, cast

from django import forms
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class FirstPasswordForm(SetPasswordForm):  # type: ignore[type-arg]  # not generic at run time
    """Without the old one, which was typed a moment ago; it may not become the new one."""

    def clean_new_password1(self) -> str:
        password: str = self.cleaned_data["new_password1"]
        if self.user.check_password(password):
            raise ValidationError(_("This is the one-time password. Choose another one."))
        return password


class OwnPassword(PasswordChangeView):
    """Everybody's, whatever their role."""

    template_name = "registration/password.html"
    success_url = reverse_lazy("start")

    def get_form_class(self) -> type[forms.Form]:  # type: ignore[override]  # wider in the stubs
        first = cast("User", self.request.user).must_change_password
        return FirstPasswordForm if first else PasswordChangeForm

    def form_valid(self, form: Any) -> HttpResponse:
        form.user.must_change_password = False
        return super().form_valid(form)
