"""How the API shows interactions."""

from rest_framework import serializers

from sessions.models import ChatSession


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
        )
        read_only_fields = fields
