"""The door: who tried the wrong password too often, by name and address, waits; and reads until when."""

from datetime import datetime, timedelta
from typing import Any

from axes.backends import AxesStandaloneBackend
from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Max, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from providers.callbacks.addresses import caller


def client_address(request: HttpRequest) -> str | None:
    """Where a request comes from: the address that calls, or the one that a proxy of ours passes on."""
    found = caller(request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_X_FORWARDED_FOR", ""))
    return str(found) if found else None


class Backend(AxesStandaloneBackend):  # type: ignore[misc]  # axes has no annotations
    """Lets nobody in who is locked out. What signs in without a request (a command) is not at the door."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        if request is not None:
            super().authenticate(request, **credentials)


class Handler(AxesDatabaseHandler):  # type: ignore[misc]  # axes has no annotations
    """Counts in the database: by name and address, and, with a limit of its own, by address alone.

    A whole call centre may sit behind one address; the second limit stops who tries many names from one.
    """

    def is_locked(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
        return super().is_locked(request, credentials) or self.address_is_locked(request)

    @staticmethod
    def address_is_locked(request: HttpRequest) -> bool:
        failures = _recent(timezone.now()).filter(ip_address=client_address(request))
        total = failures.aggregate(n=Sum("failures_since_start"))["n"] or 0
        return bool(total >= settings.AXES_ADDRESS_FAILURE_LIMIT)


def _recent(now: datetime) -> QuerySet[AccessAttempt]:
    found: QuerySet[AccessAttempt] = AccessAttempt.objects.filter(
        attempt_time__gte=now - settings.AXES_COOLOFF_TIME
    )
    return found


def open_again_at(address: str | None, username: str, now: datetime) -> datetime:
    """When the next try is looked at: after the latest failure of this name and address, else of the address."""
    here = _recent(now).filter(ip_address=address)
    failures = here.filter(username=username)
    latest = (failures if failures.exists() else here).aggregate(at=Max("attempt_time"))["at"] or now
    opens: datetime = latest + settings.AXES_COOLOFF_TIME
    return opens


def locked_out(
    request: HttpRequest, _response: HttpResponse | None, credentials: dict[str, Any] | None
) -> HttpResponse:
    """The page that says so in plain words: 429, with when to try again."""
    now = timezone.now()
    username = str((credentials or {}).get("username") or request.POST.get("username", ""))
    opens = open_again_at(client_address(request), username, now)
    minutes = max(1, -(-int((opens - now).total_seconds()) // 60))
    page = render(request, "registration/locked.html", {"minutes": minutes}, status=429)
    page["Retry-After"] = str(max(1, int((opens - now).total_seconds())))
    return page


def forget_old_failures(now: datetime, kept: timedelta = timedelta(days=1)) -> int:
    """Deletes what is long without effect; returns how many rows."""
    gone: int = AccessAttempt.objects.filter(attempt_time__lt=now - kept).delete()[0]
    return gone


def forget_ended_sessions(now: datetime, most: int = 1000) -> int:
    """Deletes sessions that are over, `most` at a time; returns how many."""
    over = Session.objects.filter(expire_date__lt=now).values_list("pk", flat=True)[:most]
    return Session.objects.filter(pk__in=list(over)).delete()[0]
