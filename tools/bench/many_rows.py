"""Fills every table of the product with as many rows as asked for, by what its columns are, past the product by SQL."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group
from django.db import connection, models
from django.db.models import NOT_PROVIDED

from accounts.models import User
from accounts.roles import Role
from campaigns.models import Campaign
from providers.states import OUTGOING

OWN = ("accounts", "providers", "campaigns", "dialers", "chat_sessions", "house", "auditlog")
OFFERED = 100  # rows of a table that is not filled, to point at
NUMBERS = 5_511_910_000_000  # what is a number counts from here
LANGUAGES = ["en", "es", "pt_BR"]
# What a sentence is made of, and what a form asks for.
KNOWN = {
    ("accounts.user", "email"): "'person-' || g || '@example.com'",
    ("providers.provider", "api_type"): "'WavyWhatsapp'",  # which knows templates
    ("house.alert", "subject"): "'provider:' || g + 1",
    (
        "house.alert",
        "values",
    ): """'{"provider": "Wavy", "base": "monday.csv", "dialer": "Dialer", "campaign": "Sales",
        "queue": "bases", "reason": "", "bases": 1, "percent": 40, "limit": 30, "n": 7, "most": 5,
        "seconds": 90}'::jsonb""",
}
STATES = [int(state) for state in OUTGOING]
TEAMS = 20  # of whoever looks
HIDDEN = 1000  # campaigns that are kept from whoever looks
CALLED_NUMBER = ("number", "contact", "address", "did")


class Filler:
    """Makes the rows of one table after the other; `g` counts a table's rows in the SQL."""

    def __init__(self, rows: int, wanted: dict[type[models.Model], set[str]]) -> None:
        self.rows = rows
        self.wanted = wanted  # columns that somebody searches: they get words
        self.first: dict[type[models.Model], int] = {}

    def fill(self, model: type[models.Model]) -> None:
        """Raises an IntegrityError where a table's constraints want something better."""
        values = {
            field.column: self.value(model, field)
            for field in model._meta.concrete_fields
            if not (field.primary_key and isinstance(field, models.AutoField)) and not field.generated
        }
        quoted, table, key = connection.ops.quote_name, model._meta.db_table, model._meta.pk
        columns = ", ".join(quoted(str(name)) for name in values)
        said = ", ".join(text for text, _parameters in values.values())
        parameters = [one for _text, given in values.values() for one in given]
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {quoted(table)} ({columns}) SELECT {said} "  # noqa: S608 - our own names
                f"FROM generate_series(0, {self.rows - 1}) AS g RETURNING {quoted(str(key.column))}",
                parameters,
            )
            first = cursor.fetchone()
        if first and isinstance(first[0], int):
            self.first[model] = first[0]

    def value(self, model: type[models.Model], field: Any) -> tuple[str, list[Any]]:
        """A column's SQL, with its parameters."""
        known = KNOWN.get((model._meta.label_lower, field.name))
        if known:
            return known, []
        if field.is_relation:
            return self.pointer(field), []
        if field.choices:
            keys = [field.get_db_prep_value(key, connection) for key, _word in field.flatchoices if key != ""]
            return "(%s::text[])[1 + g %% %s]::" + field.db_type(connection), [
                list(map(str, keys)),
                len(keys),
            ]
        searched = field.name in self.wanted.get(model, set())
        return self.plain(field, searched or in_a_constraint(model, field))

    def plain(self, field: Any, own: bool) -> tuple[str, list[Any]]:
        """`own`: of each row its own."""
        kind = field.db_type(connection)
        if isinstance(field, models.DateTimeField | models.DateField):
            moment = "(now() - g * interval '1 minute')"
            return (f"CASE WHEN g %% 3 = 0 THEN {moment} END" if field.null else moment), []
        if isinstance(field, models.BooleanField):
            usual = "g %% 10 <> 0" if field.get_default() else "g %% 10 = 0"
            return ("false" if own else usual), []
        if isinstance(field, models.UUIDField):
            return "gen_random_uuid()", []
        if isinstance(field, models.BinaryField):
            return "'{}'::bytea", []
        if own and isinstance(field, models.CharField | models.TextField):
            if field.name == "language":
                return f"(ARRAY{LANGUAGES})[1 + g %% {len(LANGUAGES)}]", []
            if field.name in CALLED_NUMBER:
                return f"({NUMBERS} + g)::text", []
            return f"left('{field.name}-' || g, {field.max_length or 1000})", []
        if field.name == "state" and isinstance(field, models.IntegerField):
            return f"(ARRAY{STATES})[1 + g %% {len(STATES)}]", []  # of a tally
        if own and isinstance(field, models.IntegerField):
            return ("g %% 30000" if kind == "smallint" else "g"), []
        if field.null:
            return "NULL", []
        default = field.get_default() if field.default is not NOT_PROVIDED else blank_of(field)
        return f"%s::{kind}", [field.get_db_prep_save(default, connection)]

    def pointer(self, field: Any) -> str:
        """To a row of its own of a table that is full, else to one of the first of another."""
        target = field.related_model._meta.concrete_model
        if target in self.first:
            of_its_own = f"{self.first[target]} + g"
            return f"CASE WHEN g %% 3 > 0 THEN {of_its_own} END" if field.null else of_its_own
        ids = list(target._base_manager.order_by("pk").values_list("pk", flat=True)[:OFFERED])
        if not ids or field.null:
            return "NULL"
        return f"(ARRAY{ids})[1 + g %% {len(ids)}]"


