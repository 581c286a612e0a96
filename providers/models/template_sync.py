"""What became of reading a provider's templates at Wavy, and who let one be sent although it is not approved."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class TemplateSync(models.Model):
    """The latest reading of one provider's list. `failure` is a drivers.base.Listing, empty when it went well."""

    provider = models.OneToOneField(
        "providers.Provider", on_delete=models.CASCADE, related_name="template_sync", primary_key=True
    )
    tried_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=16, blank=True)
    # Under which namespaces Wavy lists its templates, the commonest first.
    namespaces = models.JSONField(default=list)

    class Meta:
        verbose_name = _("reading of templates")
        verbose_name_plural = _("readings of templates")

    def __str__(self) -> str:
        return f"{self.provider} {self.failure or 'read'}"


class TemplateOverride(models.Model):
    """Somebody lets a template be sent until a moment although it is not approved; `ended_at`: it ended earlier."""

    template = models.ForeignKey("providers.Template", on_delete=models.CASCADE, related_name="overrides")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    at = models.DateTimeField(_("let through"))
    until = models.DateTimeField(_("until"))
    reason = models.CharField(_("why"), max_length=500)
    state = models.CharField(_("State"), max_length=16)  # the template's, at that time
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("template sent although not approved")
        verbose_name_plural = _("templates sent although not approved")

    def __str__(self) -> str:
        return f"{self.template} – {self.until:%Y-%m-%d %H:%M}"
