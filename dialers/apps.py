"""The dialers app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DialersConfig(AppConfig):
    name = "dialers"
    verbose_name = _("Dialers")