def blank_of(field: Any) -> Any:
    """What a column without a default holds where nobody says more."""
    if isinstance(field, models.IntegerField | models.FloatField | models.DecimalField):
        return 0
    if isinstance(field, models.JSONField):
        return {}
    return "" if field.blank else "words"


def in_a_constraint(model: type[models.Model], field: Any) -> bool:
    """Whether no two rows may have it alike, by itself or together with others."""
    together: list[Any] = [*model._meta.unique_together]
    together += [one.fields for one in model._meta.constraints if isinstance(one, models.UniqueConstraint)]
    return field.unique or any(field.name in names for names in together)


def is_single(model: type[models.Model]) -> bool:
    """Whether the table holds one row at most."""
    return any(one.name.startswith("one_row") for one in model._meta.constraints)


def in_order(found: list[type[models.Model]]) -> Iterator[type[models.Model]]:
    """Each after what it points at; where they point at each other, as they come."""
    left = list(found)
    while left:
        ready = [one for one in left if not (targets(one) & (set(left) - {one}))] or left[:1]
        yield from ready
        left = [one for one in left if one not in ready]


def targets(model: type[models.Model]) -> set[Any]:
    return {field.related_model for field in model._meta.concrete_fields if field.is_relation}


def fill_all(rows: int, wanted: dict[type[models.Model], set[str]], looker: User) -> None:
    """Every table of the product and of who did what; people get a role each.

    Whoever looks is in some teams, and some campaigns are kept back from them.
    """
    filler = Filler(rows, wanted)
    ours = [one for one in apps.get_models() if one._meta.app_label in OWN and one._meta.managed]
    kinds = [one for one in ours if not (one._meta.proxy or is_single(one))]
    for model in in_order([Group, *kinds]):
        filler.fill(model)
    quoted = connection.ops.quote_name
    roles = list(Group.objects.filter(name__in=list(Role)).order_by("pk").values_list("pk", flat=True))
    team = filler.first[Group]
    looker.groups.add(*range(team + 1, team + min(TEAMS, rows)))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quoted(User.groups.through._meta.db_table)} (user_id, group_id) "  # noqa: S608 - our own names
            f"SELECT {filler.first[User]} + g, (%s::int[])[1 + g %% {len(roles)}] "
            f"FROM generate_series(0, {rows - 1}) g",
            [roles],
        )
        cursor.execute(
            f"INSERT INTO {quoted(Campaign.groups.through._meta.db_table)} (campaign_id, group_id) "  # noqa: S608 - our own names
            f"SELECT {filler.first[Campaign]} + g, {team} FROM generate_series(0, {min(HIDDEN, rows // 10) - 1}) g"
        )
        cursor.execute("ANALYZE" if connection.in_atomic_block else "VACUUM (ANALYZE)")
