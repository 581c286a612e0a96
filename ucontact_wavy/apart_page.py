"""The page on which a supervisor tells two people of one number apart, or merges them again."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.models import User
from providers import apart
from providers.errors import Refusal
from providers.models import Contact
from providers.numbers import canonical
from providers.numbers import display as readable
from providers.pages import change_url
from providers.spellings import Spelling, spellings_of
from sessions.apart import merge, tell_apart


class ReasonForm(forms.Form):
    """Why they are two people, or one after all."""

    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=500,
        widget=UnfoldAdminTextInputWidget(),
        help_text=gettext_lazy("It is kept with your name and the time."),
    )


def contact_apart(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Shows the two spellings and what goes where; POST with a reason does it and leads to the contact."""
    user = request.user
    if not isinstance(user, User) or not user.has_perm("providers.add_numberapart"):
        raise PermissionDenied
    contact = get_object_or_404(Contact.objects.select_related("provider"), pk=contact_id)
    other = apart.counterpart(contact)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            pair = (merge if other else tell_apart)(
                contact, user, form.cleaned_data["reason"], timezone.now()
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _done(pair, together=other is not None))
            return HttpResponseRedirect(change_url(pair.one))
    title = _("Merge two contacts again") if other else _("Tell two people apart")
    context = {
        **admin.site.each_context(request),
        "title": title,
        "contact": contact,
        "together": other is not None,
        "form": form,
        **_both(contact, other),
    }
    return render(request, "admin/providers/apart.html", context)


def _both(contact: Contact, other: Contact | None) -> dict[str, Any]:
    """The two spellings with what is known of each; none where the number has but one."""
    second = apart.other_spelling(contact.contact)
    if not second:
        return {"spellings": []}
    found = {one.digits: one for person in (contact, other) if person for one in spellings_of(person)}
    shown = [found.get(digits) or Spelling(digits) for digits in (canonical(second), second)]
    goes = found.get(second) or Spelling(second)
    return {"spellings": shown, "n": goes.messages, "number": readable(second)}


def _done(pair: apart.Pair, *, together: bool) -> str:
    if together:
        text = ngettext(
            "They are one contact again; %(n)d message came back.",
            "They are one contact again; %(n)d messages came back.",
            pair.moved,
        )
    else:
        text = ngettext(
            "They are two people now; %(n)d message went to %(number)s.",
            "They are two people now; %(n)d messages went to %(number)s.",
            pair.moved,
        )
    return text % {"n": pair.moved, "number": readable(pair.other.contact)}
