"""Brings the database up to date and loads the demo; prints what the supervisor needs to know, as JSON."""

import json
import os
import sys
from io import StringIO
from pathlib import Path

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def output_of(command: str, **options: object) -> str:
    """What a management command prints."""
    stream = StringIO()
    call_command(command, stdout=stream, **options)
    return stream.getvalue().strip()


def migrate() -> None:
    """Apply the migrations, if any waits."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        sys.stderr.write("Migrating the database\n")
        call_command("migrate", interactive=False, verbosity=0)


def demo_logins(path: Path) -> str:
    """Load the demo into an empty database. Its logins are kept, to be shown at each later start too."""
    printed = output_of("demo", if_empty=True)
    if printed:
        path.touch(mode=0o600)
        path.write_text(f"{printed}\n")
    return path.read_text().rstrip() if path.exists() else ""


def main() -> None:
    """Standard output is for the supervisor alone: the callback addresses carry tokens."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ucontact_wavy.settings")
    django.setup()
    output_of("check")
    migrate()
    demo = demo_logins(Path(settings.VAR_DIR) / "demo-logins.txt")
    callbacks = json.loads(output_of("demo", callback_urls=True) or "{}")
    sys.stdout.write(json.dumps({"demo": demo, "callbacks": callbacks}))


if __name__ == "__main__":
    try:
        main()
    except (CommandError, ImproperlyConfigured) as error:
        sys.exit(str(error))
