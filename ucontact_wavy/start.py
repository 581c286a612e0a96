"""The start: everybody to where their work is, and signing in."""

from typing import Any

from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from accounts.acts import Act
from accounts.audit import record
from accounts.models import User
from accounts.roles import Role, role_word


def start(request: HttpRequest) -> HttpResponse:
    """Supervisors and operators to the start page of the admin, agents to the desk, strangers to the sign-in page.

    Who has no role reads what to ask for.
    """
    user = request.user
    if not isinstance(user, User):
        return redirect("login")
    if user.is_operator and user.is_staff:
        return redirect("admin:index")
    if user.is_agent:
        return redirect("desk:home")
    return render(request, "home/no_role.html", {"roles": [role_word(role) for role in Role]})


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
