"""Writing down who did what: which models are watched, and acts that are no saving of a model."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from auditlog.registry import auditlog
from django.contrib.contenttypes.models import ContentType
from django.db import models

from accounts.acting import doer
from accounts.acts import Act
from accounts.entry import MANY, Entry

Changes = Mapping[str, tuple[Any, Any]]


def watch(
    model: type[models.Model],
    without: Collection[str] = (),
    secret: Collection[str] = (),
    many: Collection[str] = (),
) -> None:
    """Every saving and deleting of the model's objects leaves an entry, with what changed.

    `without`: fields that nobody configures; `secret`: fields of which only is said that they changed; `many`: its
    many-to-many fields. Rows that come by the thousand are not to be watched.
    """
    left_out = {*without, str(model._meta.pk.name if model._meta.pk else ""), "created_at"}
    auditlog.register(
        model,
        include_fields=[one.name for one in model._meta.concrete_fields if one.name not in left_out],
        mask_fields=list(secret),
        mask_callable="accounts.entry.not_shown",
        m2m_fields=set(many),
    )


def record(
    obj: models.Model,
    act: Act,
    changes: Changes | None = None,
    user: models.Model | None = None,
    name: str = "",
) -> None:
    """One act on an object, inside the transaction of the act.

    `changes`: (before, after) by field; `user` where the caller knows better than the request; `name` instead of
    the object's own, which must not hold a customer's number.
    """
    Entry.objects.create(**_about(obj, act, changes, name), by=user)


def record_each(
    objects: Iterable[models.Model],
    act: Act,
    changes: Changes | None = None,
    user: models.Model | None = None,
) -> None:
    """The same act on each of some objects, in one statement."""
    one = doer()
    entries = (Entry.objects.signed({**_about(obj, act, changes, ""), "by": user}, one) for obj in objects)
    Entry.objects.bulk_create([Entry(**fields) for fields in entries], batch_size=500)


def record_many(
    obj: models.Model, act: Act, n: int, user: models.Model | None = None, name: str = ""
) -> None:
    """One act on `n` things of an object; further parts of it in the same request add up."""
    if n:
        record(obj, act, {MANY: (0, n)}, user, name)


def created(objects: Iterable[models.Model]) -> None:
    """Objects of a watched model that were made without being saved one by one."""
    for one in objects:
        values = {name: getattr(one, name) for name in auditlog.get_model_fields(type(one))["include_fields"]}
        record(
            one,
            Act.CREATED,
            {name: (None, plain(value)) for name, value in values.items() if value is not None},
        )


def plain(value: Any) -> Any:
    """A value as it is written down."""
    return value if isinstance(value, bool | int | float | str | list | dict | None) else str(value)


def _about(obj: models.Model, act: Act, changes: Changes | None, name: str) -> dict[str, Any]:
    return {
        "content_type": ContentType.objects.get_for_model(obj),
        "object_pk": str(obj.pk or ""),
        "object_id": obj.pk if isinstance(obj.pk, int) else None,
        "object_repr": name or str(obj),
        "action": Entry.Action.UPDATE,
        "act": act,
        "changes": {key: list(pair) for key, pair in (changes or {}).items()},
    }
