"""Whether a row may be deleted: not while others still need it."""

from django.db.models import PROTECT, ForeignObjectRel, Model
from django.utils.translation import gettext as _

from providers.errors import Refusal


def require_unused(instance: Model) -> None:
    """Raises Refusal `in_use` that names what still needs the row.

    Asks each relation for one row only: letting Django find out loads every one of them, and a provider
    may have millions of messages.
    """
    holders = [
        str(relation.related_model._meta.verbose_name_plural)
        for relation in instance._meta.get_fields(include_hidden=True)
        if isinstance(relation, ForeignObjectRel)
        and relation.on_delete is PROTECT
        and relation.related_model._base_manager.filter(**{relation.field.name: instance.pk}).exists()
    ]
    if holders:
        sentence = _("“%(name)s” is still used by %(holders)s. Delete or change those first.")
        raise Refusal("in_use", sentence % {"name": instance, "holders": ", ".join(sorted(set(holders)))})
