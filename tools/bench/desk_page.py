"""How soon a real browser shows a conversation of 10,000 messages, and how soon the ones before, on scrolling."""

import re
import shutil
from collections.abc import Iterator

from playwright.sync_api import Page, sync_playwright

from tools.bench.figures import Figure, at_most
from tools.bench.stage import Stage
from tools.installation import PASSWORD
from tools.waiting import eventually

MESSAGES = 10_000
LOOKS = 30
SCROLLS = 20
LIMIT = 300.0  # milliseconds
NUMBER = "5511966660001"
ORIGIN = "5511900000001"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# Half of them theirs, half of an agent's, one in ten with an event beside it: past the product, by SQL.
FILL = """
INSERT INTO providers_message (provider_id, contact_id, direction, did, address, kind, text, content, correlation_id,
    provider_message_id, state, error, error_detail, raw_code, attempts, taken_up, opt_out, created_at, author_id)
SELECT c.provider_id, c.id, 1 + n %% 2, '', c.address, CASE n %% 2 WHEN 0 THEN 'text' ELSE 'TEXT' END,
    'Message ' || n || ' of a long acquaintance, with as many words as people write.', '{"text": ""}',
    CASE n %% 2 WHEN 0 THEN gen_random_uuid() END, 'old-' || n, CASE n %% 2 WHEN 0 THEN 100 ELSE 200 END,
    '', '', '', 1, true, false, now() - interval '1 minute' * (%(count)s - n), CASE n %% 2 WHEN 0 THEN s.agent_id END
FROM generate_series(1, %(count)s) AS n
CROSS JOIN chat_sessions_chatsession s JOIN providers_contact c ON c.id = s.contact_id
WHERE s.id = %(session)s ORDER BY n;
INSERT INTO chat_sessions_event (session_id, contact_id, kind, at, text)
SELECT s.id, s.contact_id, 'note', now() - interval '1 minute' * n, 'Note ' || n
FROM generate_series(1, %(count)s, 10) AS n CROSS JOIN chat_sessions_chatsession s WHERE s.id = %(session)s;
"""
# The moment of the first frame after which the newest message stands in view, by the page's own clock.
WATCH = """
window.seen = new Promise((resolve) => {
  const look = () => {
    const last = document.querySelector("#bubbles > li:last-of-type");
    const place = last?.getBoundingClientRect();
    if (!place || place.bottom > innerHeight || place.bottom <= 0) return requestAnimationFrame(look);
    return requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
  };
  requestAnimationFrame(look);
});
window.painted = new Promise((resolve) => {
  new PerformanceObserver((list) => {
    for (const entry of list.getEntriesByName("first-contentful-paint")) resolve(entry.startTime);
  }).observe({ type: "paint", buffered: true });
});
"""
SCROLL = """
() => new Promise((resolve) => {
  const first = document.querySelector("#bubbles > li[id^=m]").id;
  const begun = performance.now();
  document.getElementById("scroll").scrollTop = 0;
  const look = () => {
    if (document.querySelector("#bubbles > li[id^=m]").id === first) return requestAnimationFrame(look);
    return resolve(performance.now() - begun);
  };
  look();
})
"""


def conversation(stage: Stage) -> int:
    """The id of an interaction that an agent holds, with the messages before it."""
    installation = stage.installation
    installation.connect(stage.wavy)
    stage.wavy.tell("POST", "/control/say", source=NUMBER, origin=ORIGIN, text="Hello!")
    sessions = eventually(lambda: installation.get("sessions/", "agent1")["results"], what="an interaction")
    session = int(sessions[0]["id"])
    installation.done("POST", f"sessions/{session}/take/", "agent1")
    values = {"session": session, "count": stage.rows(MESSAGES)}
    with installation.database() as connection:
        for statement in FILL.split(";\n"):
            if statement.strip():
                connection.execute(statement, values)
        connection.execute("ANALYZE")
    return session


def sign_in(page: Page, address: str) -> None:
    page.goto(f"{address}/")
    page.get_by_label("Username").fill("agent1")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile("/desk/"))


def percentile(taken: list[float], share: float = 0.95) -> float:
    return sorted(taken)[int(len(taken) * share)]


def run(stage: Stage) -> Iterator[Figure]:
    """19 of 20 openings of the conversation in Chromium, from the click to the frame that shows its newest message."""
    session = conversation(stage)
    address = f"{stage.installation.url}/desk/{session}/"
    system = next(filter(None, map(shutil.which, NAMES)), None)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=system, args=["--no-sandbox", "--disable-gpu"])
        page = chromium.new_page(viewport={"width": 1280, "height": 900}, locale="en-GB")
        sign_in(page, stage.installation.url)
        page.add_init_script(WATCH)
        page.goto(address)
        seen, painted = [], []
        for _ in range(LOOKS):
            page.goto(address)
            seen.append(float(page.evaluate("window.seen")))
            painted.append(float(page.evaluate("window.painted")))
        older = [float(page.evaluate(SCROLL)) for _ in range(SCROLLS)]
        chromium.close()
    yield Figure(
        "desk_page",
        percentile(seen),
        "ms",
        LIMIT,
        at_most(value=LIMIT),
        {
            "median": round(percentile(seen, 0.5), 1),
            "worst": round(max(seen), 1),
            "first_contentful_paint": round(percentile(painted), 1),
            "older_on_scrolling": round(percentile(older), 1),
            "messages": stage.rows(MESSAGES),
        },
    )
