"""How many people bases wrote to last in each minute, at a provider with a daily limit."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Reach(models.Model):
    """A minute (its beginning), and the people whom a base last wrote to in it."""

    provider = models.ForeignKey(
        "providers.Provider", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    minute = models.DateTimeField()
    people = models.IntegerField()

    class Meta:
        verbose_name = _("reach")
        verbose_name_plural = _("reach")
        constraints = [models.UniqueConstraint(fields=["provider", "minute"], name="one_reach_per_minute")]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.minute}: {self.people}"
