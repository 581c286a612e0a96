"""How many people bases wrote to last in each second, at a provider with a daily limit."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Reach(models.Model):
    """A second (its beginning), and the people whom a base last wrote to in it."""

    provider = models.ForeignKey(
        "providers.Provider", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    second = models.DateTimeField()
    people = models.IntegerField()

    class Meta:
        verbose_name = _("reach")
        verbose_name_plural = _("reach")
        constraints = [models.UniqueConstraint(fields=["provider", "second"], name="one_reach_per_second")]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.second}: {self.people}"
