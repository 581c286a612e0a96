"""The Celery application: queues by purpose, so that no kind of work starves another."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ucontact_wavy.settings")

app = Celery("ucontact_wavy")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
