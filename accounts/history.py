"""An object's *History* button leads to who did what with it."""

from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib.admin import ShowFacets
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts.choices import LooksUp
from accounts.counting import CountedSoFar


class Told(LooksUp):
    """A page whose history is told by the entries, to whoever may read them; its list is never counted as a whole."""

    paginator: ClassVar[Any] = CountedSoFar
    show_full_result_count = False
    show_facets = ShowFacets.NEVER

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Of a list that nobody narrowed there is nothing else to be shown."""
        found = super().get_changelist_instance(request)
        if not found.query and not found.has_active_filters:
            found.full_result_count = found.result_count
        return found

    def history_about(self, object_id: str) -> dict[str, Any]:
        """What the list of entries is asked for."""
        return {"content_type": ContentType.objects.get_for_model(self.model).pk, "object_id": object_id}

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not request.user.has_perm("accounts.view_entry") or not object_id.isdecimal():
            answer: HttpResponse = super().history_view(request, object_id, extra_context)
            return answer
        entries = reverse("admin:accounts_entry_changelist")
        return HttpResponseRedirect(f"{entries}?{urlencode(self.history_about(object_id))}")
