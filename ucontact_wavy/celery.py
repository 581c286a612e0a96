"""The Celery application: queues by purpose, so that no kind of work starves another."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_process_init

from ucontact_wavy.collector import leave_what_stays_alone

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ucontact_wavy.settings")

app = Celery("ucontact_wavy")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["consumer"].add("ucontact_wavy.alerts.workers:SignOfLife")


@worker_process_init.connect
def begin(**_kwargs: Any) -> None:
    leave_what_stays_alone()
