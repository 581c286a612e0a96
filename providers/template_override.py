"""Letting a template be sent although it is not approved: until when, by whom, why; and ending that."""

from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from providers.errors import Refusal
from providers.models import Template, TemplateOverride

LONGEST = timedelta(days=30)
MAY_OVERRIDE = "providers.change_template"
log = structlog.get_logger(__name__)


def let_through(template: Template, user: User, until: datetime, reason: str, now: datetime) -> Template:
    """From now on it may be sent until then; what was let through before ends with it.

    Raises Refusal `template_approved`, `override_until` and `override_reason`.
    """
    if not reason.strip():
        raise Refusal("override_reason", _("Say why it may be sent although it is not approved."), status=400)
    if not now < until <= now + LONGEST:
        sentence = _("Choose a moment in the future, at most %(n)d days from now.")
        raise Refusal("override_until", sentence % {"n": LONGEST.days}, status=400)
    with transaction.atomic():
        locked = Template.objects.select_for_update().get(pk=template.pk)
        if locked.approved:
            raise Refusal("template_approved", _("This template is approved: it can be sent as it is."))
        _end(locked, user, now)
        TemplateOverride.objects.create(
            template=locked, by=user, at=now, until=until, reason=reason.strip(), state=locked.state
        )
        locked.override_until = until
        locked.save(update_fields=["override_until"])
    log.info("template_let_through", template=locked.pk, user=user.pk, until=until.isoformat())
    return locked


def end(template: Template, user: User, now: datetime) -> Template:
    """It is held back again. Harmless where it is already."""
    with transaction.atomic():
        locked = Template.objects.select_for_update().get(pk=template.pk)
        _end(locked, user, now)
        locked.override_until = None
        locked.save(update_fields=["override_until"])
    log.info("template_held_back", template=locked.pk, user=user.pk)
    return locked


def _end(template: Template, user: User, now: datetime) -> None:
    running = TemplateOverride.objects.filter(template=template, ended_at=None, until__gt=now)
    running.update(ended_at=now, ended_by=user)


def history(template: Template) -> list[TemplateOverride]:
    """Who let it through when and why, the newest first."""
    return list(template.overrides.select_related("by", "ended_by").order_by("-pk")[:20])
