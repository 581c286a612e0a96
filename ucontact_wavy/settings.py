"""Settings, all from the environment. Importing them starts nothing."""

from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from ucontact_wavy.logs import configure_logs
from ucontact_wavy.navigation import UNFOLD as UNFOLD
from ucontact_wavy.policies import STRICT

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()


def required(name: str, hint: str) -> str:
    """The variable, or an error that says what to do. A missing secret is never a default."""
    value: str = env.str(name, default="")
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. {hint}")
    return value


def addresses(name: str) -> list[str]:
    """Addresses and networks between commas, or an error that says which is neither."""
    written = [part.strip() for part in env.list(name, default=[]) if part.strip()]
    for part in written:
        try:
            ip_network(part, strict=False)
        except ValueError as error:
            raise ImproperlyConfigured(
                f"{name}: {part} is neither an address nor a network such as 192.0.2.0/24."
            ) from error
    return written


VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var"))).resolve()
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = required("SECRET_KEY", "Set it, or run `make run` once: it keeps one in VAR_DIR/secrets.env.")
FIELD_KEYS = [
    key
    for key in required(
        "FIELD_KEYS", "Set one or more Fernet keys, newest first, separated by commas."
    ).split(",")
    if key
]
PORT = env.int("PORT", default=8000)
PUSH_PORT = env.int("PUSH_PORT", default=8001)
# Where pages find the push process. Unset: on the host that a page came from, at PUSH_PORT.
PUSH_URL = env.str("PUSH_URL", default="")
PUBLIC_URL = env.str("PUBLIC_URL", default=f"http://127.0.0.1:{PORT}").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL.startswith("https://") else []
SECURE_COOKIES = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = SECURE_COOKIES
CSRF_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = env.int("SESSION_HOURS", default=12) * 3600  # a shift; then one signs in again
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE_COOKIES else None
# Over https alone: browsers are told so for a year, and what comes without is sent there. Callbacks and probes
# are taken as they come: one that is redirected would be lost.
SECURE_SSL_REDIRECT = env.bool("SSL_REDIRECT", default=SECURE_COOKIES)
SECURE_REDIRECT_EXEMPT = [r"^Integra/", r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=365 * 24 * 3600 if SECURE_COOKIES else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_SUBDOMAINS", default=True)
# Browsers' preload lists are for the owner of the domain to ask for, and take months to leave.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {"DIRECTIVES": STRICT}

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django_htmx",
    "django_filters",
    "axes",
    "csp",
    "auditlog",
    "rest_framework",
    "accounts",  # its drf_create_token comes before the framework's
    "rest_framework.authtoken",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "providers",
    "campaigns",
    "dialers",
    "sessions.apps.ChatSessionsConfig",
    "ucontact_wavy.apps.HouseConfig",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "ucontact_wavy.headers.HeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.PersonalLanguageMiddleware",
    "accounts.middleware.OwnPasswordMiddleware",
    "ucontact_wavy.acting.ActingMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "ucontact_wavy.urls"
WSGI_APPLICATION = "ucontact_wavy.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

EMBEDDED_HINT = "Start through `manage.py` or `make run` for the embedded server, or set it."
DATABASE = environ.Env.db_url_config(required("DATABASE_URL", EMBEDDED_HINT))
DATABASES: dict[str, Any] = {
    "default": {
        **DATABASE,
        "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=60),
        "CONN_HEALTH_CHECKS": True,
        # What is prepared is prepared by name (callbacks alone); Django itself prepares nothing.
        "OPTIONS": {"connect_timeout": 5, "prepare_threshold": 5, **DATABASE.get("OPTIONS", {})},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = required("REDIS_URL", EMBEDDED_HINT)

AUTH_USER_MODEL = "accounts.User"
PASSWORD_LENGTH = env.int("PASSWORD_LENGTH", default=10)
VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": f"{VALIDATION}.UserAttributeSimilarityValidator"},
    {"NAME": f"{VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": PASSWORD_LENGTH}},
    {"NAME": f"{VALIDATION}.CommonPasswordValidator"},
    {"NAME": f"{VALIDATION}.NumericPasswordValidator"},
]
AUTHENTICATION_BACKENDS = ["ucontact_wavy.door.Backend", "django.contrib.auth.backends.ModelBackend"]
# Wrong passwords: by username and address, and by address alone, where a whole call centre may sit behind one.
AXES_HANDLER = "ucontact_wavy.door.Handler"
AXES_CLIENT_IP_CALLABLE = "ucontact_wavy.door.client_address"
AXES_LOCKOUT_CALLABLE = "ucontact_wavy.door.locked_out"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = env.int("SIGN_IN_FAILURES", default=8)
AXES_ADDRESS_FAILURE_LIMIT = env.int("SIGN_IN_FAILURES_OF_AN_ADDRESS", default=200)
AXES_COOLOFF_TIME = timedelta(minutes=env.int("SIGN_IN_MINUTES", default=15))
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
# Who did what: our own entry, with the fields' own values and the names of what they point to.
AUDITLOG_LOGENTRY_MODEL = "accounts.Entry"
MIGRATION_MODULES = {"auditlog": None}  # its own table would stay empty
AUDITLOG_STORE_JSON_CHANGES = True
AUDITLOG_USE_FK_STRING_REPRESENTATION = True
AUDITLOG_USE_BASE_MANAGER = True
AUDITLOG_DISABLE_ON_RAW_SAVE = True

LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "start"
LOGOUT_REDIRECT_URL = "login"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish")), ("pt-br", _("Brazilian Portuguese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
# Off, so that no id in an address or attribute is ever written with one; counts on pages use intcomma.
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "static"
WHITENOISE_USE_FINDERS = True
MEDIA_ROOT = VAR_DIR / "media"
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600
STORAGES: dict[str, Any] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "customers_media": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
}
# Customers' files go to a bucket instead where one is named; its keys come from the usual AWS_ variables.
if MEDIA_S3_BUCKET := env.str("MEDIA_S3_BUCKET", default=""):
    STORAGES["customers_media"] = {
        "BACKEND": "providers.media_s3.Bucket",
        "OPTIONS": {
            "bucket_name": MEDIA_S3_BUCKET,
            "endpoint_url": env.str("MEDIA_S3_ENDPOINT_URL", default="") or None,
            "region_name": env.str("MEDIA_S3_REGION", default="") or None,
            "location": env.str("MEDIA_S3_PREFIX", default=""),
            "file_overwrite": True,
            "default_acl": None,
        },
    }

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["ucontact_wavy.api.parsing.NestedJsonParser"],
    "DEFAULT_PAGINATION_CLASS": "ucontact_wavy.api.pagination.NewestFirst",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "ucontact_wavy.api.problems.handle",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    # A link inside the button of each operation would be no use to a reader by keyboard.
    "SWAGGER_UI_SETTINGS": {"deepLinking": False},
    "TITLE": "uContact-Wavy",
    "DESCRIPTION": "Providers, campaigns, dialers, bases, messages and interactions.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "TemplateState": "providers.models.template.TemplateState",
        "BaseState": "dialers.models.BaseState",
        "SessionState": "sessions.models.SessionState",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "ucontact_wavy.api.schema.describe_problems",
    ],
}


