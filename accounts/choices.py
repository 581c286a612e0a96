"""What a form offers to choose from: a list where they are few, a look-up by a part of the name where they are many."""

from functools import cache
from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.db import connection
from django.db.models import Count, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from unfold.admin import ModelAdmin

FEW = 200  # to scroll through


def is_long(rows: QuerySet[Any]) -> bool:
    """Whether nobody would scroll through them. One query, which stops counting."""
    return rows.order_by()[: FEW + 1].count() > FEW


def is_many(request: HttpRequest, model: type[Model]) -> bool:
    """Whether there are too many of something to scroll through. One query a request for all that fields lead to."""
    if not hasattr(request, "long_tables"):
        request.long_tables = _long_tables()  # type: ignore[attr-defined]  # asked for each field of a form, twice
    return model._meta.db_table in request.long_tables  # type: ignore[attr-defined]


def _long_tables() -> set[str]:
    quoted = connection.ops.quote_name
    parts = (
        f"SELECT %s FROM (SELECT FROM {quoted(table)} LIMIT {FEW + 1}) t HAVING count(*) > {FEW}"  # noqa: S608 - our own names
        for table in _tables_led_to()
    )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), _tables_led_to())
        return {row[0] for row in cursor.fetchall()}


@cache
def _tables_led_to() -> list[str]:
    """Those of what has a list of its own, where fields of other things lead to."""
    registered = admin.site._registry
    models = [*registered, *(inline.model for one in registered.values() for inline in one.inlines)]
    targets = {
        field.related_model for model in models for field in model._meta.concrete_fields if field.is_relation
    }
    return sorted(one._meta.db_table for one in targets if one in registered)


def how_many(model: type[Model], of: str) -> Any:
    """The number of a row's rows of another model, which point at it by `of`: counted for the rows shown alone."""
    rows = model._default_manager.filter(**{of: OuterRef("pk")}).order_by().values(of)
    return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0)


def is_looked_up(widget: Any) -> bool:
    """Whether a field's widget, within the menu around it or not, looks its choices up."""
    return isinstance(getattr(widget, "widget", widget), AutocompleteSelect)


class LooksUp(ModelAdmin):
    """Fields that lead to another object: a select keeps its whole list only while that is short."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if is_many(request, db_field.related_model):
            kwargs["widget"] = AutocompleteSelect(db_field, self.admin_site, using=kwargs.get("using"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
