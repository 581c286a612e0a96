"""Alerts: what is wrong, since when, told once and its end once. `open_alerts` is what pages read."""

from ucontact_wavy.alerts.reading import OpenAlert, how_many, may_see, open_alerts

__all__ = ["OpenAlert", "how_many", "may_see", "open_alerts"]
