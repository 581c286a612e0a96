"""The API of what became of a base: its rows, their export, and a new base out of them."""

from typing import Any

from django.http import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, inline_serializer
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from accounts.table_files import XLSX
from dialers import downloads, recycling, rows
from dialers.funnel import STAGES
from dialers.keeping import require_kept
from dialers.models import Base
from dialers.serializers import BaseSerializer
from dialers.snapshots import with_tally
from providers.rest import RoleViewSet, acting_user
from providers.states import TALLY_KEYS

MOST = 1000  # rows a page


class CsvRenderer(BaseRenderer):
    """Lets a client ask for text/csv; the view streams the text itself."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"


class XlsxRenderer(BaseRenderer):
    """Lets a client ask for a workbook; the view hands out the file itself."""

    media_type = XLSX
    format = "xlsx"


class RowSerializer(serializers.Serializer[Any]):
    """A row of a base, and how it stands."""

    line = serializers.IntegerField(help_text="In the uploaded file.")
    contact = serializers.CharField(help_text="The canonical number.")
    address = serializers.CharField(help_text="The number as it is written to.")
    priority = serializers.IntegerField()
    text = serializers.CharField(help_text="As the customer reads it.")
    state = serializers.CharField(help_text="A key of the tally.")
    held_back = serializers.BooleanField(
        help_text="Of a refused one, whether our own gate held it back: it never left."
    )
    error = serializers.CharField()
    explanation = serializers.CharField(source="why", help_text="What `error` means, and what to do.")
    message = serializers.IntegerField(source="message_id", allow_null=True)
    times = serializers.DictField(child=serializers.DateTimeField(allow_null=True))
    decided_by = serializers.CharField(help_text="Who decided about it while it was unconfirmed.")
    decided_at = serializers.DateTimeField(allow_null=True)
    extra = serializers.DictField(help_text="The file's other columns.")


class RecycleSerializer(serializers.Serializer[Any]):
    """Which rows go again."""

    outcomes = serializers.ListField(
        child=serializers.CharField(max_length=80),
        max_length=200,
        help_text=f"Of {', '.join(recycling.OUTCOMES)}; the first three also with a reason: `failed:invalid_number`.",
    )


FILTERS = [
    OpenApiParameter("state", str, description=f"Only rows that are {', '.join(TALLY_KEYS.values())}."),
    OpenApiParameter("error", str, description="Of a state of trouble, only rows with this error."),
    OpenApiParameter(
        "held_back",
        str,
        enum=["yes", "no"],
        description="Of the refused ones, those of our own gate or the others.",
    ),
    OpenApiParameter("reached", str, enum=list(STAGES), description="Only rows that came at least so far."),
]


def _wanted(request: Request) -> rows.Wanted:
    """The filters of an address. Raises ValidationError for what no row can be."""
    wanted = rows.Wanted.of(request.query_params)
    if not wanted.valid:
        raise ValidationError(
            {
                "state": [
                    _("Give a state of the tally, with an error only where it has one; or a stage reached.")
                ]
            }
        )
    return wanted


class OutcomeActs(RoleViewSet[Base]):
    """What a base's viewset can tell and do once messages have left."""

    @extend_schema(
        summary="A base's rows",
        parameters=[
            *FILTERS,
            OpenApiParameter("after", str, description="Where the page begins; `next` gives it."),
            OpenApiParameter("page_size", int, description=f"100 unless told, {MOST:,} at most."),
        ],
        responses=inline_serializer(
            "RowPage",
            {
                "next": serializers.URLField(allow_null=True),
                "results": RowSerializer(many=True),
            },
        ),
        description="In the order of the file; with a filter in the order of sending, pending ones as they will "
        "leave, and those of one failure by their error. A page may be short before the last one: follow `next`. "
        "410 `pruned` once they are no longer kept; the tally stays.",
    )
    @action(detail=True, methods=["get"], filterset_fields=[], pagination_class=None)
    def rows(self, request: Request, pk: str) -> Response:
        """The rows behind a number of the tally."""
        wanted, size = _wanted(request), request.query_params.get("page_size") or "100"
        if not (size.isascii() and size.isdigit() and 1 <= len(size) < 10 and int(size)):
            raise ValidationError({"page_size": [_("Give a whole number from 1 on.")]})
        base = self.get_object()
        require_kept(base)
        try:
            page = rows.page(base, wanted, request.query_params.get("after", ""), min(int(size), MOST))
        except ValueError as error:
            raise ValidationError({"after": [_("Take it from `next` of the page before.")]}) from error
        following = replace_query_param(request.build_absolute_uri(), "after", page.following)
        return Response(
            {
                "next": following if page.following else None,
                "results": RowSerializer(page.rows, many=True).data,
            }
        )

    @extend_schema(
        summary="Export a base's rows",
        parameters=[
            *FILTERS,
            OpenApiParameter("as", str, enum=["csv", "xlsx"], description="csv unless told."),
        ],
        responses={
            (200, "text/csv"): OpenApiResponse(OpenApiTypes.STR, "Columns between `;`"),
            (200, XLSX): OpenApiResponse(OpenApiTypes.BINARY, "A workbook; every cell is text"),
        },
    )
    @action(
        detail=True,
        methods=["get"],
        filterset_fields=[],
        pagination_class=None,
        renderer_classes=[CsvRenderer, XlsxRenderer, JSONRenderer],
    )
    def export(self, request: Request, pk: str) -> HttpResponseBase:
        """With their outcomes, read in short reads; CSV begins at once, XLSX of a million rows takes minutes."""
        wanted, kind = _wanted(request), request.query_params.get("as") or "csv"
        if kind not in ("csv", "xlsx"):
            raise ValidationError({"as": [_("Give csv or xlsx.")]})
        return downloads.rows_of(self.get_object(), wanted, kind)

    @extend_schema(
        summary="Make a new base of a base's rows",
        request=RecycleSerializer,
        responses={201: BaseSerializer},
        description="Of a base that is finished or cancelled, by outcome; never with anybody who answered or opted "
        "out. The new one is `ready`; nothing is sent before its start. 409 says why it cannot be.",
    )
    @action(detail=True, methods=["post"])
    def recycle(self, request: Request, pk: str) -> Response:
        given = RecycleSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        new = recycling.recycle(
            self.get_object(), given.validated_data["outcomes"], acting_user(request), timezone.now()
        )
        return Response(BaseSerializer(with_tally().get(pk=new.pk)).data, status.HTTP_201_CREATED)