def celery_url(url: str) -> str:
    """Kombu's spelling of a Redis URL: a socket is `redis+socket://`, its database `virtual_host`."""
    if url.startswith("unix://"):
        return url.replace("unix://", "redis+socket://", 1).replace("db=", "virtual_host=")
    return url


CELERY_BROKER_URL = celery_url(env.str("CELERY_BROKER_URL", default=REDIS_URL))
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 5, "socket_connect_timeout": 2}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SERIALIZER = "json"
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_ROUTES = {
    "dialers.*": {"queue": "bases"},
    "providers.drain_*": {"queue": "callbacks"},
    "sessions.route": {"queue": "callbacks"},
    "providers.send_replies": {"queue": "replies"},
    "providers.fetch_media": {"queue": "media"},
    "providers.sync_templates": {"queue": "keeping"},
    "ucontact_wavy.keep": {"queue": "keeping"},
    "ucontact_wavy.erase": {"queue": "keeping"},
    "ucontact_wavy.watch": {"queue": "alerts"},
    "ucontact_wavy.tell": {"queue": "alerts"},
}
CELERY_BEAT_SCHEDULE = {
    "dialers.tick": {"task": "dialers.tick", "schedule": 1.0, "options": {"expires": 5}},
    "providers.sweep": {"task": "providers.sweep", "schedule": 5.0, "options": {"expires": 10}},
    "providers.sweep_statuses": {
        "task": "providers.sweep_statuses",
        "schedule": 600.0,
        "options": {"expires": 60},
    },
    "providers.drain_statuses": {
        "task": "providers.drain_statuses",
        "schedule": 5.0,
        "options": {"expires": 10},
    },
    "providers.drain_messages": {
        "task": "providers.drain_messages",
        "schedule": 5.0,
        "options": {"expires": 10},
    },
    "providers.send_replies": {
        "task": "providers.send_replies",
        "schedule": 5.0,
        "options": {"expires": 10},
    },
    "providers.fetch_media": {
        "task": "providers.fetch_media",
        "schedule": 5.0,
        "options": {"expires": 10},
    },
    "sessions.route": {"task": "sessions.route", "schedule": 5.0, "options": {"expires": 10}},
    "sessions.assign": {"task": "sessions.assign", "schedule": 2.0, "options": {"expires": 5}},
    "sessions.take_back": {"task": "sessions.take_back", "schedule": 1.0, "options": {"expires": 5}},
    "sessions.when_due": {"task": "sessions.when_due", "schedule": 5.0, "options": {"expires": 10}},
    "sessions.relieve_queues": {
        "task": "sessions.relieve_queues",
        "schedule": 5.0,
        "options": {"expires": 10},
    },
    "ucontact_wavy.keep": {"task": "ucontact_wavy.keep", "schedule": 60.0, "options": {"expires": 60}},
    "ucontact_wavy.watch": {"task": "ucontact_wavy.watch", "schedule": 15.0, "options": {"expires": 15}},
    "ucontact_wavy.tell": {"task": "ucontact_wavy.tell", "schedule": 15.0, "options": {"expires": 15}},
    "ucontact_wavy.heartbeat": {
        "task": "ucontact_wavy.heartbeat",
        "schedule": 5.0,
        "options": {"expires": 10},
    },
}
# Minutes between two readings of Wavy's templates; 0 = only when somebody asks for it.
if TEMPLATES_SYNC_MINUTES := env.int("TEMPLATES_SYNC_MINUTES", default=60):
    CELERY_BEAT_SCHEDULE["providers.sync_templates"] = {
        "task": "providers.sync_templates",
        "schedule": TEMPLATES_SYNC_MINUTES * 60.0,
        "options": {"expires": 600},
    }

