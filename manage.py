#!/usr/bin/env python
"""Django's command line, on the embedded servers unless the environment names others."""

import os
import signal
import sys
from types import FrameType

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from accounts.acting import by_command
from ucontact_wavy.boot import prepared
from ucontact_wavy.embedded import EmbeddedError
from ucontact_wavy.secret_file import MissingSecretError


def leave(number: int, frame: FrameType | None) -> None:
    """End as after Ctrl-C, so that the servers are given back."""
    sys.exit(128 + number)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ucontact_wavy.settings")
    signal.signal(signal.SIGTERM, leave)
    try:
        with prepared(sys.argv[1:]), by_command(" ".join(sys.argv[1:2])):
            execute_from_command_line(sys.argv)
    except (EmbeddedError, MissingSecretError, ImproperlyConfigured) as error:
        sys.exit(f"manage.py: {error}")


if __name__ == "__main__":
    main()
