"""How the API reads and shows dialers and bases."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from campaigns.serializers import WithCampaign
from dialers import mapping as mappings
from dialers.models import Base, Dialer
from dialers.progress import waiting_for
from dialers.segment_count import SegmentsFound, found_of
from dialers.snapshots import tally_of
from dialers.standings import Standing, standings
from providers.states import TALLY_KEYS

TALLY_SCHEMA = {
    "type": "object",
    "properties": {key: {"type": "integer"} for key in TALLY_KEYS.values()},
    "required": list(TALLY_KEYS.values()),
    "additionalProperties": False,
}
WAITING_FOR_SCHEMA = {
    "type": "string",
    "nullable": True,
    "enum": ["schedule", "pace", "daily_limit", "retry", "provider", "empty", None],
}


SEGMENTS_SCHEMA = {
    "type": "object",
    "nullable": True,
    "properties": {
        "total": {"type": "integer", "description": "Of all its rows."},
        "longest": {"type": "integer", "description": "Of one row, the most."},
        "several": {"type": "integer", "description": "Rows that take more than one."},
        "ucs2": {"type": "integer", "description": "Rows with a character that the GSM alphabet lacks."},
        "forced_by": {
            "type": "object",
            "description": "Those characters, each with its rows.",
            "additionalProperties": {"type": "integer"},
        },
    },
    "required": ["total", "longest", "several", "ucs2", "forced_by"],
}


class DialerSerializer(WithCampaign[Dialer]):
    """A dialer's settings, and how it stands at this moment."""

    standings: dict[int, Standing] | None = None

    state = serializers.SerializerMethodField()
    waiting_for = serializers.SerializerMethodField(help_text="Why nothing moves; null while it does.")
    tally = serializers.SerializerMethodField(help_text="Rows per state of all its bases, and `replied`.")

    class Meta:
        model = Dialer
        fields = (
            *("id", "name", "provider", "campaign", "dialing_chain", "time_between_messages", "schedule"),
            *("time_zone", "dncr", "language", "default_country", "enabled", "attempts", "retry_after"),
            *("calendar", "failure_limit", "state", "waiting_for", "tally"),
        )

    def to_representation(self, dialer: Dialer) -> dict[str, Any]:
        """A list asks once for all of its dialers."""
        if self.parent is None:
            self.standings = standings([dialer], timezone.now())
        elif self.standings is None:
            self.standings = standings(list(self.parent.instance or ()), timezone.now())
        return dict(super().to_representation(dialer))

    @extend_schema_field({"type": "string", "enum": ["idle", "running", "paused"]})
    def get_state(self, dialer: Dialer) -> str:
        return self._standing(dialer).state

    @extend_schema_field(WAITING_FOR_SCHEMA)
    def get_waiting_for(self, dialer: Dialer) -> str | None:
        return self._standing(dialer).waiting_for

    @extend_schema_field(TALLY_SCHEMA)
    def get_tally(self, dialer: Dialer) -> dict[str, int]:
        return self._standing(dialer).tally

    def _standing(self, dialer: Dialer) -> Standing:
        return (self.standings or {})[dialer.pk]


class BaseSerializer(serializers.ModelSerializer[Base]):
    """A base, with its tally from the upload on."""

    tally = serializers.SerializerMethodField(
        help_text="Rows per state, `valid` in all, and beside them `replied`."
    )
    waiting_for = serializers.SerializerMethodField(help_text="Why nothing moves; null while it does.")
    needs_mapping = serializers.SerializerMethodField(
        help_text="Whether it waits for `mapping/`: its header does not tell what to send."
    )
    header = serializers.SerializerMethodField(
        help_text="The columns that its file names; null without a header."
    )
    segments = serializers.SerializerMethodField(
        help_text="How many SMS segments its texts take, counted when it was loaded; null where no SMS is sent."
    )
    mapping = serializers.JSONField(
        read_only=True, help_text="What was chosen for its columns; null if nothing."
    )

    class Meta:
        model = Base
        fields = (
            *("id", "dialer", "name", "state", "reason", "lines", "valid", "invalid", "tally", "waiting_for"),
            *("created_at", "started_at", "finished_at", "start_at", "valid_until", "recycled_from"),
            *(
                "cap_override_by",
                "cap_override_at",
                "cap_override_reason",
                "needs_mapping",
                "header",
                "mapping",
                "pruned_at",
                "segments",
            ),
        )
        read_only_fields = fields

    @extend_schema_field(TALLY_SCHEMA)
    def get_tally(self, base: Base) -> dict[str, int]:
        return tally_of(base)

    @extend_schema_field(WAITING_FOR_SCHEMA)
    def get_waiting_for(self, base: Base) -> str | None:
        return waiting_for(base, timezone.now())

    def get_needs_mapping(self, base: Base) -> bool:
        return mappings.needs_mapping(base)

    @extend_schema_field(SEGMENTS_SCHEMA)
    def get_segments(self, base: Base) -> SegmentsFound | None:
        return found_of(base)

    def get_header(self, base: Base) -> list[str] | None:
        return mappings.header_of(base) or None


class MappingSerializer(serializers.Serializer[Any]):
    """Which template a file with a header sends, and which of its columns fill it."""

    template = serializers.CharField(
        max_length=200, required=False, allow_blank=True, help_text="Its code; none over SMS."
    )
    message = serializers.CharField(
        max_length=1000, required=False, help_text="The column that holds the text; over SMS alone."
    )
    language = serializers.CharField(
        max_length=16, required=False, allow_blank=True, help_text="Without it the dialer's."
    )
    destination = serializers.CharField(max_length=1000, help_text="The column that holds the number.")
    parameters = serializers.ListField(
        child=serializers.CharField(max_length=1000),
        required=False,
        max_length=100,
        help_text="A column for each parameter, in their order.",
    )
    priority = serializers.CharField(
        max_length=1000,
        required=False,
        allow_null=True,
        help_text="The column of the priority; null = all last.",
    )


class UploadSerializer(serializers.Serializer[Any]):
    """The file of a base."""

    file = serializers.FileField(
        max_length=255, help_text="CSV, `dialer;destination;message;priority`, or what else the guide lists."
    )


class TestSendSerializer(serializers.Serializer[Any]):
    """Which line goes to which phone."""

    line = serializers.IntegerField(
        min_value=1,
        max_value=2_147_483_647,
        required=False,
        allow_null=True,
        help_text="Of the file; without it the row that leaves first.",
    )
    to = serializers.CharField(max_length=64, help_text="A phone number, in any spelling.")


class DatesSerializer(serializers.Serializer[Any]):
    """From when and until when a base may be sent; what is not given stays, null takes it away."""

    start_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="Nothing leaves before; null = at once."
    )
    valid_until = serializers.DateTimeField(
        required=False, allow_null=True, help_text="What is left then becomes `skipped`; null = for ever."
    )


class LiftCapSerializer(serializers.Serializer[Any]):
    """Why people may get more messages of a base than the sending rules allow."""

    reason = serializers.CharField(max_length=500, allow_blank=True)
