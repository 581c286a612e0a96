"""The start page: everybody to where their work is."""

from typing import Any

from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from accounts.models import User


def start(request: HttpRequest) -> HttpResponse:
    """Supervisors and operators to the configuration, agents to the desk, strangers to the sign-in page."""
    if not isinstance(request.user, User):
        return redirect("login")
    return redirect("admin:index" if request.user.is_operator else "desk:home")


class SignIn(LoginView):
    """The one sign-in page. Who is signed in already and was sent here may not open that page, and reads so."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.redirect_authenticated_user = self.redirect_field_name not in request.GET
        return super().dispatch(request, *args, **kwargs)
