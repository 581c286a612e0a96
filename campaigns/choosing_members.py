"""Who is in which of some campaigns, and who is not: what the members page shows, in bounded queries."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from accounts.roles import Role
from campaigns.models import Campaign, Member

SHOWN = 200  # rows of a column; whoever looks for another one searches


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a column. `n`: in how many of the chosen campaigns; `names`: in which, where not in all."""

    pk: int
    name: str
    second: str = ""
    n: int = 0
    names: Sequence[str] = ()
    penalty: int | None = None  # None: not the same everywhere
    active: bool = True
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """The rows that are shown; `more` says that there are others."""

    lines: list[Line] = field(default_factory=list)
    more: bool = False


def campaigns_column(seen: QuerySet[Campaign], chosen: Collection[int], search: str) -> Column:
    """Those chosen first, then whatever matches, by name."""
    members = Member.objects.filter(campaign=OuterRef("pk")).order_by().values("campaign")
    counted = seen.annotate(n=Coalesce(Subquery(members.annotate(n=Count("pk")).values("n")), 0))
    kept: list[Any] = list(counted.filter(pk__in=chosen).order_by("name"))
    others = counted.exclude(pk__in=chosen).order_by("name")
    found: list[Any] = list((others.filter(name__icontains=search) if search else others)[: SHOWN + 1])
    lines = [
        Line(one.pk, one.name, n=one.n, active=one.enabled, chosen=one.pk in chosen)
        for one in (*kept, *found[:SHOWN])
    ]
    return Column(lines, len(found) > SHOWN)


def members_column(campaigns: Collection[int], chosen: Collection[int], search: str) -> Column:
    """Whoever is in one of the campaigns, each once, those chosen first."""
    if not campaigns:
        return Column()
    rows = (
        Member.objects.filter(campaign__in=campaigns)
        .filter(_named(search, "agent__") | Q(agent__in=chosen) if search.split() else Q())
        .values_list("agent", "agent__username", "agent__first_name", "agent__last_name", "agent__is_active")
        .annotate(n=Count("pk"), low=Min("penalty"), high=Max("penalty"), of=ArrayAgg("campaign__name"))
        .order_by("agent__username")
    )
    found: list[Any] = list(rows[: SHOWN + 1])
    lines = [
        Line(
            pk,
            *_called(username, first, last),
            n=n,
            names=sorted(of)[:8] if n < len(campaigns) else (),
            penalty=low if low == high else None,
            active=active,
            chosen=pk in chosen,
        )
        for pk, username, first, last, active, n, low, high, of in found[:SHOWN]
    ]
    return Column(lines, len(found) > SHOWN)


def agents_column(campaigns: Collection[int], chosen: Collection[int], search: str) -> Column:
    """Agents who are not yet in all of the campaigns."""
    if not campaigns:
        return Column()
    within = Member.objects.filter(agent=OuterRef("pk"), campaign__in=campaigns).order_by().values("agent")
    counted = agents().annotate(n=Coalesce(Subquery(within.annotate(n=Count("pk")).values("n")), 0))
    wanted = counted.filter(n__lt=len(campaigns)).filter(
        _named(search) | Q(pk__in=chosen) if search.split() else Q()
    )
    found = list(wanted.order_by("username")[: SHOWN + 1])
    lines = [
        Line(
            one.pk,
            *_called(one.username, one.first_name, one.last_name),
            n=one.n,
            chosen=one.pk in chosen,
        )
        for one in found[:SHOWN]
    ]
    return Column(lines, len(found) > SHOWN)


def agents() -> QuerySet[User, Any]:
    """Those who may be made members."""
    return User.objects.filter(groups__name=Role.AGENTS, is_active=True)


def _named(search: str, of: str = "") -> Q:
    """People by each word of the search, in any of their names."""
    wanted = Q()
    for word in search.split()[:5]:
        fields = (f"{of}{name}__icontains" for name in ("username", "first_name", "last_name"))
        one = Q()
        for name in fields:
            one |= Q(**{name: word})
        wanted &= one
    return wanted


def _called(username: str, first: str, last: str) -> tuple[str, str]:
    whole = f"{first} {last}".strip()
    return (whole, username) if whole else (username, "")
