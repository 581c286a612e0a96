"""The ledger of the admin, which knows here what belongs to a campaign that is kept from its reader."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from providers.admin.ledger import MessageAdmin
from providers.models import Message
from sessions.selectors import readable

admin.site.unregister(Message)


@admin.register(Message)
class LedgerAdmin(MessageAdmin):
    """As below, without what is hidden."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        messages: QuerySet[Message] = super().get_queryset(request)
        return readable(messages, request.user)  # type: ignore[arg-type]  # somebody of the admin
