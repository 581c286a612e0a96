"""Every page of the product, light and dark, before axe-core: it finds nothing serious. And work by keyboard alone."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # ships no types
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer
from pytest_django.plugin import DjangoDbBlocker

from tests.browser.whole import Whole, furnish
from tests.emptying import empty
from tests.simulator.process import MARIA, ORIGIN, running

SERIOUS = {"serious", "critical"}
STILL = "*, *::before, *::after { transition: none !important; animation: none !important }"
Look = Callable[..., Page]
Scheme = Literal["light", "dark"]

OPEN_TO_ALL = ("/login/",)
ADMIN_LISTS = (
    "accounts/entry",
    "accounts/team",
    "accounts/user",
    "campaigns/calendar",
    "campaigns/campaign",
    "campaigns/cannedreply",
    "campaigns/legalhours",
    "campaigns/member",
    "chat_sessions/chatsession",
    "chat_sessions/pausereason",
    "dialers/base",
    "dialers/dialer",
    "house/alert",
    "house/alertrules",
    "providers/callback",
    "providers/contact",
    "providers/donotcall",
    "providers/donotcallremoval",
    "providers/donotcallupload",
    "providers/erasure",
    "providers/keepingrules",
    "providers/message",
    "providers/provider",
    "providers/quarantineditem",
    "providers/sendingrules",
    "providers/template",
    "providers/unmatchedstatus",
)
ADMIN_FORMS = (
    "accounts/team/add/",
    "accounts/team/{team}/change/",
    "accounts/user/add/",
    "accounts/user/{user}/change/",
    "accounts/user/{user}/password/",
    "apart/{contact}/",
    "campaigns/calendar/add/",
    "campaigns/calendar/{calendar}/change/",
    "campaigns/campaign/add/",
    "campaigns/cannedreply/add/",
    "campaigns/legalhours/1/change/",
    "chat_sessions/chatsession/{active}/change/",
    "chat_sessions/pausereason/add/",
    "dialers/dialer/add/",
    "dialers/dialer/{dialer}/change/",
    "dialers/dialer/bases/{headed}/",
    "dialers/dialer/bases/{headed}/columns/",
    "dialers/dialer/bases/{ready}/",
    "dialers/dialer/bases/{ready}/preview/",
    "dialers/dialer/bases/{sent}/",
    "dialers/dialer/bases/{sent}/again/",
    "dialers/dialer/bases/{sent}/rows/",
    "dialers/dialer/bases/{sent}/unconfirmed/",
    "erase/{contact}/",
    "house/alert/{alert}/change/",
    "house/alertrules/1/change/",
    "password_change/",
    "providers/callback/{callback}/change/",
    "providers/contact/{contact}/change/",
    "providers/donotcall/add/",
    "providers/donotcall/upload/",
    "providers/donotcall/{entry}/change/",
    "providers/keepingrules/1/change/",
    "providers/message/{message}/change/",
    "providers/provider/add/",
    "providers/provider/{provider}/change/",
    "providers/quarantineditem/{item}/change/",
    "providers/sendingrules/1/change/",
    "providers/template/add/",
    "providers/template/{template}/change/",
    "story/",
    "story/59899123456/",
    "",
)
CAMPAIGN_TABS = ("general", "schedule", "members", "queue", "dispositions", "keywords", "replies")
OTHERS = (
    ("supervisor", "/"),
    ("supervisor", "/admin/"),
    ("operator", "/admin/"),
    ("operator", "/admin/dialers/dialer/{dialer}/change/"),
    ("nobody", "/"),
    ("agent", "/password/"),
    ("agent", "/desk/"),
    ("agent", "/desk/{active}/"),
    ("agent", "/desk/{waiting}/"),
    ("agent", "/desk/{sms}/"),
    ("supervisor who answers", "/desk/{unrouted}/"),
    ("supervisor", "/board/"),
    ("supervisor", "/api/docs/"),
    ("agent", "/board/"),
    ("agent", "/nowhere/"),
)
ERRORS = {("agent", "/board/"): 403, ("agent", "/nowhere/"): 404}
PAGES = (
    *(("admin", f"/admin/{name}/") for name in ADMIN_LISTS),
    *(("admin", f"/admin/{name}") for name in ADMIN_FORMS),
    *(("admin", f"/admin/campaigns/campaign/{{campaign}}/change/#{tab}") for tab in CAMPAIGN_TABS),
    *OTHERS,
)


@pytest.fixture(scope="module")
def transactional_db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """One set of rows for all tests of this file, which only read; the tables are emptied at the end."""
    with django_db_blocker.unblock():
        yield
        empty()


@pytest.fixture(scope="module")
def live(transactional_db: None) -> Iterator[LiveServer]:
    server = LiveServer("localhost")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def whole(live: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    return furnish(tmp_path_factory.mktemp("bases"))


@pytest.fixture(scope="module")
def contexts(browser: Browser, whole: Whole, live: LiveServer) -> Iterator[dict[str, BrowserContext]]:
    """A window of everybody's own. The policy would forbid the checker itself."""
    made = {}
    for name, cookie in {**whole.cookies, "stranger": ""}.items():
        made[name] = browser.new_context(
            viewport={"width": 1280, "height": 900}, locale="en-GB", bypass_csp=True, reduced_motion="reduce"
        )
        if cookie:
            made[name].add_cookies([{"name": "sessionid", "value": cookie, "url": live.url}])
    yield made
    for context in made.values():
        context.close()


