"""The ledger and the contacts, to look at: found by a number in any spelling or by correlation id."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.timezone import localtime
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.labels import moment
from providers import media_errors
from providers.admin.labels import phone, state_label, test_label
from providers.contacts import contacts_of
from providers.explained import explained, own_words
from providers.filters import FewChoices
from providers.models import Direction, Media, MediaState, Message
from providers.pages import ReadOnlyList
from providers.states import STAGES, TROUBLE
from providers.statuses import as_uuid


class StateFilter(admin.ChoicesFieldListFilter):
    """By state; what is rare is found through its index."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        found: QuerySet[Message] = super().queryset(request, queryset)  # type: ignore[assignment]
        wanted = set(self.lookup_val or ())
        rare = {str(int(state)) for state in TROUBLE}
        return found.filter(listed_state__in=wanted) if wanted and wanted <= rare else found


@admin.register(Message)
class MessageAdmin(ReadOnlyList):
    """Every message to and from customers."""

    empty_text = _(
        "No message yet. They come with the first base that is started, or the first customer who writes."
    )
    list_display = ["created_age", "number", "beginning", "state_and_why", "provider_name"]
    list_display_links = ["created_age", "number"]
    list_filter = [("state", StateFilter), "direction", ("provider", FewChoices)]
    list_select_related = ["contact", "provider"]
    search_fields = ["correlation_id"]
    search_help_text = _("A number in any spelling, or a correlation id.")
    fieldsets = (
        (None, {"fields": ("provider", "contact", "direction", "state_word", "kind", "text", "media_line")}),
        (_("Numbers"), {"fields": ("did", "address", "correlation_id", "provider_message_id", "batch")}),
        (_("What went wrong"), {"fields": ("error", "explained", "own_words", "raw_code", "attempts")}),
        (_("Times"), {"fields": ("created_at", "times")}),
        (
            _("By whom"),
            {"fields": ("author", "decided_by", "decided_at", "answers", "sent_again_as", "opt_out")},
        ),
    )

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup in {"batch", "contact", "batch__exact"} or super().lookup_allowed(
            lookup, value, request
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Message], search_term: str
    ) -> tuple[QuerySet[Message], bool]:
        if not search_term.strip():
            return queryset, False
        correlation_id = as_uuid(search_term.strip())
        if correlation_id:
            return queryset.filter(correlation_id=correlation_id), False
        return queryset.filter(contact__in=list(contacts_of(search_term))), False

    @admin.display(description=_("When"), ordering="pk")
    def created_age(self, message: Message) -> SafeString | str:
        return moment(message.created_at)

    @admin.display(description=_("Number"))
    def number(self, message: Message) -> SafeString:
        return phone(message.contact.contact)

    @admin.display(description=_("Text"))
    def beginning(self, message: Message) -> SafeString:
        word = message.get_direction_display()
        return format_html(
            '<span class="clip"><span role="img" aria-label="{}" title="{}">{}</span> {}{}</span>',
            word,
            word,
            "→" if message.direction == Direction.OUT else "←",
            test_label(message),
            Truncator(message.text or message.kind).chars(70),
        )

    @admin.display(description=_("State"))
    def state_word(self, message: Message) -> SafeString:
        return format_html("{} {}", state_label(message), test_label(message))

    @admin.display(description=_("File"), empty_value="–")
    def media_line(self, message: Message) -> SafeString | None:
        """Its file, to be opened or downloaded, or how it stands."""
        media = Media.objects.filter(pk=message.pk).first()
        if media is None:
            return None
        word = MediaState(media.state).label
        if media.state == MediaState.STORED:
            address = reverse("media", args=[media.pk])
            return format_html(
                '<a class="text-link" href="{}">{}</a> · {} · {}',
                *(address, media, media.content_type, filesizeformat(media.size or 0)),
            )
        reason = media_errors.kind_of(media.error).sentence if media.error else ""
        return format_html('{}<div class="why-line">{}</div>', word, reason)

    @admin.display(description=_("On its way"))
    def times(self, message: Message) -> SafeString:
        """Each stage that it reached, with its time, the earliest first."""
        stages: list[tuple[Any, datetime | None]] = [
            *((state.label, getattr(message, column)) for state, column in STAGES.items()),
            (_("received"), message.received_at),
            (_("replied"), message.replied_at),
        ]
        reached = sorted(((at, word) for word, at in stages if at), key=lambda pair: pair[0])
        return format_html_join(
            "",
            '<div class="stage"><b>{}</b> {}</div>',
            ((word, date_format(localtime(at), "DATETIME_FORMAT")) for at, word in reached),
        )

    @admin.display(description=_("State"))
    def state_and_why(self, message: Message) -> SafeString:
        why = self.explained(message) or self.about_opt_out(message)
        if not why:
            return state_label(message)
        return format_html('{}<div class="why-line">{}</div>', state_label(message), why)

    @admin.display(description=_("What it means"))
    def explained(self, message: Message) -> str:
        """In the reader's language."""
        return explained(message)

    @admin.display(description=_("in the provider's words"))
    def own_words(self, message: Message) -> str:
        return own_words(message)

    @staticmethod
    def about_opt_out(message: Message) -> str:
        """What an opt-out is about, in the history of its contact."""
        if not message.opt_out:
            return ""
        incoming = message.direction == Direction.IN
        return _now("opted out of our messages") if incoming else _now("confirms the opt-out")

    @admin.display(description=_("Provider"))
    def provider_name(self, message: Message) -> str:
        return message.provider.name
