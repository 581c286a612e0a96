"""The user, with a language and a time zone; teams, which give no right; the entries of who did what."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, ClassVar
from zoneinfo import available_timezones

from django.contrib.auth.models import AbstractUser, Group, GroupManager
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.audit import watch
from accounts.entry import Entry
from accounts.roles import Role

__all__ = ["Entry", "Team", "User", "validate_time_zone"]


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
    must_change_password = models.BooleanField(
        _("must choose a password"),
        default=False,
        help_text=_("At the next sign-in, before anything else."),
    )
    # How often every sign-in of this person was ended at once; what was signed before is not valid any more.
    sign_ins_ended = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def get_session_auth_hash(self) -> str:
        """What a session is signed with: another one once the password changed or all sign-ins were ended."""
        return self._since_the_end(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        yield from map(self._since_the_end, super().get_session_auth_fallback_hash())

    def _since_the_end(self, signed: str) -> str:
        if not self.sign_ins_ended:
            return signed
        whole = f"{signed}{self.sign_ins_ended}"
        return salted_hmac("accounts.User.sign_ins_ended", whole, algorithm="sha256").hexdigest()

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


class TeamManager(GroupManager):
    """Groups that are no role and give no right."""

    use_in_migrations = False

    def get_queryset(self) -> Any:
        return super().get_queryset().exclude(name__in=list(Role)).filter(permissions=None)


class Team(Group):
    """People for whom a campaign is meant: a Django group without permissions."""

    objects: ClassVar[Any] = TeamManager()

    class Meta:
        proxy = True
        verbose_name = _("team")
        verbose_name_plural = _("teams")


watch(Team)
