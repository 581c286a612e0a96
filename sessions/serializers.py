"""How the API shows interactions."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import User
from campaigns.models import Campaign, Disposition
from providers.serializers import WordsSerializer
from sessions.models import ChatSession, PauseReason, Presence
from sessions.presence import status_of

LONGEST_TEXT = 2000


class SessionSerializer(serializers.ModelSerializer[ChatSession]):
    """An interaction: who with whom, since when, and how long free text may still leave."""

    provider = serializers.IntegerField(source="contact.provider_id", read_only=True)
    contact = serializers.CharField(
        source="contact.contact", read_only=True, help_text="The customer's number in its one form, digits."
    )
    contact_name = serializers.CharField(source="contact.name", read_only=True)
    window_expires_at = serializers.DateTimeField(
        read_only=True,
        allow_null=True,
        help_text="Null where the customer never wrote, and over SMS, where nothing ends.",
    )

    class Meta:
        model = ChatSession
        fields = (
            *("id", "provider", "campaign", "agent", "contact", "contact_name", "state", "window_expires_at"),
            *("opened_at", "assigned_at", "taken_at", "answered_at", "closed_at"),
            *("origin", "ending", "disposition", "comment", "reschedule_at", "waited", "in_time"),
        )
        read_only_fields = fields


class TransferSerializer(serializers.Serializer[Any]):
    """To whom: an agent of the campaign, or another campaign of the same provider."""

    agent = serializers.PrimaryKeyRelatedField(queryset=User.objects.all(), required=False)
    campaign = serializers.PrimaryKeyRelatedField(queryset=Campaign.objects.all(), required=False)
    note = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        max_length=LONGEST_TEXT,
        help_text="For colleagues alone.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("agent" in attrs) == ("campaign" in attrs):
            raise serializers.ValidationError(_("Give either an agent or a campaign."))
        return attrs


class BeginSerializer(WordsSerializer):
    """To whom an agent writes first, in which campaign, and what."""

    campaign = serializers.PrimaryKeyRelatedField(queryset=Campaign.objects.select_related("provider"))
    number = serializers.CharField(
        max_length=40, help_text="The customer's number with its country code, in any spelling."
    )


class CloseSerializer(serializers.Serializer[Any]):
    """How it ended; a disposition is asked for where the campaign says so."""

    disposition = serializers.PrimaryKeyRelatedField(
        queryset=Disposition.objects.all(), required=False, allow_null=True, default=None
    )
    comment = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        max_length=LONGEST_TEXT,
        help_text="For colleagues alone.",
    )
    reschedule_at = serializers.DateTimeField(
        required=False,
        allow_null=True,
        default=None,
        help_text="When the customer is to be written to again: an interaction waits from then on.",
    )


class PauseSerializer(serializers.Serializer[Any]):
    """Why; whom, for supervisors."""

    reason = serializers.PrimaryKeyRelatedField(
        queryset=PauseReason.objects.all(), required=False, allow_null=True, default=None
    )
    agent = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.all(),
        required=False,
        allow_null=True,
        default=None,
        help_text="Whom a supervisor sends to pause. Without it, who asks.",
    )


class ReasonSerializer(serializers.ModelSerializer[PauseReason]):
    """Why an agent may pause."""

    class Meta:
        model = PauseReason
        fields = ("id", "name")
        read_only_fields = fields


class PresenceSerializer(serializers.ModelSerializer[Presence]):
    """What an agent does, and since when."""

    status = serializers.SerializerMethodField(help_text="offline: not seen lately, whatever the state.")
    reason = ReasonSerializer(read_only=True, allow_null=True)

    class Meta:
        model = Presence
        fields = ("agent", "status", "since", "reason", "wrap_up_until", "seen_at")
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=["available", "paused", "wrap_up", "offline"]))
    def get_status(self, presence: Presence) -> str:
        return status_of(presence, timezone.now())
