"""Settings, URLs, Celery, the embedded servers and the start page of uContact-Wavy."""

from ucontact_wavy.celery import app as celery_app

__all__ = ["celery_app"]