@pytest.fixture
def look(contexts: dict[str, BrowserContext], live: LiveServer, whole: Whole) -> Iterator[Look]:
    """Opens a page as somebody; it must answer with the expected status."""
    pages = []

    def enter(who: str, path: str, status: int = 200) -> Page:
        page = contexts[who].new_page()
        pages.append(page)
        answer = page.goto(live.url + path.format(**whole.ids))
        assert answer is not None
        assert answer.status == status
        return page

    yield enter
    for page in pages:
        page.close()


def serious(page: Page, scheme: Scheme, rules: Sequence[str] = ()) -> list[str]:
    """Rule, element and what is wrong with it, of all that would keep somebody from using the page."""
    page.add_style_tag(content=STILL)
    options = {"resultTypes": ["violations"], **({"runOnly": list(rules)} if rules else {})}
    found: list[dict[str, Any]] = Axe().run(page, options=options).response["violations"]
    return [
        f"{scheme}: {violation['id']} ({violation['impact']}): {node['target']} {node['html'][:200]} — "
        f"{node['failureSummary']}"
        for violation in found
        if violation["impact"] in SERIOUS
        for node in violation["nodes"]
    ]


def both(page: Page) -> list[str]:
    """All rules in the light; in the dark the one that asks about colours."""
    light = serious(page, "light")
    page.emulate_media(color_scheme="dark")
    page.reload()
    return light + serious(page, "dark", ["color-contrast"])


@pytest.mark.parametrize(("who", "path"), PAGES, ids=[f"{path or 'start'} of {who}" for who, path in PAGES])
def test_nothing_on_the_page_keeps_anybody_from_using_it(look: Look, who: str, path: str) -> None:
    assert both(look(who, path, ERRORS.get((who, path), 200))) == []


def test_what_the_composer_opens_can_be_used_by_everybody(look: Look) -> None:
    page = look("agent", "/desk/{active}/")
    message = page.get_by_label("Message", exact=True)
    message.fill("/")
    page.get_by_role("option").first.wait_for()
    found = serious(page, "light")
    message.press("Escape")
    message.press("Alt+n")
    found += serious(page, "light")
    page.keyboard.press("Alt+n")
    page.get_by_role("button", name="Use a template").click()
    page.get_by_label("Template", exact=True).select_option(index=0)
    page.locator("#preview").wait_for()
    assert found + serious(page, "light") == []


@pytest.mark.parametrize("path", OPEN_TO_ALL)
def test_strangers_can_sign_in(look: Look, path: str) -> None:
    assert both(look("stranger", path)) == []


