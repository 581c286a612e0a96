"""Filters beside a list that offer no more than somebody would read through."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

OFFERED = 100


class FewChoices(admin.RelatedFieldListFilter):
    """The first hundred to choose from, by name; the search finds the others."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        related = field.remote_field.model._default_manager.all()
        ordering = self.field_admin_ordering(field, request, model_admin)
        return [(one.pk, str(one)) for one in related.order_by(*(ordering or ["pk"]))[:OFFERED]]
