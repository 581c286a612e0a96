"""The file of a message, a customer's or ours: where it is, or why it is not here yet."""

from pathlib import PurePosixPath
from typing import Any

from django.core.files.storage import Storage, storages
from django.db import models
from django.utils.functional import LazyObject
from django.utils.translation import gettext_lazy as _

STORAGE = "customers_media"  # its alias in settings.STORAGES


class MediaState(models.IntegerChoices):
    """waiting → stored or failed; failed → waiting by hand; anything → deleted, which is the end."""

    WAITING = 1, _("being fetched")
    STORED = 2, _("stored")
    FAILED = 3, _("could not be fetched")
    DELETED = 4, _("no longer kept")

    @property
    def key(self) -> str:
        return self.name.lower()


class CustomersStorage(LazyObject):  # type: ignore[type-arg]  # it is generic in the stubs alone
    """The storage of customers' files, looked up when it is first used."""

    def _setup(self) -> None:
        self._wrapped = storages[STORAGE]


customers_storage: Storage = CustomersStorage()  # type: ignore[assignment]  # it stands in for one


def file_storage() -> Storage:
    """By name, so that no migration holds what an installation chose."""
    return customers_storage


class Media(models.Model):
    """One file of one message: a customer's is fetched in the background, one of ours waits until it is stored.

    `url` is where the provider offers it, `name` what a download is called. `content_type` was found by looking
    at the bytes, never taken from anybody's word; `size` in bytes. `error` is a key of `providers.media_errors`,
    also while it waits for the next attempt. `next_attempt_at` is pushed ahead by whoever fetches: that is
    their lease, and the mark by which they know that the row is still theirs. Ours have neither.
    """

    message = models.OneToOneField(
        "providers.Message",
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="media",
        verbose_name=_("message"),
    )
    url = models.TextField(_("address"), blank=True)
    state = models.SmallIntegerField(_("state"), choices=MediaState.choices, default=MediaState.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"), null=True)
    file = models.FileField(_("file"), storage=file_storage, max_length=255, blank=True)
    content_type = models.CharField(_("type"), max_length=100, blank=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    size = models.BigIntegerField(_("size"), null=True)
    error = models.CharField(_("error"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("media")
        verbose_name_plural = _("media")
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=models.Q(state=MediaState.WAITING),
                name="media_waiting",
            ),
        ]

    def __str__(self) -> str:
        return self.name or PurePosixPath(str(self.file)).name or str(self.pk)

    @property
    def state_key(self) -> str:
        return MediaState(self.state).key

    def lease(self) -> dict[str, Any]:
        """The conditions under which the row is still this claim's."""
        return {"pk": self.pk, "state": MediaState.WAITING, "next_attempt_at": self.next_attempt_at}
