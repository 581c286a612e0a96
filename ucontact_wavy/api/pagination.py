"""Pages of lists: newest first, cheap however long the list is."""

from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param
from rest_framework.views import APIView

M = TypeVar("M", bound=Model)
COUNT_CAP = 10_000
PAGE_SIZE = 100
MAX_PAGE_SIZE = 1_000
LARGEST_ID = 2**63 - 1


class NewestFirst(BasePagination):
    """`{count, next, previous, results}`, by descending id; `count` stops at 10,000.

    The links say `before` or `after` an id, so that each page costs the same, and what is added meanwhile
    neither repeats nor hides a row. `page` jumps, at the price of walking there.
    """

    request: Request
    count: int
    newest: int | None
    oldest: int | None
    newer: bool
    older: bool

    def paginate_queryset(  # type: ignore[override]  # our lists are querysets of models, not any sequence
        self, queryset: QuerySet[M], request: Request, view: APIView | None = None
    ) -> list[M]:
        self.request = request
        size = min(self._number("page_size", PAGE_SIZE), MAX_PAGE_SIZE)
        self.count = queryset.order_by()[:COUNT_CAP].count()
        rows = self._rows(queryset, size)
        self.newest, self.oldest = (rows[0].pk, rows[-1].pk) if rows else (None, None)
        return rows

    def _rows(self, queryset: QuerySet[M], size: int) -> list[M]:
        if "after" in self.request.query_params:
            after = self._number("after")
            rows = list(queryset.filter(pk__gt=after).order_by("pk")[: size + 1])
            self.newer = len(rows) > size
            rows = rows[size - 1 :: -1] if self.newer else rows[::-1]
            self.older = bool(rows) and queryset.filter(pk__lt=rows[-1].pk).exists()
            return rows
        page = self._number("page", 1)
        if "before" in self.request.query_params:
            queryset = queryset.filter(pk__lt=self._number("before"))
        start = (page - 1) * size
        if start > LARGEST_ID - MAX_PAGE_SIZE:
            raise NotFound(_("There is no such page."))
        rows = list(queryset.order_by("-pk")[start : start + size + 1])
        if page > 1 and not rows:
            raise NotFound(_("There is no such page."))
        self.older = len(rows) > size
        rows = rows[:size]
        self.newer = self._is_newer(rows)
        return rows

    def _is_newer(self, rows: list[M]) -> bool:
        """A page that was reached by a link or a jump has newer rows before it."""
        return bool(rows) and ("before" in self.request.query_params or self._number("page", 1) > 1)

    def _number(self, name: str, default: int | None = None) -> int:
        text = self.request.query_params.get(name) or str(default)
        if not (text.isascii() and text.isdigit() and 1 <= len(text) < 20 and 1 <= int(text) <= LARGEST_ID):
            raise ValidationError({name: [_("Give a whole number from 1 on.")]})
        return int(text)

    def _link(self, name: str, value: int | None) -> str:
        url = self.request.build_absolute_uri()
        for other in ("before", "after", "page"):
            url = remove_query_param(url, other)
        return replace_query_param(url, name, value)

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {
                "count": self.count,
                "next": self._link("before", self.oldest) if self.older else None,
                "previous": self._link("after", self.newest) if self.newer else None,
                "results": data,
            }
        )

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": ["count", "next", "previous", "results"],
            "properties": {
                "count": {
                    "type": "integer",
                    "maximum": COUNT_CAP,
                    "description": "How many there are; it stops at 10,000. `next` leads on beyond that.",
                },
                "next": {**link, "description": "The older ones; null on the last page."},
                "previous": {**link, "description": "The newer ones; null on the first page."},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        described = {
            "page_size": f"Rows a page, {PAGE_SIZE} unless told, {MAX_PAGE_SIZE:,} at most.",
            "before": "Only rows older than this id; the links use it.",
            "after": "Only rows newer than this id; the links use it.",
            "page": "Jumps to a page by its number. Follow `next` to read a long list.",
        }
        return [
            {
                "name": name,
                "in": "query",
                "required": False,
                "description": description,
                "schema": {"type": "integer", "minimum": 1},
            }
            for name, description in described.items()
        ]
