"""The interactions app, under a label that does not collide with Django's own sessions."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChatSessionsConfig(AppConfig):
    name = "sessions"
    label = "chat_sessions"
    verbose_name = _("Interactions")
