"""The WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

from ucontact_wavy.callback_handler import beside

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ucontact_wavy.settings")

application = beside(get_wsgi_application())
