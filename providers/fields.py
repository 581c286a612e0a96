"""Text that is encrypted at rest, with keys that can be rotated."""

from functools import cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models

FERNET_BEGINS = "gAAAA"  # as every token of this century does


@cache
def cipher(keys: tuple[str, ...]) -> MultiFernet:
    """Encrypts with the first key, decrypts with any."""
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as error:
        raise ImproperlyConfigured("FIELD_KEYS holds something that is no Fernet key.") from error


class EncryptedTextField(models.TextField):  # type: ignore[type-arg] # takes none at run time
    """Text in Python, a Fernet token in the database and in fixtures. Never index it or filter by it."""

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        if not value:
            return value
        try:
            return cipher(tuple(settings.FIELD_KEYS)).decrypt(value.encode()).decode()
        except InvalidToken as error:
            raise ImproperlyConfigured(
                "A stored secret cannot be decrypted: FIELD_KEYS lacks the key it was encrypted with."
            ) from error

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        if not value:
            return value
        return cipher(tuple(settings.FIELD_KEYS)).encrypt(value.encode()).decode()

    def value_to_string(self, obj: models.Model) -> str:
        """What an export shows: the token."""
        return self.get_prep_value(self.value_from_object(obj)) or ""

    def to_python(self, value: Any) -> Any:
        """A token of ours, as an import brings it, becomes its text again."""
        value = super().to_python(value)
        if not value or not value.startswith(FERNET_BEGINS):
            return value
        try:
            return cipher(tuple(settings.FIELD_KEYS)).decrypt(value.encode()).decode()
        except InvalidToken:
            return value