# The wire. Upward flow is rows: providers stores what came in and wakes the task named here.
WAVY_API_URL = env.str("WAVY_API_URL", default="https://api-messaging.wavy.global").rstrip("/")
WAVY_TEMPLATES_URL = env.str("WAVY_TEMPLATES_URL", default="https://apigw.wavy.global").rstrip("/")
WAVY_OPEN_CALLBACKS = env.bool("WAVY_OPEN_CALLBACKS", default=False)
WAVY_CALLBACK_ADDRESSES = addresses("WAVY_CALLBACK_ADDRESSES")
# Whose X-Forwarded-For is believed. Nobody's by default: anybody can send one.
TRUSTED_PROXIES = addresses("TRUSTED_PROXIES")
INCOMING_TASK = "sessions.route"
REPLY_HOURS = env.int("REPLY_HOURS", default=72)
SUBMITTING_LEASE_SECONDS = env.int("SUBMITTING_LEASE_SECONDS", default=90)
# An agent whose desk was not heard from for longer is given nothing.
PRESENCE_SECONDS = env.int("PRESENCE_SECONDS", default=60)
# So long after that, what was offered to such an agent goes back to the queue.
GIVE_BACK_SECONDS = env.int("GIVE_BACK_SECONDS", default=60)
CALLBACK_BODY_LIMIT = 10 * 1024 * 1024

# Customers' files. Megabytes by the kind of message, seconds for one attempt.
MEDIA_MEGABYTES = {
    kind: env.int(f"MEDIA_{kind.upper()}_MB", default=most)
    for kind, most in (("image", 5), ("sticker", 5), ("audio", 16), ("video", 16), ("document", 100))
}
MEDIA_SECONDS = env.int("MEDIA_SECONDS", default=90)
# `host` or `host:port` inside the own network that files may come from; public networks that none may come from.
MEDIA_PRIVATE_HOSTS = env.list("MEDIA_PRIVATE_HOSTS", default=[])
MEDIA_FORBIDDEN_NETWORKS = [ip_network(text) for text in env.list("MEDIA_FORBIDDEN_NETWORKS", default=[])]
# Pictures of ours up to so many kilobytes go inside the request; what is larger is fetched by the provider, at an
# address that opens that one file for so many hours. From a bucket nothing is read while answers wait in their lane.
MEDIA_INLINE_KB = env.int("MEDIA_INLINE_KB", default=0 if MEDIA_S3_BUCKET else 256)
MEDIA_LINK_HOURS = env.int("MEDIA_LINK_HOURS", default=24)
# Hosts besides the provider's own API that may be shown the account's user name and password, over https.
MEDIA_ACCOUNT_HOSTS = env.list("MEDIA_ACCOUNT_HOSTS", default=[])

# Alerts. Mail goes nowhere until EMAIL_URL says where, such as smtp+tls://user:password@mail.example.com:587.
globals().update(environ.Env.email_url_config(env.str("EMAIL_URL", default="") or "dummymail://"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="uContact-Wavy <ucontact-wavy@localhost>")
# `host` or `host:port` inside the own network that the webhook may lead to.
ALERT_PRIVATE_HOSTS = env.list("ALERT_PRIVATE_HOSTS", default=[])

LOGGING_CONFIG = None
configure_logs(env.str("LOG_LEVEL", default="INFO"))
