"""The drivers by their API type: a new provider is one file of its own and one line here."""

from __future__ import annotations

from providers.drivers.base import Driver
from providers.drivers.wavy_sms import WavySms
from providers.drivers.wavy_whatsapp import WavyWhatsapp

_ALL: tuple[Driver, ...] = (WavyWhatsapp(), WavySms())
DRIVERS: dict[str, Driver] = {driver.key: driver for driver in _ALL}


def driver_for(key: str) -> Driver:
    """The driver of an API type. KeyError, naming those that exist, for an unknown one."""
    try:
        return DRIVERS[key]
    except KeyError:
        raise KeyError(f"No driver for {key!r}; there are {', '.join(DRIVERS)}.") from None
