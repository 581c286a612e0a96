"""The user: Django's own, with a language and a time zone; and the entries of who did what."""

from functools import cached_property
from zoneinfo import available_timezones

from django.contrib.auth.models import AbstractUser, Group
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.audit import watch
from accounts.entry import Entry
from accounts.roles import Role

__all__ = ["Entry", "User", "validate_time_zone"]


def validate_time_zone(name: str) -> None:
    """Raises ValidationError where the IANA database has no such zone."""
    if name not in available_timezones():
        raise ValidationError(
            _("“%(name)s” is no time zone. Use a name such as America/Montevideo."), params={"name": name}
        )


class User(AbstractUser):
    """Somebody who signs in; what they may do comes from their groups."""

    language = models.CharField(
        _("language"),
        max_length=8,
        blank=True,
        choices=[("en", _("English")), ("es", _("Spanish")), ("pt-br", _("Brazilian Portuguese"))],
        help_text=_("Empty follows the browser."),
    )
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="UTC", validators=[validate_time_zone]
    )

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    @cached_property
    def roles(self) -> frozenset[str]:
        """The names of the groups this person is in."""
        return frozenset(self.groups.values_list("name", flat=True))

    @property
    def is_supervisor(self) -> bool:
        return self.is_superuser or Role.SUPERVISORS in self.roles

    @property
    def is_operator(self) -> bool:
        return self.is_supervisor or Role.OPERATORS in self.roles

    @property
    def is_agent(self) -> bool:
        return self.is_supervisor or Role.AGENTS in self.roles


watch(User, without=["last_login", "date_joined"], secret=["password"], many=["groups", "user_permissions"])
watch(Group, many=["permissions"])
