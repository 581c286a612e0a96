"""How the API reads and shows providers, templates, the do-not-call registry and messages."""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import User
from providers import do_not_call, media_errors
from providers.config import callback_urls, save_provider
from providers.errors import Refusal
from providers.explained import explained, own_words
from providers.models import Direction, DoNotCall, Media, MediaState, Message, Provider, Template
from providers.models.template import BUTTONS
from providers.numbers import parse_destination
from providers.outbox import Composed, compose_template, compose_text
from providers.rest import CheckedSerializer, acting_user
from providers.states import State

SECRET_FIELDS = ("message_callback_url", "status_callback_url")
MAY_CONFIGURE = "providers.change_provider"
DIRECTIONS = {Direction.OUT: "out", Direction.IN: "in"}


class ProviderSerializer(CheckedSerializer[Provider]):
    """The callback URLs hold a secret: whoever may not configure the provider does not get them."""

    message_callback_url = serializers.SerializerMethodField(
        help_text="Give it to Wavy for new messages. Absent for those who may not configure the provider."
    )
    status_callback_url = serializers.SerializerMethodField(
        help_text="Give it to Wavy for statuses. Absent for those who may not configure the provider."
    )

    class Meta:
        model = Provider
        fields = (
            *("id", "name", "api_type", "number", "username", "password", "sms_regexp", "sms_from", "url"),
            *("default", "messages_per_second", "daily_limit", "recipients_per_request"),
            *("suspended_at", "suspended_reason", "last_callback_at"),
            *SECRET_FIELDS,
        )
        read_only_fields = ("suspended_at", "suspended_reason", "last_callback_at")
        extra_kwargs = {"password": {"write_only": True}}

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        user = getattr(self.context.get("request"), "user", None)
        if isinstance(user, User) and not user.has_perm(MAY_CONFIGURE):
            for name in SECRET_FIELDS:
                del fields[name]
        return fields

    @extend_schema_field(OpenApiTypes.URI)
    def get_message_callback_url(self, provider: Provider) -> str:
        return callback_urls(provider).message

    @extend_schema_field(OpenApiTypes.URI)
    def get_status_callback_url(self, provider: Provider) -> str:
        return callback_urls(provider).status

    def store(self, checked: Provider, attrs: dict[str, Any]) -> Provider:
        return save_provider(checked)


AROUND = ("header", "footer", "buttons")
WAVYS_OWN = ("provider", "code", "language", "body", "state", *AROUND)
LISTED_FIELDS = ("source", "header_type", "namespace", "synced_at", "gone_at", "override_until")


class TemplateSerializer(CheckedSerializer[Template]):
    """`parameters` is counted in the body; whoever gives it is told when it does not fit."""

    parameters = serializers.IntegerField(
        required=False, min_value=0, help_text="Counted in the body; refused where it does not fit."
    )
    buttons = serializers.ListField(
        child=serializers.CharField(max_length=200),
        max_length=BUTTONS,
        required=False,
        help_text="Their texts.",
    )

    class Meta:
        model = Template
        fields = (
            *("id", "provider", "code", "language", "body", "parameters", "state", "ttl", *AROUND),
            *LISTED_FIELDS,
        )
        read_only_fields = LISTED_FIELDS

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        known = self.instance
        if known is not None and known.synced_at is not None:
            told = [name for name in WAVYS_OWN if name in attrs and attrs[name] != getattr(known, name)]
            if told:
                where = _("Wavy lists this template, and its list says this. Change it there.")
                raise serializers.ValidationError({name: [where] for name in told})
        attrs = super().validate(attrs)
        if attrs.get("parameters", self.checked.parameters) != self.checked.parameters:
            sentence = _("The body holds %(n)d parameters.") % {"n": self.checked.parameters}
            raise serializers.ValidationError({"parameters": [sentence]})
        return attrs


class DoNotCallSerializer(CheckedSerializer[DoNotCall]):
    """A number in any spelling goes in, its one form comes out; twice the same is harmless."""

    class Meta:
        model = DoNotCall
        fields = ("id", "provider", "number", "source", "reason", "created_at")
        read_only_fields = ("created_at",)

    def check(self, checked: DoNotCall) -> None:
        checked.full_clean(validate_constraints=checked.pk is not None)

    def validate_number(self, number: str) -> str:
        try:
            return parse_destination(number)
        except Refusal as refusal:
            raise serializers.ValidationError(str(refusal)) from refusal

    def create(self, validated_data: dict[str, Any]) -> DoNotCall:
        return do_not_call.add(
            validated_data["number"],
            validated_data.get("provider"),
            self.checked.source,
            validated_data.get("reason", ""),
            acting_user(self.context["request"]),
        )

    def update(self, instance: DoNotCall, validated_data: dict[str, Any]) -> DoNotCall:
        return do_not_call.change(self.checked, acting_user(self.context["request"]), timezone.now())


