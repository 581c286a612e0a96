"""The page that asks before one person's data is erased, and says what goes and what stays."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from providers.models import Contact, DoNotCall
from providers.numbers import display as readable
from providers.pages import change_url
from ucontact_wavy import erasing


def erase_contact(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Counts what goes; POST asks for it and leads to the record of the erasure."""
    user = request.user
    if not isinstance(user, User) or not user.has_perm("providers.add_erasure"):
        raise PermissionDenied
    contact = get_object_or_404(Contact.objects.select_related("provider"), pk=contact_id)
    if contact.erased:
        messages.info(request, _("The data of this contact was erased already."))
        return HttpResponseRedirect(change_url(contact))
    if request.method == "POST":
        erasure = erasing.request(contact.contact, None, user, timezone.now())
        messages.success(request, _("The data is being erased. This page tells how far it is."))
        return HttpResponseRedirect(change_url(erasure))
    person = erasing.person_of(contact.contact, None)
    context = {
        **admin.site.each_context(request),
        "title": _("Erase the data of one person"),
        "contact": contact,
        "number": readable(contact.contact),
        "found": erasing.foresee(person),
        "opted_out": DoNotCall.objects.filter(number__in=person.spellings).exists(),
    }
    return render(request, "admin/providers/erase.html", context)
