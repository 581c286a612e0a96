"""The WSGI application as `make run` serves it: a server process that loses its parent goes with it."""

from ucontact_wavy.run.leash import die_with_parent
from ucontact_wavy.wsgi import application as application

die_with_parent()
