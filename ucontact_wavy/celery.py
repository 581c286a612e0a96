"""The Celery application: queues by purpose, so that no kind of work starves another."""

import gc
import os
from typing import Any

from celery import Celery
from celery.signals import worker_process_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ucontact_wavy.settings")

app = Celery("ucontact_wavy")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def leave_what_stays_alone(**_kwargs: Any) -> None:
    """What was imported never becomes garbage: looking through it again and again took a third of a sender's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)
