"""Customers' files in a bucket; its troubles told like those of a disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files import File
from storages.backends.s3 import S3Storage


@contextmanager
def _as_on_disk() -> Iterator[None]:
    try:
        yield
    except (Boto3Error, BotoCoreError, ClientError) as error:
        raise OSError(f"the bucket: {type(error).__name__}") from error


class Bucket(S3Storage):  # type: ignore[misc]  # django-storages is not typed
    """Raises OSError where the bucket does not do as it is asked, FileNotFoundError where it lacks the file."""

    def _save(self, name: str, content: File[Any]) -> str:
        with _as_on_disk():
            return str(super()._save(name, content))

    def _open(self, name: str, mode: str = "rb") -> File[Any]:
        with _as_on_disk():
            opened: File[Any] = super()._open(name, mode)
            opened.seek(0)
            return opened

    def delete(self, name: str) -> None:
        with _as_on_disk():
            super().delete(name)

    def listdir(self, name: str) -> tuple[list[str], list[str]]:
        with _as_on_disk():
            folders, files = super().listdir(name)
        return list(folders), list(files)
