"""What every part of the API shares: acts that name their permission, and input that its model checks."""

from collections.abc import Mapping
from copy import copy
from typing import Any, ClassVar, TypeVar

from django.core.exceptions import NON_FIELD_ERRORS
from django.core.exceptions import ValidationError as ModelValidationError
from django.db import models, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import mixins, serializers
from rest_framework.exceptions import NotAuthenticated
from rest_framework.fields import get_error_detail
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.settings import api_settings
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from accounts.models import User
from providers.deletion import require_unused

M = TypeVar("M", bound=models.Model)
MODEL_ACTIONS = {
    "list": "view",
    "retrieve": "view",
    "create": "add",
    "partial_update": "change",
    "destroy": "delete",
}


def acting_user(request: Request) -> User:
    """Who asks. Raises NotAuthenticated for nobody."""
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user


class MayAct(BasePermission):
    """Whoever holds one of the permissions that the act needs; an act that names none is refused."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not isinstance(view, RoleViewSet) or not isinstance(request.user, User):
            return False
        if view.action is None or str(request.method).lower() not in view.http_method_names:
            return True  # a method that the address does not take: the answer is 405
        return any(request.user.has_perm(permission) for permission in view.permissions_of(view.action))


class RoleViewSet(GenericViewSet[M]):
    """Views by role: the model's own permissions for the usual acts, `needs` for the others."""

    permission_classes = [MayAct]
    metadata_class = None
    lookup_value_regex = "[0-9]+"
    needs: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    def permissions_of(self, action: str) -> tuple[str, ...]:
        """The permissions of which one is enough for the act; none = nobody may."""
        if action in self.needs:
            return self.needs[action]
        queryset: QuerySet[Any] | None = getattr(self, "queryset", None)
        if action not in MODEL_ACTIONS or queryset is None:
            return ()
        options = queryset.model._meta
        return (f"{options.app_label}.{MODEL_ACTIONS[action]}_{options.model_name}",)

    def listed(self, rows: QuerySet[Any], serializer: type[BaseSerializer[Any]]) -> Response:
        """A page of rows other than the view's own."""
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(serializer(page, many=True).data)


class ConfigurationViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    RoleViewSet[M],
):
    """List, read, make, change and delete what is configured."""

    http_method_names = ["get", "head", "post", "patch", "delete"]

    def perform_destroy(self, instance: M) -> None:
        require_unused(instance)
        with transaction.atomic():
            instance.delete()


class CheckedSerializer(serializers.ModelSerializer[M]):
    """Lets the model's own `full_clean` check, so that the API and the pages refuse alike, in the same words."""

    checked: M

    def build_standard_field(self, field_name: str, model_field: Any) -> tuple[type[Any], dict[str, Any]]:
        field_class, options = super().build_standard_field(field_name, model_field)
        options.pop("validators", None)
        if "choices" in options:
            names = ", ".join(str(value) for value, _label in model_field.choices)
            options["error_messages"] = {
                "invalid_choice": _("“{input}” is none of these: %(names)s.") % {"names": names}
            }
        return field_class, options

    def get_validators(self) -> list[Any]:
        """None of the framework's own: its sentences differ from the model's."""
        return []

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        model: type[M] = self.Meta.model
        known = {field.name for field in model._meta.concrete_fields}
        self.checked = copy(self.instance) if isinstance(self.instance, model) else model()
        for name in known & attrs.keys():
            setattr(self.checked, name, attrs[name])
        try:
            self.check(self.checked)
        except ModelValidationError as error:
            raise serializers.ValidationError(by_field(error)) from error
        return attrs

    def check(self, checked: M) -> None:
        """Raises Django's ValidationError."""
        checked.full_clean()

    def store(self, checked: M, attrs: dict[str, Any]) -> M:
        """Saves what was checked; a subclass calls its service here."""
        checked.save()
        return checked

    def create(self, validated_data: dict[str, Any]) -> M:
        with transaction.atomic():
            return self.store(self.checked, validated_data)

    def update(self, instance: M, validated_data: dict[str, Any]) -> M:
        with transaction.atomic():
            return self.store(self.checked, validated_data)


def by_field(error: ModelValidationError) -> dict[str, Any]:
    """A model's errors as the API lists them: {field: [sentence, …]}."""
    detail = get_error_detail(error)
    errors: dict[str, Any] = dict(detail) if isinstance(detail, dict) else {NON_FIELD_ERRORS: detail}
    if NON_FIELD_ERRORS in errors:
        errors[api_settings.NON_FIELD_ERRORS_KEY] = errors.pop(NON_FIELD_ERRORS)
    return errors
