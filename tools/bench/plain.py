"""The second baseline, for comparison only: one Celery task, one ORM save, one `requests.post` a row.

It runs on the installation's own broker and database, as a module for `celery --app` and, started with a number
of rows, as what publishes them.
"""

import os
import sys
import uuid

import django
import requests
from celery import Celery
from django.db import connection, models

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ucontact_wavy.settings")
django.setup()

QUEUE = "plain"
SEND = "plain.send"
WAVY = os.environ.get("WAVY_API_URL", "")

app = Celery("plain")
app.config_from_object("django.conf:settings", namespace="CELERY")


class PlainMessage(models.Model):
    """A message as such a product would keep it."""

    correlation_id = models.UUIDField(unique=True)
    destination = models.CharField(max_length=32)
    parameters = models.JSONField()
    state = models.CharField(max_length=16)
    provider_message_id = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "plain"

    def __str__(self) -> str:
        return self.destination


@app.task(name=SEND)
def send(destination: str, parameters: list[str]) -> None:
    """Sends one row and saves what became of it."""
    message = PlainMessage(correlation_id=uuid.uuid4(), destination=destination, parameters=parameters)
    hsm = {
        "namespace": "whatsapp:hsm:demo:wavy", "elementName": "chatclub_open_session_v2", "languageCode": "en",
        "languagePolicy": "DETERMINISTIC", "parameters": parameters,
    }  # fmt: skip
    to = {"destination": destination, "correlationId": str(message.correlation_id)}
    answer = requests.post(
        f"{WAVY}/v1/whatsapp/send",
        json={"destinations": [to], "message": {"hsm": hsm}},
        headers={"UserName": "demo", "AuthenticationToken": "demo-token"},
        timeout=30,
    )
    answer.raise_for_status()
    message.state = "accepted"
    message.provider_message_id = answer.json()["destinations"][0]["id"]
    message.save()


def make_table() -> None:
    """The table of PlainMessage, where it is not there yet."""
    if PlainMessage._meta.db_table not in connection.introspection.table_names():
        with connection.schema_editor() as editor:
            editor.create_model(PlainMessage)


def publish(first: int, rows: int) -> None:
    """One task a row, as a view or a loop over a file would."""
    for n in range(rows):
        send.apply_async((str(first + n), ["Integra", f"Operation {n} performed"]), queue=QUEUE)


if __name__ == "__main__":
    make_table()
    publish(int(sys.argv[1]), int(sys.argv[2]))
