"""The start page: everybody to where their work is."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.models import User


def start(request: HttpRequest) -> HttpResponse:
    """Supervisors and operators to the configuration, agents to the desk, strangers to the sign-in page."""
    if not isinstance(request.user, User):
        return redirect("login")
    return redirect("admin:index" if request.user.is_operator else "desk:home")
