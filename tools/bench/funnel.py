"""How fast the page of a base of a million rows answers while the base is being sent."""

import re
import time
from collections.abc import Iterator
from typing import Any

import requests

from tools.bench.figures import Figure, at_most
from tools.bench.stage import Stage, distinct
from tools.installation import Installation

ROWS = 1_000_000
TO_SEND = 60_000  # of them; the rest has its outcomes already
LOOKS = 40
LIMIT = 300.0  # milliseconds

# What a base of this size looks like after hours of sending, without sending it.
FILL = """
CREATE TEMPORARY TABLE filled AS SELECT n, 6000000000000 + n AS number,
    CASE WHEN n %% 100 < 60 THEN 100 WHEN n %% 100 < 85 THEN 90 WHEN n %% 100 < 93 THEN 60
         WHEN n %% 100 < 97 THEN 80 WHEN n %% 100 < 99 THEN 70 WHEN n %% 10000 = 99 THEN 40 ELSE 50 END AS state
FROM generate_series(1, %(count)s) AS n;
INSERT INTO providers_contact (provider_id, contact, address, name, created_at)
SELECT %(provider)s, number::text, number::text, '', now() FROM filled;
INSERT INTO providers_message (provider_id, contact_id, direction, did, address, kind, text, content, correlation_id,
    provider_message_id, state, error, error_detail, raw_code, attempts, batch, taken_up, opt_out, created_at,
    submitting_at, accepted_at, sent_at, delivered_at, read_at, failed_at, expired_at, refused_at, replied_at)
SELECT %(provider)s, c.id, 1, '', c.contact, 'text', 'Dear customer ' || n, jsonb_build_object('text', 'Dear ' || n),
    gen_random_uuid(), 'old-' || n, f.state,
    CASE f.state WHEN 80 THEN (ARRAY['invalid_number', 'no_credit', 'not_delivered'])[1 + n %% 3]
                 WHEN 70 THEN 'expired' WHEN 50 THEN 'bad_request' ELSE '' END,
    '', '', 1, %(base)s, false, false, t.at, t.at, t.at, t.at,
    CASE WHEN f.state >= 90 THEN t.at END, CASE WHEN f.state = 100 THEN t.at END,
    CASE WHEN f.state = 80 THEN t.at END, CASE WHEN f.state = 70 THEN t.at END, CASE WHEN f.state = 50 THEN t.at END,
    CASE WHEN n %% 50 = 0 THEN t.at END
FROM filled f JOIN providers_contact c ON c.provider_id = %(provider)s AND c.contact = f.number::text
CROSS JOIN (SELECT now() - interval '3 hours' AS at) AS t ORDER BY n;
INSERT INTO dialers_row (base_id, line, contact, address, priority, kind, content, state, message_id)
SELECT %(base)s, 1000000 + row_number() OVER (ORDER BY m.id), m.address, m.address, 9999, m.kind, m.content, 1, m.id
FROM providers_message m WHERE m.batch = %(base)s;
INSERT INTO providers_tallydelta (batch, state, n)
SELECT batch, state, count(*) FROM providers_message WHERE batch = %(base)s GROUP BY batch, state
UNION ALL
SELECT batch, 3, count(*) FROM providers_message WHERE batch = %(base)s AND replied_at IS NOT NULL GROUP BY batch;
INSERT INTO providers_errordelta (batch, state, error, n)
SELECT batch, state, error, count(*) FROM providers_message
WHERE batch = %(base)s AND state IN (50, 70, 80) GROUP BY batch, state, error;
UPDATE dialers_base SET lines = lines + %(count)s, valid = valid + %(count)s WHERE id = %(base)s;
"""


def fill(installation: Installation, base: int, count: int) -> None:
    """Gives a loaded base `count` more rows, each with a message that came to some end. Past the product, by SQL."""
    with installation.database() as connection:
        found = connection.execute(
            "SELECT d.provider_id FROM dialers_base b JOIN dialers_dialer d ON d.id = b.dialer_id WHERE b.id = %s",
            [base],
        ).fetchone()
        values = {"base": base, "count": count, "provider": found[0] if found else 0}
        for statement in FILL.split(";\n"):
            if statement.strip():
                connection.execute(statement, values)
        connection.execute("ANALYZE")


def browser(installation: Installation, user: str = "operator") -> requests.Session:
    """Somebody of the demo, signed in at the page."""
    session = requests.Session()
    address = f"{installation.url}/login/"
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', session.get(address, timeout=30).text)
    session.post(
        address,
        data={"username": user, "password": "wavy-demo", "csrfmiddlewaretoken": found[1] if found else ""},
        headers={"Referer": address},
        timeout=30,
    ).raise_for_status()
    return session


def looks(session: requests.Session, address: str, count: int) -> list[float]:
    """Milliseconds of each look at a page, in ascending order."""
    taken: list[float] = []
    for _ in range(count):
        begun = time.perf_counter()
        answer = session.get(address, timeout=60)
        taken.append(1000 * (time.perf_counter() - begun))
        answer.raise_for_status()
    return sorted(taken)


def run(stage: Stage) -> Iterator[Figure]:
    """The base's page by HTTP, 19 of 20 looks within the value; the lists behind its numbers beside it."""
    installation = stage.installation
    stage.wavy.switch(callbacks_off=True)
    stage.warm_up()
    base = stage.upload(distinct(stage.rows(TO_SEND)))
    fill(installation, base, stage.rows(ROWS - TO_SEND))
    session = browser(installation)
    page = f"{installation.url}/admin/dialers/dialer/bases/{base}/"
    stage.start(base)
    stage.until_taken(1)
    taken = looks(session, page, LOOKS)
    lists: dict[str, Any] = {
        name: round(looks(session, f"{page}rows/?{query}", 3)[1], 1)
        for name, query in (
            ("all_rows_ms", ""),
            ("failures_of_a_reason_ms", "state=failed&error=no_credit"),
            ("delivered_ms", "reached=delivered"),
            ("rare_state_ms", "state=accepted"),
        )
    }
    sending = installation.get(f"bases/{base}/")["state"] == "running"
    yield Figure(
        "funnel",
        taken[int(len(taken) * 0.95)],
        "ms",
        LIMIT,
        at_most(value=LIMIT),
        {
            "median": round(taken[len(taken) // 2], 1),
            "worst": round(taken[-1], 1),
            "sending": sending,
            **lists,
        },
    )
