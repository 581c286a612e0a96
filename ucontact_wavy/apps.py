"""The house itself as an app: start page, health, commands."""

from django.apps import AppConfig


class HouseConfig(AppConfig):
    name = "ucontact_wavy"
    label = "house"
    verbose_name = "uContact-Wavy"