class MediaSerializer(serializers.ModelSerializer[Media]):
    """The file that came with a message."""

    url = serializers.SerializerMethodField(help_text="Where the API hands it out; null until it is stored.")
    state = serializers.SerializerMethodField()
    explanation = serializers.SerializerMethodField(help_text="What `error` means; empty without one.")

    class Meta:
        model = Media
        fields = ("state", "url", "content_type", "name", "size", "attempts", "error", "explanation")
        read_only_fields = fields

    @extend_schema_field({"type": "string", "format": "uri", "nullable": True})
    def get_url(self, media: Media) -> str | None:
        if media.state != MediaState.STORED:
            return None
        address = reverse("api-message-media", args=[media.pk])
        request = self.context.get("request")
        return str(request.build_absolute_uri(address)) if request else address

    @extend_schema_field({"type": "string", "enum": [state.key for state in MediaState]})
    def get_state(self, media: Media) -> str:
        return media.state_key

    def get_explanation(self, media: Media) -> str:
        return str(media_errors.kind_of(media.error).sentence) if media.error else ""


class MessageSerializer(serializers.ModelSerializer[Message]):
    """One message of the ledger, whole."""

    contact = serializers.CharField(
        source="contact.contact", read_only=True, help_text="The customer's number in its one form, digits."
    )
    direction = serializers.SerializerMethodField()
    state = serializers.SerializerMethodField()
    error_detail = serializers.SerializerMethodField(help_text="In the provider's own words.")
    held_back = serializers.BooleanField(
        read_only=True, help_text="Of a refused one, whether our own gate held it back: it never left."
    )
    explanation = serializers.SerializerMethodField(
        help_text="What `error` means, and what to do; empty without one."
    )
    media = serializers.SerializerMethodField(
        help_text="The file that came or went with it; null without one."
    )

    class Meta:
        model = Message
        fields = (
            *("id", "provider", "contact", "address", "did", "direction", "state"),
            *("correlation_id", "provider_message_id", "kind", "text", "content"),
            *("error", "error_detail", "explanation", "held_back", "raw_code", "attempts", "author", "batch"),
            *("sent_again_as", "created_at", "submitting_at", "uncertain_at", "accepted_at", "refused_at"),
            *("sent_at", "expired_at", "failed_at", "delivered_at", "read_at", "received_at", "replied_at"),
            "media",
        )
        read_only_fields = fields

    @extend_schema_field({"type": "string", "enum": list(DIRECTIONS.values())})
    def get_direction(self, message: Message) -> str:
        return DIRECTIONS[Direction(message.direction)]

    @extend_schema_field({"type": "string", "enum": [state.key for state in State]})
    def get_state(self, message: Message) -> str:
        return message.state_key

    def get_explanation(self, message: Message) -> str:
        return explained(message)

    def get_error_detail(self, message: Message) -> str:
        return own_words(message)

    @extend_schema_field(MediaSerializer(allow_null=True))
    def get_media(self, message: Message) -> dict[str, Any] | None:
        try:
            media = message.media
        except ObjectDoesNotExist:
            return None
        return None if media is None else MediaSerializer(media, context=self.context).data


class WordsSerializer(serializers.Serializer[Any]):
    """What to say: a text, or a template with its parameters."""

    text = serializers.CharField(required=False, trim_whitespace=False, help_text="Inside the 24 hours only.")
    template = serializers.CharField(required=False, help_text="The template's code.")
    language = serializers.CharField(
        required=False, allow_blank=True, default="", help_text="Where the template exists in several."
    )
    parameters = serializers.ListField(
        child=serializers.CharField(allow_blank=True, trim_whitespace=False), required=False, default=list
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("text" in attrs) == ("template" in attrs):
            raise serializers.ValidationError(_("Give either a text or a template."))
        if "text" in attrs and attrs["parameters"]:
            raise serializers.ValidationError({"parameters": [_("Only a template has parameters.")]})
        return attrs

    def compose(self, provider: Provider) -> Composed:
        """What was given, ready for the gate. Raises Refusal where the template or a parameter will not do."""
        words = self.validated_data
        if "text" in words:
            return compose_text(words["text"])
        return compose_template(provider, words["template"], words["parameters"], words["language"])


class OutgoingSerializer(WordsSerializer):
    """One message to one person."""

    provider = serializers.PrimaryKeyRelatedField(queryset=Provider.objects.all())
    to = serializers.CharField(max_length=40, help_text="The customer's number with its country code.")
