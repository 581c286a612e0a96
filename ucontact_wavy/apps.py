"""The house itself as an app: start page, health, commands."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HouseConfig(AppConfig):
    name = "ucontact_wavy"
    label = "house"
    verbose_name = _("Alerts")
