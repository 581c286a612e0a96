"""How the desk writes numbers and times."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from providers.models import Contact
from providers.numbers import display
from sessions import services
from sessions.desk import attachments

register = template.Library()


@register.filter
def number(value: str) -> str:
    """+55 11 90000-0001 out of digits."""
    return display(value)


@register.filter
def who(contact: Contact) -> str:
    """The contact's name, or their number where they gave none."""
    return contact.name or display(contact.contact)


@register.filter
def kind_word(kind: str) -> str:
    """What a message without text is: Picture, Location."""
    return attachments.kind_word(kind)


@register.filter
def person(user: User) -> str:
    """How colleagues are called."""
    return services.full_name(user)


@register.filter
def moment(value: datetime) -> str:
    """A time of today as 15:04, of the last days as Mon 15:04, else with its date; in the current zone."""
    local = timezone.localtime(value)
    days = (timezone.localdate() - local.date()).days
    if days == 0:
        return date_format(local, "H:i")
    if 0 < days < 7:
        return date_format(local, "D H:i")
    return date_format(local, "j M H:i" if local.year == timezone.localdate().year else "j M Y H:i")


@register.filter
def exactly(value: datetime) -> str:
    """Date, time and zone, for who hovers."""
    local = timezone.localtime(value)
    return _("%(time)s (%(zone)s)") % {
        "time": date_format(local, "DATETIME_FORMAT"),
        "zone": timezone.get_current_timezone_name(),
    }
