"""The comparison for applying statuses: find the message, set its state, save it, an item at a time.

Started with the number of the first message and how many: prints how many seconds they took, as JSON.
"""

import json
import os
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ucontact_wavy.settings")
django.setup()

from providers.drivers.base import BadItem  # noqa: E402 - after the set-up
from providers.drivers.wavy_statuses import read_status  # noqa: E402
from providers.models import Message  # noqa: E402
from providers.states import STAGES, State  # noqa: E402
from tools.bench import inbox  # noqa: E402


def save(item: object) -> None:
    """One item as a view or a task with the ORM would apply it."""
    receipt = read_status(item)
    if isinstance(receipt, BadItem):
        return
    message = Message.objects.get(correlation_id=receipt.correlation_id)
    state = State[receipt.state.upper()]
    message.state = max(message.state, state)
    for stage, at in receipt.times.items():
        name = f"{stage}_at"
        if name in STAGES.values() and (getattr(message, name) is None or at < getattr(message, name)):
            setattr(message, name, at)
    message.raw_code = receipt.raw_code
    message.save()


def main() -> None:
    first, count = int(sys.argv[1]), int(sys.argv[2])
    items = [inbox.item(n, "delivered") for n in range(first, first + count)]
    save(items[0])
    begun = time.perf_counter()
    for item in items:
        save(item)
    sys.stdout.write(json.dumps({"saves": count, "seconds": time.perf_counter() - begun}))


if __name__ == "__main__":
    main()
