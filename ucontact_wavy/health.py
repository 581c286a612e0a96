"""Whether the process is up, and whether the whole is ready for work."""

from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import RedisError

from providers.wake import redis
from ucontact_wavy.tasks import HEARD_KEY


@never_cache
@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """200 while this process answers; asks nobody else."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(_request: HttpRequest) -> HttpResponse:
    """200 where the database and Redis answer and a worker was heard from within 30 seconds; else 503.

    The JSON names each: {"ready": bool, "database": bool, "redis": bool, "worker": bool}.
    """
    redis_answers, worker_heard = _redis()
    parts = {"database": _database(), "redis": redis_answers, "worker": worker_heard}
    ready = all(parts.values())
    response = JsonResponse({"ready": ready, **parts}, status=200 if ready else 503)
    response._has_been_logged = True  # type: ignore[attr-defined]  # Django's mark: while starting, 503 is no error
    return response


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError):
        return False
    return True


def _redis() -> tuple[bool, bool]:
    try:
        return True, bool(redis.exists(HEARD_KEY))
    except RedisError:
        return False, False
