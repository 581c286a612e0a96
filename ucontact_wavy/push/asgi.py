"""The push process's entry point; what it needs comes from the environment, as the settings read it."""

import os
import resource

from ucontact_wavy.logs import configure_logs
from ucontact_wavy.push.app import Push


def required(name: str) -> str:
    """The variable; without it nothing can be pushed."""
    value = os.environ.get(name, "")
    if not value:
        raise SystemExit(f"{name} is not set. The push process needs the one that the web process has.")
    return value


def allow_many_files() -> None:
    """Each stream is a file to the kernel: as many as it lets us have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


configure_logs(os.environ.get("LOG_LEVEL") or "INFO")
allow_many_files()
own_url = f"http://127.0.0.1:{os.environ.get('PORT') or 8000}"
application = Push(
    required("REDIS_URL"), required("SECRET_KEY"), (os.environ.get("PUBLIC_URL") or own_url).rstrip("/")
)
