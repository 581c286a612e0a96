"""One line of *who did what*: an act, its object, its doer, before and after. Never changed, never with a secret."""

from typing import Any, ClassVar

from auditlog.models import AbstractLogEntry, LogEntryManager
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.acting import Doer, doer
from accounts.acts import Act, Via

BY_ACTION = {
    AbstractLogEntry.Action.CREATE: Act.CREATED,
    AbstractLogEntry.Action.UPDATE: Act.CHANGED,
    AbstractLogEntry.Action.DELETE: Act.DELETED,
}
NOT_SHOWN = "•••"  # stands for a secret, whatever its length
MANY = "n"  # the key of a count that grows while one act goes on in several transactions


def not_shown(_secret: str) -> str:
    """What stands for a secret."""
    return NOT_SHOWN


class EntryManager(LogEntryManager):  # type: ignore[misc]  # auditlog has no annotations
    """Writes entries with their doer; what one request does to one object is one entry."""

    def create(self, **fields: Any) -> "Entry":
        one = doer()
        fields = self.signed(fields, one)
        folded = self._folded(one, fields["act"], fields)
        if folded is not None:
            return folded
        entry: Entry = super().create(**fields)
        one.written[_key(fields)] = entry.pk
        return entry

    @staticmethod
    def signed(fields: dict[str, Any], one: Doer) -> dict[str, Any]:
        """The fields of an entry with whose doing it is; `by` names the person where the caller knows better."""
        user = fields.get("by") or one.user
        given = {name: value for name, value in fields.items() if value is not None and name != "by"}
        return {
            "actor": user,
            "actor_name": user.get_username() if user else one.name,
            "via": one.via,
            "remote_addr": one.address,
            **given,
            "act": _act_of(fields),
            "cid": one.cid,
        }

    def _folded(self, one: Doer, act: str, fields: dict[str, Any]) -> "Entry | None":
        """The entry of the same request and object with this added to it; None where there is none yet.

        A deletion stands by itself, and so does a second act.
        """
        written = one.written.get(_key(fields))
        earlier = self.filter(pk=written).first() if written else None
        if earlier is None or act == Act.DELETED:
            return None
        general = (Act.CHANGED, Act.ROLES, Act.PASSWORD)
        if earlier.act != act and not (act in general and earlier.act in (*general, Act.CREATED)):
            return None
        earlier.changes = merged(earlier.changes or {}, fields.get("changes") or {})
        if earlier.act == Act.CHANGED:
            earlier.act = act
        self.filter(pk=earlier.pk).update(changes=earlier.changes, act=earlier.act)
        found: Entry = earlier
        return found

    def log_m2m_changes(
        self, changed_queryset: Any, instance: models.Model, operation: str, field_name: str, **_more: Any
    ) -> None:
        """A change of a many-to-many field, from either of its sides, as the lists of before and after."""
        forward = any(one.name == field_name for one in instance._meta.many_to_many)
        targets = [instance] if forward else list(changed_queryset)
        for target in targets:
            after = {str(one) for one in getattr(target, field_name).all()}
            moved = {str(one) for one in changed_queryset} if forward else {str(instance)}
            before = after - moved if operation == "add" else after | moved
            if before == after:
                continue
            changes = {field_name: [sorted(before), sorted(after)]}
            act = (
                Act.ROLES
                if field_name == "groups" and target._meta.label == settings.AUTH_USER_MODEL
                else None
            )
            self.log_create(target, action=AbstractLogEntry.Action.UPDATE, changes=changes, act=act)


def _act_of(fields: dict[str, Any]) -> Act:
    act = fields.get("act") or BY_ACTION.get(fields.get("action"), Act.CHANGED)
    only_password = act == Act.CHANGED and (fields.get("changes") or {}).keys() == {"password"}
    return Act.PASSWORD if only_password else Act(act)


def _key(fields: dict[str, Any]) -> tuple[int, str]:
    return fields["content_type"].pk, str(fields["object_pk"])


def merged(first: dict[str, Any], then: dict[str, Any]) -> dict[str, Any]:
    """Two changes of one object as one: the earlier before, the later after; what is as it was is left out."""
    whole = dict(first)
    for name, (before, after) in then.items():
        if name == MANY:
            whole[name] = [0, whole.get(name, [0, 0])[1] + after]
            continue
        whole[name] = [whole[name][0] if name in whole else before, after]
        if whole[name][0] == after != NOT_SHOWN:
            del whole[name]
    return whole


class Entry(AbstractLogEntry):  # type: ignore[misc]  # auditlog has no annotations
    """auditlog's entry with its act, how it came about, and the doer's name, which outlives the account.

    `changes`: {field or word: [before, after]}. A million of them are read by these indexes alone.
    """

    content_type = models.ForeignKey(
        ContentType, on_delete=models.CASCADE, related_name="+", db_index=False, verbose_name=_("what")
    )
    object_pk = models.CharField(max_length=255)
    object_id = models.BigIntegerField(null=True, blank=True)
    object_repr = models.TextField(_("object"))
    action = models.PositiveSmallIntegerField(choices=AbstractLogEntry.Action.choices)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("who"),
    )
    cid = models.CharField(max_length=255, null=True, blank=True)  # noqa: DJ001 - auditlog's own
    act = models.CharField(_("act"), max_length=32, choices=Act.choices)
    via = models.CharField(_("how"), max_length=8, choices=Via.choices, default=Via.SYSTEM)
    actor_name = models.CharField(_("who"), max_length=150, blank=True)

    objects: ClassVar[Any] = EntryManager()

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("who did what")
        ordering = ["-pk"]
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["content_type", "object_id", "-id"], name="entries_of_object"),
            models.Index(fields=["actor", "-id"], name="entries_of_person"),
            models.Index(fields=["act", "-id"], name="entries_of_act"),
        ]

    def __str__(self) -> str:
        return f"{self.get_act_display()}: {self.object_repr}"
