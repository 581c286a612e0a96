"""The three roles, and how a migration gives them their permissions."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Role(StrEnum):
    """A Django group's name."""

    SUPERVISORS = "Supervisors"
    OPERATORS = "Operators"
    AGENTS = "Agents"


WORDS: Mapping[str, Promise] = {
    Role.SUPERVISORS: _("Supervisors"),
    Role.OPERATORS: _("Operators"),
    Role.AGENTS: _("Agents"),
}


def role_word(name: str) -> str:
    """A group's name in the reader's language; as it is where the group is none of the roles."""
    return str(WORDS.get(name, name))


def grant(apps: Any, app_label: str, wanted: Mapping[Role, Sequence[str]]) -> None:
    """Gives each role permissions on the models of one app, inside a migration.

    A permission is `action_model`, such as `view_dialer`. Django makes permissions only after the last
    migration, so the missing ones are made here.
    """
    group_model = apps.get_model("auth", "Group")
    permission_model = apps.get_model("auth", "Permission")
    type_model = apps.get_model("contenttypes", "ContentType")
    for role, codenames in wanted.items():
        group, _created = group_model.objects.get_or_create(name=role.value)
        for codename in codenames:
            model = codename.rsplit("_", 1)[1]
            content_type, _created = type_model.objects.get_or_create(app_label=app_label, model=model)
            permission, _created = permission_model.objects.get_or_create(
                content_type=content_type,
                codename=codename,
                defaults={"name": "Can " + codename.replace("_", " ")},
            )
            group.permissions.add(permission)
