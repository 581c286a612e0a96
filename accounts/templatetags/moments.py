"""How every page writes a time: how long ago, with the exact one on hover."""

from datetime import datetime

from django import template
from django.utils.safestring import SafeString

from accounts.labels import moment

register = template.Library()


@register.filter
def when(at: datetime | None, zone: str = "") -> SafeString | str:
    """`{{ base.started_at|when:dialer.time_zone }}`: “5 minutes ago”, exact on hover in that zone, else in the
    reader's; a dash for never. A time to come is “in 2 hours”."""
    return moment(at, zone)
