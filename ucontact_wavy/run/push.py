"""The push application as `make run` serves it: a server process that loses its parent goes with it."""

from ucontact_wavy.push.asgi import application as application
from ucontact_wavy.run.leash import die_with_parent

die_with_parent()
