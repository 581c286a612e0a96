"""Reading a provider's templates at Wavy: fetched first, then written down; what is gone is marked, never deleted."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import transaction

from providers import http
from providers.accounts import account_of
from providers.drivers import DRIVERS, driver_for
from providers.drivers.base import Listed, Listing
from providers.drivers.wavy_templates import language_code
from providers.errors import Refusal
from providers.models import Provider, Template, TemplateSync
from providers.models.template import TemplateSource, TemplateState, placeholders

MOST_PAGES = 50
SECONDS = 10.0  # without a byte: somebody waits for the page
NAMED = 10  # templates of each kind that a report names
CHANGEABLE = (
    *("body", "parameters", "state", "raw_state", "namespace", "parameter_names"),
    *("header_type", "header", "footer", "buttons", "gone_at"),
)
log = structlog.get_logger(__name__)
Key = tuple[str, str]  # code and language


@dataclass(frozen=True, slots=True)
class Synced:
    """What a reading found. `kept`: entered by hand and not listed; `unread`: entries that cannot be read.

    `new`, `changed` and `gone` name templates as "code (language)", all of them.
    """

    ended: Listing
    listed: int = 0
    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    kept: int = 0
    unread: int = 0


@dataclass(frozen=True, slots=True)
class _Found:
    ended: Listing
    templates: tuple[Listed, ...] = ()
    unread: tuple[str, ...] = ()


def sync(provider: Provider, clock: Callable[[], datetime]) -> Synced:
    """Reads a provider's list and writes down what it says. Raises Refusal `no_templates`.

    A list that cannot be read wholly changes nothing. One page of it is held at a time, outside any transaction.
    """
    if not driver_for(provider.api_type).templates:
        raise Refusal("no_templates", status=400)
    found = _fetch(provider)
    synced = _record(provider, found, clock())
    log.info(
        "templates_read",
        provider=provider.pk,
        ended=synced.ended.value,
        new=len(synced.new),
        changed=len(synced.changed),
        gone=len(synced.gone),
    )
    return synced


def sync_all(clock: Callable[[], datetime]) -> int:
    """Reads the lists of all providers that know templates, one after the other; returns how many were read."""
    knowing = [key for key, driver in DRIVERS.items() if driver.templates]
    providers = Provider.objects.filter(api_type__in=knowing).order_by("pk")
    return sum(sync(provider, clock).ended is Listing.READ for provider in providers)


def _fetch(provider: Provider) -> _Found:
    """All pages. The list ends with a page that brings nothing new, whatever size the pages have."""
    driver, account = driver_for(provider.api_type), account_of(provider)
    listed: dict[Listed, None] = {}
    unread: dict[str, None] = {}
    for number in range(1, MOST_PAGES + 1):
        page = driver.read_templates(http.send(driver.build_templates(account, number), read_timeout=SECONDS))
        if page.ended is Listing.ABSENT and number > 1:
            break
        if page.ended is not Listing.READ:
            return _Found(page.ended)
        before = len(listed) + len(unread)
        listed |= dict.fromkeys(page.templates)
        unread |= dict.fromkeys(page.unread)
        if len(listed) + len(unread) == before:
            break
    return _Found(Listing.READ, tuple(listed), tuple(unread))


def _record(provider: Provider, found: _Found, now: datetime) -> Synced:
    with transaction.atomic():
        TemplateSync.objects.get_or_create(provider=provider)
        kept = TemplateSync.objects.select_for_update().get(provider=provider)
        kept.tried_at = now
        if found.ended is not Listing.READ:
            kept.failure = found.ended.value
            kept.save(update_fields=["tried_at", "failure"])
            return Synced(found.ended)
        synced = _write(provider, found, now)
        kept.read_at, kept.failure = now, ""
        kept.namespaces = _namespaces(found.templates)
        kept.save()
    return synced


def _write(provider: Provider, found: _Found, now: datetime) -> Synced:
    wanted = _one_each(found.templates, provider.sms_from)
    known: dict[Key, Template] = {}
    for template in Template.objects.filter(provider=provider).order_by("-pk"):
        known[template.code, language_code(template.language) or template.language] = template
    new = [_made(provider, key, listed, now) for key, listed in wanted.items() if key not in known]
    there = [(known[key], listed) for key, listed in wanted.items() if key in known]
    changed = [template for template, listed in there if _take_over(template, listed)]
    for template, _listed in there:
        template.synced_at = now
    gone = _gone(known, wanted, found.unread)
    for template in gone:
        template.gone_at = now
    Template.objects.bulk_create(new, ignore_conflicts=True)
    Template.objects.bulk_update([one for one, _listed in there], [*CHANGEABLE, "synced_at"], batch_size=500)
    Template.objects.bulk_update(gone, ["gone_at"], batch_size=500)
    return Synced(
        Listing.READ,
        len(wanted),
        _names(new),
        _names(changed),
        _names(gone),
        sum(template.synced_at is None for template in known.values()),
        len(found.unread),
    )


def _one_each(listed: Iterable[Listed], namespace: str) -> dict[Key, Listed]:
    """One for each code and language; of several the approved one, then that of the provider's namespace."""
    best: dict[Key, Listed] = {}
    for one in listed:
        key = (one.code, one.language)
        if key not in best or _rank(one, namespace) > _rank(best[key], namespace):
            best[key] = one
    return best


def _rank(one: Listed, namespace: str) -> tuple[bool, bool]:
    return one.state == TemplateState.APPROVED, one.namespace == namespace


def _made(provider: Provider, key: Key, listed: Listed, now: datetime) -> Template:
    code, language = key
    template = Template(provider=provider, code=code, language=language, source=TemplateSource.WAVY)
    _take_over(template, listed)
    template.synced_at = now
    return template


def _take_over(template: Template, listed: Listed) -> bool:
    """Gives a template what the list says; whether anything of it is new."""
    before = [getattr(template, name) for name in CHANGEABLE]
    template.body, template.parameters = listed.text, placeholders(listed.text)
    template.state, template.raw_state = listed.state, listed.raw_state
    template.namespace, template.parameter_names = listed.namespace, list(listed.names)
    template.header_type, template.header = listed.header_type, listed.header
    template.footer, template.buttons = listed.footer, list(listed.buttons)
    template.gone_at = None
    return before != [getattr(template, name) for name in CHANGEABLE]


def _gone(known: dict[Key, Template], wanted: dict[Key, Listed], unread: tuple[str, ...]) -> list[Template]:
    """Those that were listed before and are not now. An empty list, or one with a nameless entry, proves nothing."""
    if not wanted or "" in unread:
        return []
    return [
        template
        for key, template in known.items()
        if key not in wanted and template.synced_at and not template.gone_at and template.code not in unread
    ]


def _names(templates: list[Template]) -> tuple[str, ...]:
    return tuple(sorted(map(str, templates)))


def _namespaces(listed: tuple[Listed, ...]) -> list[str]:
    counted = Counter(one.namespace for one in listed if one.namespace)
    return [namespace for namespace, _n in counted.most_common(NAMED)]


def other_namespace(provider: Provider) -> str:
    """The namespace that Wavy lists most templates under, where the provider's SMSFrom is none of them; else ""."""
    found = TemplateSync.objects.filter(provider=provider).first()
    if found is None or not found.namespaces or provider.sms_from in found.namespaces:
        return ""
    return str(found.namespaces[0])
