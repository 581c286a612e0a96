"""The rows of a campaign's tabs: members, keyword answers, canned replies; what may not stand there twice."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from unfold.forms import PaginationInlineFormSet

from accounts.choices import is_looked_up
from accounts.models import User
from accounts.roles import Role
from campaigns.dispositions import paths_of, tree_of
from campaigns.keywords import split_words
from campaigns.models.answers import SAME_SHORTCUT, SAME_WORD, Disposition


class NamedCells(PaginationInlineFormSet):
    """Each field bears its name itself: in a table only the head of the column shows it."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        for name, field in form.fields.items():
            if name != "DELETE" and not field.widget.is_hidden:
                field.widget.attrs["aria-label"] = field.label


def agents() -> QuerySet[User]:
    """Who may become a member."""
    return User.objects.filter(groups__name=Role.AGENTS, is_active=True).order_by("username")


class MemberFormSet(NamedCells):
    """Asks for the agents once, however many members there are."""

    @cached_property
    def agent_choices(self) -> list[tuple[Any, Any]]:
        return [
            ("", "---------"),
            *((agent.pk, f"{agent.get_full_name()} ({agent})".strip()) for agent in agents()),
        ]

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if "agent" not in form.fields or is_looked_up(form.fields["agent"].widget):
            return  # somebody who only looks, or who looks for one of many
        choices = self.agent_choices
        member = form.instance
        if member.pk and member.agent_id not in {pk for pk, _name in choices}:
            choices = [*choices, (member.agent_id, str(member.agent))]
        form.fields["agent"].widget.choices = choices


def kept(forms: Iterable[Any]) -> list[Any]:
    """The rows that are filled in and stay."""
    return [
        form for form in forms if getattr(form, "cleaned_data", None) and not form.cleaned_data.get("DELETE")
    ]


class KeywordFormSet(NamedCells):
    """A word stands once in a campaign; dispositions are the campaign's own."""

    @cached_property
    def disposition_choices(self) -> list[tuple[Any, Any]]:
        return [("", _("none")), *paths_of(tree_of(self.instance))]

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if "disposition" not in form.fields:  # somebody who only looks
            return
        field = form.fields["disposition"]
        field.queryset = Disposition.objects.filter(campaign=self.instance.pk or 0)
        field.widget.choices = self.disposition_choices

    def clean(self) -> None:
        super().clean()
        taken: set[str] = set()
        for form in kept(self.forms):
            words = split_words(form.cleaned_data.get("words") or "")
            for word in words:
                if word in taken:
                    form.add_error("words", SAME_WORD % {"word": word})
            taken |= set(words)


class RepliesFormSet(NamedCells):
    """A shortcut stands once in a campaign."""

    def clean(self) -> None:
        super().clean()
        taken: set[str] = set()
        for form in kept(self.forms):
            shortcut = form.cleaned_data.get("shortcut")
            if shortcut in taken:
                form.add_error("shortcut", SAME_SHORTCUT)
            taken.add(shortcut)
