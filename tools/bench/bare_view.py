"""The baseline of taking callbacks in: a Django view that does one INSERT, and nothing else around it.

No middleware, no check of the connection, one address, raw SQL: no Django view that stores its request costs less.
"""

import os

import environ
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

STORE = "INSERT INTO bench_bare (body, received_at) VALUES (%s, %s)"


@csrf_exempt
def take_in(request: HttpRequest) -> HttpResponse:
    """Stores the body, answers."""
    with connection.cursor() as cursor:
        cursor.execute(STORE, [request.body, timezone.now()])
    return HttpResponse(b"{}", content_type="application/json", headers={"Content-Length": "2"})


urlpatterns = [path("bare", take_in)]

if not settings.configured:
    settings.configure(
        ROOT_URLCONF=__name__,
        SECRET_KEY="bare",  # noqa: S106 - nothing is signed
        ALLOWED_HOSTS=["127.0.0.1"],
        USE_TZ=True,
        LOGGING_CONFIG=None,
        DATABASES={
            "default": {**environ.Env.db_url_config(os.environ["DATABASE_URL"]), "CONN_MAX_AGE": 60},
        },
    )

application = get_wsgi_application()
