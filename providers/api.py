"""The API of providers, templates and the do-not-call registry."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.exceptions import ValidationError

from providers import do_not_call
from providers.contacts import dialled, matching
from providers.models import DoNotCall, Provider, Template
from providers.models.do_not_call import Source
from providers.rest import ConfigurationViewSet, acting_user
from providers.serializers import DoNotCallSerializer, ProviderSerializer, TemplateSerializer


def in_any_spelling(number: str, parameter: str) -> set[str]:
    """The canonical numbers that are meant. Raises ValidationError for text without a digit."""
    numbers = matching(number)
    if not numbers:
        raise ValidationError({parameter: [_("Write a phone number, in any spelling.")]})
    return numbers


@extend_schema_view(
    list=extend_schema(summary="Providers"),
    retrieve=extend_schema(summary="One provider"),
    create=extend_schema(summary="Make a provider", description="It gets its callback URLs at once."),
    partial_update=extend_schema(
        summary="Change a provider", description="A new username or password ends a suspension."
    ),
    destroy=extend_schema(
        summary="Delete a provider", description="409 `in_use` while anything still needs it."
    ),
)
class ProviderViewSet(ConfigurationViewSet[Provider]):
    """Providers: one approved number each, with its credentials and its pace."""

    queryset = Provider.objects.all()
    serializer_class = ProviderSerializer
    filterset_fields = ["name"]


@extend_schema_view(
    list=extend_schema(summary="Templates"),
    retrieve=extend_schema(summary="One template"),
    create=extend_schema(summary="Enter a template", description="As Wavy approved it."),
    partial_update=extend_schema(summary="Change a template"),
    destroy=extend_schema(summary="Delete a template"),
)
class TemplateViewSet(ConfigurationViewSet[Template]):
    """Templates (HSM): one language of one code at one provider."""

    queryset = Template.objects.all()
    serializer_class = TemplateSerializer
    filterset_fields = ["provider", "code", "language", "state"]


class DoNotCallFilters(filters.FilterSet):  # type: ignore[misc] # django-filter is not typed
    """By provider, source, and number in any spelling."""

    provider = filters.ModelChoiceFilter(queryset=Provider.objects.all())
    number = filters.CharFilter(method="by_number", label="In any spelling.")
    source = filters.ChoiceFilter(choices=Source.choices)

    def by_number(self, queryset: QuerySet[DoNotCall], _name: str, value: str) -> QuerySet[DoNotCall]:
        return queryset.filter(number__in={dialled(value), *in_any_spelling(value, "number")})


@extend_schema_view(
    list=extend_schema(summary="Do-not-call entries"),
    retrieve=extend_schema(summary="One do-not-call entry"),
    create=extend_schema(
        summary="Enter a number", description="Without a provider it holds at all of them. Twice is harmless."
    ),
    partial_update=extend_schema(summary="Change a do-not-call entry"),
    destroy=extend_schema(
        summary="Remove a do-not-call entry",
        description="The reason, in the body or as `?reason=`, is kept with who removed it and when.",
        parameters=[OpenApiParameter("reason", str, description="Why it is removed.")],
    ),
)
class DoNotCallViewSet(ConfigurationViewSet[DoNotCall]):
    """The do-not-call registry: numbers that nothing is sent to."""

    queryset = DoNotCall.objects.all()
    serializer_class = DoNotCallSerializer
    filterset_class: Any = DoNotCallFilters

    def perform_destroy(self, instance: DoNotCall) -> None:
        body = self.request.data if isinstance(self.request.data, Mapping) else {}
        reason = str(body.get("reason") or self.request.query_params.get("reason", ""))
        do_not_call.remove(
            instance,
            acting_user(self.request),
            reason.strip() or _("removed through the API"),
            timezone.now(),
        )
