"""The list of dialers answers a supervisor's questions: which are at work, which stand still, and why."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from campaigns.admin.seen import OffersSeenCampaigns
from dialers.admin.why import why_words
from dialers.failures import FAILURE_RATE, NO_ANSWERS
from dialers.models import Base, BaseState, Dialer
from dialers.standings import standing_still
from providers.unconfirmed import batches_unconfirmed

MOST = 300  # dialers at work that are asked why they stand still


def has(state: str) -> Exists:
    """Whether a dialer has a base in that state."""
    return Exists(Base.objects.filter(dialer=OuterRef("pk"), state=state))


class WorkFilter(admin.SimpleListFilter):
    """Finds the dialers that are at work, or where somebody has something to do."""

    title = _("State")
    parameter_name = "work"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("running", _("running")),
            ("paused", _("paused")),
            ("ready", _("with a base that is ready")),
            ("itself", _("with a base that paused itself")),
            ("unconfirmed", _("with unconfirmed messages")),
            ("failed", _("with a file that was not loaded")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Dialer]) -> QuerySet[Dialer]:
        value = self.value()
        if value == "unconfirmed":
            return queryset.filter(
                pk__in=Base.objects.filter(pk__in=batches_unconfirmed()).values_list("dialer")
            )
        if value == "itself":
            return queryset.filter(
                pk__in=Base.objects.filter(state=BaseState.PAUSED).exclude(reason="").values("dialer")
            )
        return queryset.filter(has(value)) if value in {"running", "paused", "ready", "failed"} else queryset


class StandsFilter(admin.SimpleListFilter):
    """Finds the dialers at work of which nothing moves, by why."""

    title = _("Stands still")
    parameter_name = "stands"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("any", _("for any reason")),
            ("schedule", _("outside its hours, or by its dates")),
            ("credentials", _("username or password turned away")),
            ("unreachable", _("provider cannot be reached")),
            (FAILURE_RATE, _("too much fails")),
            (NO_ANSWERS, _("no answers from the provider")),
            ("daily_limit", _("daily limit reached")),
            ("pace", _("waits for its pace")),
            ("retry", _("waits for the next attempt")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Dialer]) -> QuerySet[Dialer]:
        value = self.value()
        if not value:
            return queryset
        at_work = Base.objects.filter(state__in=[BaseState.RUNNING, BaseState.PAUSED]).values("dialer")
        found = standing_still(list(queryset.order_by().filter(pk__in=at_work)[:MOST]), timezone.now())
        return queryset.filter(
            pk__in=[key for key, (_base, why) in found.items() if value in ("any", why.key, why.told)]
        )


class DialerList(OffersSeenCampaigns):
    """What the list adds to each of its dialers: why it stands still."""

    change_form_outer_before_template: Any = OffersSeenCampaigns.change_form_outer_before_template

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The list, each dialer on this page with its reason. Bounded queries."""
        found = super().get_changelist_instance(request)
        now = timezone.now()
        still = standing_still(list(found.result_list), now)
        for dialer in found.result_list:
            dialer.stands = why_words(*still[dialer.pk], now) if dialer.pk in still else ""
        return found

    @admin.display(description=_("Stands still"), empty_value="–")
    def stands_still(self, dialer: Any) -> SafeString | None:
        return format_html('<div class="why-line">{}</div>', dialer.stands) if dialer.stands else None
