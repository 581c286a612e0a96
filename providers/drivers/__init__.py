"""The drivers by their API type: a new provider is one file of its own and one line here."""

from __future__ import annotations

from providers.drivers.base import Driver
from providers.drivers.wavy_whatsapp import WavyWhatsapp

DRIVERS: dict[str, Driver] = {driver.key: driver for driver in (WavyWhatsapp(),)}


def driver_for(key: str) -> Driver:
    """The driver of an API type. KeyError, naming those that exist, for an unknown one."""
    try:
        return DRIVERS[key]
    except KeyError:
        raise KeyError(f"No driver for {key!r}; there are {', '.join(DRIVERS)}.") from None
