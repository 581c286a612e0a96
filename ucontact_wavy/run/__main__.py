"""`python -m ucontact_wavy.run`: the whole installation in the foreground."""

import os
import signal
import sys
from collections.abc import MutableMapping
from pathlib import Path
from urllib.parse import urlsplit

from ucontact_wavy import secret_file
from ucontact_wavy.boot import BASE_DIR, fill, var_dir_of
from ucontact_wavy.embedded import EmbeddedError, EmbeddedServers
from ucontact_wavy.embedded.layout import make_var_dir
from ucontact_wavy.run.catalogs import compile_catalogs
from ucontact_wavy.run.claim import claim, end_leftovers, ports
from ucontact_wavy.run.console import Console
from ucontact_wavy.run.errors import RunError
from ucontact_wavy.run.leash import die_with_parent
from ucontact_wavy.run.plan import PREPARE, programs
from ucontact_wavy.run.supervisor import ServerWatch, Stop, Supervisor, prepare, raise_stop
from ucontact_wavy.secret_file import MissingSecretError

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def set_environment(environ: MutableMapping[str, str], var_dir: Path, taken: dict[str, int]) -> None:
    """What every child gets. A variable that is already set wins: another imitation of Wavy, say."""
    environ["VAR_DIR"] = str(var_dir)
    own_wavy = f"http://127.0.0.1:{taken['SIMULATOR_PORT']}"
    fill(environ, {name: str(port) for name, port in taken.items()})
    fill(environ, {"WAVY_API_URL": own_wavy, "WAVY_TEMPLATES_URL": own_wavy})
    wavy = urlsplit(environ["WAVY_API_URL"])
    if wavy.hostname in LOOPBACK:  # an imitation on this machine, which serves customers' files as well
        fill(environ, {"MEDIA_PRIVATE_HOSTS": wavy.netloc})
    fill(environ, secret_file.create(var_dir, environ))


def run(environ: MutableMapping[str, str], console: Console) -> None:
    """Everything from the claim on VAR_DIR to the last process stopped. Raises what `main` reports."""
    var_dir = make_var_dir(var_dir_of(environ))
    claim(var_dir)
    end_leftovers(var_dir)
    taken = ports(environ)
    set_environment(environ, var_dir, taken)
    servers = EmbeddedServers(
        var_dir,
        postgres=not environ.get("DATABASE_URL"),
        redis=not environ.get("REDIS_URL"),
        say=console.plain,
    )
    supervisor = Supervisor(console, taken)
    watch = ServerWatch(servers, console)
    try:
        fill(environ, servers.enter().environment())
        compile_catalogs(BASE_DIR / "locale")
        (var_dir / "static").mkdir(exist_ok=True)
        supervisor.demo, callbacks = prepare(PREPARE, console)
        watch.start()
        supervisor.run(programs(environ, taken, var_dir, callbacks))
    except Stop:
        console.plain("Stopping")
    finally:
        supervisor.stop()
        if watch.end():
            servers.leave()
        else:
            console.plain("PostgreSQL still recovers and is left running; the next start joins it")


def main() -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, raise_stop)
    if os.environ.get("MAKELEVEL"):
        die_with_parent(signal.SIGTERM)
    os.chdir(BASE_DIR)
    try:
        run(os.environ, Console())
    except (RunError, EmbeddedError, MissingSecretError) as error:
        sys.stderr.write(f"make run: {error}\n")
        return 1
    except Stop:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