def test_the_customers_phones_can_be_used_by_everybody(contexts: dict[str, BrowserContext]) -> None:
    with running() as phones:
        phones.send()
        page = contexts["stranger"].new_page()
        page.goto(f"{phones.url}/phone/?number={MARIA}&origin={ORIGIN}")
        page.get_by_role("log", name="Chat").wait_for()
        found = both(page)
        page.close()
    assert found == []


# All that can be worked with and is seen, and how each looks: its id, else what it says (times run), its outline, ring,
# border and ground.
PARTS = """() => {
  const drawn = (one) => {
    const style = getComputedStyle(one);
    const outline = style.outlineStyle === "none" ? "none" : style.outlineWidth + style.outlineColor;
    return [outline, style.boxShadow, style.borderColor, style.backgroundColor, style.clipPath].join("|");
  };
  window.looksOf = (one) => drawn(one) + drawn(one.parentElement);
  window.nameOf = (one) => [one.tagName, one.id || one.getAttribute("name") || one.getAttribute("href"),
    one.id ? "" : (one.innerText || one.getAttribute("aria-label") || "").trim().slice(0, 40)].join(" ");
  const all = "a[href], button, input, select, textarea, summary, [tabindex]";
  const seen = (one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !one.disabled
    && one.tabIndex >= 0 && one.type !== "hidden" && one.getClientRects().length;
  return Object.fromEntries([...document.querySelectorAll(all)].filter(seen).map((one) => [nameOf(one), looksOf(one)]));
}"""
HERE = """() => {
  const one = document.activeElement;
  return one === document.body ? null : [nameOf(one), looksOf(one)];
}"""
MANY_TABS = 200


def walk(page: Page) -> tuple[set[str], set[str]]:
    """What the Tab key does not reach of a page, and what does not show that it is reached."""
    page.wait_for_load_state("networkidle")
    page.add_style_tag(content=STILL)
    page.evaluate("document.activeElement.blur()")
    parts: dict[str, str] = page.evaluate(PARTS)
    reached: dict[str, str] = {}
    for _turn in range(MANY_TABS):
        page.keyboard.press("Tab")
        here = page.evaluate(HERE)
        if here is None:  # past the last one and round again: a page may begin with a field in focus
            continue
        if here[0] in reached and len(reached) >= len(parts):
            break
        reached.setdefault(here[0], here[1])  # a date has several stops, the later ones within it
    return set(parts) - set(reached), {name for name, looks in reached.items() if parts.get(name) == looks}


def tab_to(page: Page, words: str) -> None:
    """Tab until what says these words has the focus."""
    for _turn in range(MANY_TABS):
        page.keyboard.press("Tab")
        if words in page.evaluate("document.activeElement.innerText || ''"):
            return
    raise AssertionError(f"Tab never reaches {words}")


def test_the_desk_is_worked_by_keyboard_alone(look: Look) -> None:
    page = look("agent", "/desk/")
    assert walk(page) == (set(), set())
    tab_to(page, "Pending")
    page.keyboard.press("ArrowRight")
    tab_to(page, "María José")
    page.keyboard.press("Enter")
    page.get_by_role("log").wait_for()
    assert walk(page) == (set(), set())


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_dialogs_of_the_desk_keep_nobody_out(look: Look, scheme: Scheme) -> None:
    page = look("agent", "/desk/{active}/")
    page.emulate_media(color_scheme=scheme)
    found = []
    for keys in ("Alt+t", "Alt+c", "Control+k"):
        page.keyboard.press(keys)
        page.locator("dialog[open]").wait_for()
        found += serious(page, scheme)
        page.keyboard.press("Escape")
    page.get_by_role("button", name="New conversation").click()
    page.locator("dialog[open]").wait_for()
    assert found + serious(page, scheme) == []


@pytest.mark.parametrize("base", ["sent", "ready", "headed"])
def test_the_page_of_a_base_is_worked_by_keyboard_alone(look: Look, base: str) -> None:
    assert walk(look("operator", f"/admin/dialers/dialer/bases/{{{base}}}/")) == (set(), set())


def test_the_dialer_page_is_worked_by_keyboard_alone(look: Look) -> None:
    page = look("operator", "/admin/dialers/dialer/{dialer}/change/")
    assert walk(page) == (set(), set())
