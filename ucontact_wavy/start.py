"""The start page: everybody to where their work is."""

from typing import Any

from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from accounts.acts import Act
from accounts.audit import record
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

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        record(form.get_user(), Act.SIGNED_IN)
        return answer

    def form_invalid(self, form: Any) -> HttpResponse:
        """Whose password was wrong; a name that nobody has is not kept, as it may be a password."""
        answer = super().form_invalid(form)
        name = form.data.get("username", "")
        if name and form.data.get("password") and not form.errors.keys() & {"username", "password"}:
            self._note_failure(User.objects.filter(username=name).first())
        return answer

    def _note_failure(self, person: User | None) -> None:
        if getattr(self.request, "axes_failures_since_start", None) is None:
            return  # locked out before: nothing was tried
        act = Act.LOCKED_OUT if getattr(self.request, "axes_locked_out", False) else Act.SIGN_IN_FAILED
        record(person or User(username=""), act, name="" if person else "?")


class SignOut(LogoutView):
    """Leads back to the sign-in page."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if isinstance(request.user, User):
            record(request.user, Act.SIGNED_OUT)
        return super().post(request, *args, **kwargs)
