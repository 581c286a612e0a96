"""The WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

from ucontact_wavy.callback_handler import beside
from ucontact_wavy.collector import leave_what_stays_alone

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ucontact_wavy.settings")

application = beside(get_wsgi_application())
leave_what_stays_alone()
