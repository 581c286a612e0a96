"""How fast what waits is given to agents, and that nothing is given twice."""

import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import psycopg

from tools.bench.figures import Figure, at_least, at_most
from tools.bench.stage import Stage
from tools.installation import InstallationError
from tools.waiting import TooLateError
from ucontact_wavy.boot import BASE_DIR

WAITING, AGENTS = 10_000, 200
MUST = 500  # a second
DISTRIBUTIONS = ("rrmemory", "wrandom", "leastactive")
STALL_SECONDS = 60.0

# Each time an interaction of the campaign gets an agent, by the database's own hand, whoever writes it.
WATCH = """
CREATE TABLE bench_given (session bigint, begun timestamptz, at timestamptz);
CREATE FUNCTION bench_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO bench_given VALUES (NEW.id, now(), clock_timestamp()); RETURN NULL;
END $$;
CREATE TRIGGER bench_given AFTER UPDATE OF agent_id ON chat_sessions_chatsession FOR EACH ROW
    WHEN (NEW.agent_id IS NOT NULL) EXECUTE FUNCTION bench_note()
"""
# Nobody is there; everything waits again.
RESET = """
DELETE FROM chat_sessions_presence WHERE agent_id IN (SELECT agent_id FROM campaigns_member WHERE campaign_id = %(id)s);
UPDATE campaigns_member SET turn = 0, last_assigned_at = NULL WHERE campaign_id = %(id)s;
UPDATE campaigns_campaign SET distribution = %(distribution)s WHERE id = %(id)s;
UPDATE chat_sessions_chatsession SET agent_id = NULL, assigned_at = NULL
    WHERE campaign_id = %(id)s AND state = 'waiting' AND agent_id IS NOT NULL;
TRUNCATE bench_given
"""
# All of them come to their desks at once.
OPEN = """
INSERT INTO chat_sessions_presence (agent_id, seen_at, state, since)
SELECT agent_id, now() + interval '1 hour', 'available', now() FROM campaigns_member WHERE campaign_id = %s
"""
LEFT = """
SELECT count(*) FROM chat_sessions_chatsession WHERE campaign_id = %s AND state = 'waiting' AND agent_id IS NULL
"""
# From the beginning of the first pass: `begun` is that of a pass's transaction.
COUNT = """
SELECT count(*), count(DISTINCT session), EXTRACT(epoch FROM max(at) - min(begun)), count(DISTINCT begun)
FROM bench_given
"""
FULLEST = """
SELECT max(n) - (SELECT max_interactions FROM campaigns_campaign WHERE id = %(id)s) FROM (
    SELECT count(*) AS n FROM chat_sessions_chatsession
    WHERE campaign_id = %(id)s AND state = 'waiting' AND agent_id IS NOT NULL GROUP BY agent_id) AS held
"""
Database = psycopg.Connection[tuple[Any, ...]]


def run(stage: Stage) -> Iterator[Figure]:
    """Everything waits before anybody is there; then all agents come at once, and the product's own tasks give."""
    waiting = stage.rows(WAITING)
    campaign = _scene(stage, waiting, min(AGENTS, waiting))
    with stage.installation.database() as database:
        for statement in WATCH.split(";\nCREATE "):
            database.execute(statement if statement.lstrip().startswith("CREATE") else f"CREATE {statement}")
        told = {name: _given(database, campaign, name) for name in DISTRIBUTIONS}
    slowest = min(told.values(), key=lambda one: one["per_second"])
    yield Figure(
        "assign",
        slowest["per_second"],
        "assignments/s",
        must=(*at_least(value=MUST), *at_most(given_twice=0, not_given=0, over_the_limit=0)),
        more={
            "waiting": waiting,
            "given_twice": sum(one["twice"] for one in told.values()),
            "not_given": sum(waiting - one["once"] for one in told.values()),
            "over_the_limit": max(one["over"] for one in told.values()),
            "passes": slowest["passes"],
            **{f"{name}_per_second": round(one["per_second"], 1) for name, one in told.items()},
        },
    )


def _scene(stage: Stage, waiting: int, agents: int) -> int:
    done = subprocess.run(
        [sys.executable, "-m", "tools.bench.assign_scene", str(waiting), str(agents)],
        cwd=BASE_DIR,
        env=stage.installation.whole_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise InstallationError(done.stderr[-2000:])
    return int(done.stdout)


def _given(database: Database, campaign: int, distribution: str) -> dict[str, Any]:
    for statement in RESET.split(";\n"):
        database.execute(statement, {"id": campaign, "distribution": distribution})
    database.execute("VACUUM (ANALYZE) chat_sessions_chatsession")
    database.execute(OPEN, [campaign])
    _until_given(database, campaign)
    given, once, seconds, passes = database.execute(COUNT).fetchone() or (0, 0, 0, 0)
    (over,) = database.execute(FULLEST, {"id": campaign}).fetchone() or (0,)
    return {
        "per_second": once / max(float(seconds or 0), 0.001),
        "twice": given - once,
        "once": once,
        "over": max(0, over),
        "passes": passes,
    }


def _until_given(database: Database, campaign: int) -> None:
    moved, seen = time.monotonic(), -1
    while True:
        (left,) = database.execute(LEFT, [campaign]).fetchone() or (0,)
        if not left:
            return
        if left != seen:
            moved, seen = time.monotonic(), left
        if time.monotonic() - moved > STALL_SECONDS:
            raise TooLateError(f"{left} wait, and nothing was given for {STALL_SECONDS} s")
        time.sleep(0.1)
