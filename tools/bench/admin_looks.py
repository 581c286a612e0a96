"""Looks at every list of the admin as a supervisor: opened, searched, filtered, a row's form opened and saved.

Inside the program (Django's test client, every middleware included), so that queries are counted too. Prints one
JSON object a list.
"""

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.contrib import admin
from django.db import connection
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, reverse

from accounts.models import User
from campaigns.models import Member
from tools.bench.html_forms import Form
from tools.bench.many_rows import fill_all, is_single

REPEATS = 3
NOBODY = ("zq-nobody", "48151623421")  # words and numbers that no row has
PREFIXES = "^=@"
EMPTY = "form, empty"


@dataclass
class Looks:
    """The looks at one list: by what was done, milliseconds in ascending order, and the most queries."""

    name: str
    taken: dict[str, list[float]] = field(default_factory=dict)
    queries: int = 0
    refused: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> str:
        worst = {act: taken[int(len(taken) * 0.95)] for act, taken in self.taken.items()}
        kinds = {
            kind: max([ms for act, ms in worst.items() if act.startswith(kind)], default=None)
            for kind in ("open", "search", "filter", "form", "save")
        }
        slow = max(worst, key=lambda act: worst[act], default="")
        return json.dumps(
            {
                "list": self.name,
                **{kind: value and round(value, 1) for kind, value in kinds.items()},
                "worst": round(worst.get(slow, 0), 1),
                "at": slow,
                "queries": self.queries,
                "looks": len(worst),
                "refused": self.refused,
                "over": {act: round(ms) for act, ms in worst.items() if ms > 500},
            },
            ensure_ascii=False,
        )


class Looker:
    """Somebody signed in who looks, with the clock running."""

    def __init__(self, user: User, repeats: int = REPEATS, choices: int | None = None) -> None:
        """`choices` of each filter, all by default; with fewer no other order is looked at."""
        self.user = user
        self.repeats = repeats
        self.choices = choices
        self.client = Client()
        self.client.force_login(user)
        self.asked = 0

    def _count(self, execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        self.asked += 1
        return execute(sql, parameters, many, context)

    def look(self, looks: Looks, act: str, address: str, data: Any = None) -> str:
        """Looks again and again; returns the page. `data` is posted."""
        body = ""
        for _ in range(self.repeats):
            self.asked, begun = 0, time.perf_counter()
            with connection.execute_wrapper(self._count):
                answer = (
                    self.client.get(address, follow=True) if data is None else self.client.post(address, data)
                )
            looks.taken.setdefault(act, []).append(1000 * (time.perf_counter() - begun))
            looks.queries = max(looks.queries, self.asked)
            body = answer.content.decode()
            if answer.status_code != (200 if data is None else 302):
                looks.refused[act] = f"{answer.status_code} {answer.headers.get('Location', '')}{said(body)}"
                break
        looks.taken[act].sort()
        return body


def said(page: str) -> str:
    """What a form turned away says."""
    return " ".join(part.split("</ul>")[0] for part in page.split('class="errorlist')[1:])[:300]


def searched(model_admin: Any) -> set[str]:
    """The model's own columns that its list searches."""
    return {name.lstrip(PREFIXES).split("__")[0] for name in model_admin.search_fields}


def hit(model_admin: Any, row: Any) -> str:
    """Something by which the row is found."""
    for name in model_admin.search_fields:
        value = (
            type(row)._base_manager.filter(pk=row.pk).values_list(name.lstrip(PREFIXES), flat=True).first()
        )
        if value:
            return str(value)
    return str(row.pk)


def filters(model_admin: Any, request: Any, most: int | None) -> Iterator[tuple[str, str]]:
    """The choices of every filter: what it is called, and its query; of a long list of rows the first three."""
    shown = model_admin.get_changelist_instance(request)
    for spec in shown.filter_specs:
        choices = [
            choice for choice in spec.choices(shown) if choice.get("query_string") and not choice["selected"]
        ]
        for choice in choices[: 3 if len(choices) > 20 else most]:
            yield f"filter {spec.title}: {choice['display']}", choice["query_string"]


def one_list(looker: Looker, model: Any, model_admin: Any) -> Looks:
    options = model._meta
    looks = Looks(f"{options.app_label}.{options.model_name}")
    named = f"admin:{options.app_label}_{options.model_name}_"
    if is_single(model):
        form(looker, looks, reverse(f"{named}change", args=[1]))
        return looks
    address = reverse(f"{named}changelist")
    looker.look(looks, "open", address)
    request = RequestFactory().get(address)
    request.user = looker.user
    row = model_admin.get_queryset(request).order_by("-pk").first()
    for word in (hit(model_admin, row), *NOBODY) if model_admin.search_fields else ():
        looker.look(looks, f"search {word}", f"{address}?q={word}")
    for act, query in filters(model_admin, request, looker.choices):
        looker.look(looks, act, f"{address}{query}")
    if model is Member:
        chosen = f"?c={row.campaign_id}&c={row.campaign_id - 1}"
        for act, query in (
            ("open of two", ""),
            ("search 7", "&qc=7&qm=7&qa=7"),
            ("search nobody", "&qa=nobody"),
        ):
            looker.look(looks, act, f"{address}{chosen}{query}")
    for at, column in enumerate(model_admin.get_list_display(request) if looker.choices is None else (), 1):
        looker.look(looks, f"open by {column}", f"{address}?o=-{at}")
    if model_admin.has_add_permission(request):
        looker.look(looks, EMPTY, reverse(f"{named}add"))
        if looks.refused.get(EMPTY, "").startswith("405"):  # added by an act, without a form
            del looks.refused[EMPTY], looks.taken[EMPTY]
    try:
        change = reverse(f"{named}change", args=[row.pk])
    except NoReverseMatch:
        return looks
    form(looker, looks, change)
    return looks


def form(looker: Looker, looks: Looks, address: str) -> None:
    """Opens a row's form and saves it as it came, where it may be saved."""
    page = looker.look(looks, "form", address)
    if 'name="_save"' in page:
        looker.look(looks, "save", address, Form(page).fields | {"_continue": ["1"]})


def fill(rows: int, looker: User) -> None:
    """Every table, with words in the columns that some list searches."""
    fill_all(rows, {model: searched(one) for model, one in admin.site._registry.items()}, looker)


def every_list(looker: Looker) -> Iterator[Looks]:
    """All that is registered, one after the other."""
    for model, model_admin in admin.site._registry.items():
        yield one_list(looker, model, model_admin)


def main(rows: int) -> None:
    """Fills the tables, then looks at every list and tells what it took."""
    supervisor = User.objects.get(username="supervisor")
    fill(rows, supervisor)
    for looks in every_list(Looker(supervisor)):
        sys.stdout.write(f"{looks.as_json()}\n")
        sys.stdout.flush()
