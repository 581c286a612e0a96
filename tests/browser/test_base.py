"""A base in a real browser: columns mapped, preview read, tested, its report mended, started, paused, cancelled."""

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import SignIn
from tools.installation import Installation
from tools.wavy import Wavy

PHONE = "59899777001"  # the operator's own
FIRST = 59_899_770_100
PEOPLE = 60
GAP = 500  # milliseconds between two messages: half a minute in which a pause and a cancel are caught
DIALER = "ClinicDialer"


@pytest.fixture(scope="module")
def dialer(installation: Installation, wavy: Wavy) -> str:
    """The address of a slow dialer at the demo's provider, with a template of two parameters."""
    (provider,) = installation.get("providers/?name=Wavy")["results"]
    installation.connect(wavy)
    template = {
        "provider": provider["id"],
        "code": "clinic_reminder",
        "language": "en",
        "body": "Dear {{1}}, see you {{2}}.",
    }
    dialer = {"name": DIALER, "provider": provider["id"], "time_between_messages": GAP}
    assert installation.api("POST", "templates/", json=template).status_code == 201
    made = installation.api("POST", "dialers/", json=dialer)
    assert made.status_code == 201, made.text
    return f"{installation.url}/admin/dialers/dialer/{made.json()['id']}/change/"


@pytest.fixture
def sheet(base_file: Callable[[str, list[str]], Path]) -> Path:
    """What a clinic exports: names of its own, a column nobody asked for, and one number that is none."""
    lines = [f"Ana {n};{FIRST + n};Monday at {n % 12 + 1};Centre" for n in range(PEOPLE)]
    return base_file("clinic.csv", ["Paciente;Celular;Turno;Sede", *lines, "Bea;12;Friday at 9;Centre"])


def card(page: Page, name: str) -> Locator:
    """The newest base of that name."""
    named = page.locator("article.base").filter(has=page.get_by_role("heading", name=name, exact=True))
    return named.first


def upload(page: Page, file: Path) -> None:
    page.get_by_label("Base", exact=True).set_input_files(file)
    page.get_by_role("button", name="Upload").click()


def map_columns(base: Locator) -> None:
    expect(base).to_contain_text("choose the columns")
    expect(base.get_by_role("cell", name="Ana 0", exact=True)).to_be_visible()
    base.get_by_label("Template").select_option(label="clinic_reminder (en)")
    expect(base.get_by_label("Number")).to_have_value("Celular")
    base.get_by_label("{{1}}").select_option("Paciente")
    base.get_by_label("{{2}}").select_option("Turno")
    expect(base.locator(".bubble")).to_have_text("Dear Ana 0, see you Monday at 1.")
    base.get_by_role("button", name="Use these columns").click()


def read_preview(base: Locator) -> None:
    expect(base).to_contain_text("ready")
    expect(base).to_contain_text(f"{PEOPLE} valid lines")
    expect(base.locator(".bubble")).to_have_text(
        [f"Dear Ana {n}, see you Monday at {n + 1}." for n in range(3)]
    )
    expect(base.get_by_role("term").filter(has_text="number too short or too long")).to_be_visible()
    expect(base).to_contain_text(f"{PEOPLE} messages at 2 a second: under a minute")
    base.get_by_role("link", name="Show more of them").click()
    expect(base.locator(".bubble")).to_have_count(13)


def test_send(base: Locator, wavy: Wavy) -> None:
    base.get_by_label("Line", exact=True).fill("3")
    base.get_by_label("To a phone of yours").fill(f"+{PHONE}")
    base.get_by_role("button", name="Test send").click()
    tests = base.locator(".tests")
    expect(tests).to_contain_text("line 3")
    expect(tests.locator(".label")).to_have_text(re.compile("taken by Wavy|sent|delivered|read"))
    got = wavy.ask(f"/control/received?number={PHONE}")["messages"]
    assert [one["text"].split("\n") for one in got] == [["clinic_reminder", "Ana 1", "Monday at 2"]]
    expect(base.locator("[data-unprocessed]")).to_have_text(str(PEOPLE))


test_send.__test__ = False  # type: ignore[attr-defined]  # a step of the walk, in the product's word


def mended_report(page: Page, base: Locator, folder: Path) -> Path:
    with page.expect_download() as download:
        base.get_by_role("link", name="error report").click()
    with download.value.path().open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.reader(file))
    assert [row[0] for row in rows] == ["line", str(PEOPLE + 2)]
    rows[1][2] = rows[1][2].replace(";12;", f";{FIRST + PEOPLE};")
    mended = folder / "mended.csv"
    with mended.open("w", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    return mended


def counts(base: Locator) -> Any:
    return base.locator("[data-unprocessed]")


def test_a_base_is_mapped_tried_mended_started_paused_cancelled_and_known_again(
    dialer: str, sheet: Path, wavy: Wavy, sign_in: SignIn, tmp_path: Path
) -> None:
    page = sign_in("operator")
    page.goto(dialer)
    upload(page, sheet)
    base = card(page, "clinic.csv")
    map_columns(base)
    read_preview(base)
    test_send(base, wavy)

    upload(page, mended_report(page, base, tmp_path))
    mended = card(page, "mended.csv")
    expect(mended).to_contain_text("1 valid line")
    expect(mended.locator(".bubble")).to_have_text(["Dear Bea, see you Friday at 9."])
    expect(base.locator(".bubble")).to_have_count(13)  # what was open stays as it was
    mended.get_by_role("button", name="Discard").click()
    page.get_by_role("dialog").get_by_role("button", name="Discard").click()
    expect(mended).to_have_count(0)

    base.get_by_role("button", name="Start").click()
    expect(base).to_have_attribute("data-state", "running")
    expect(counts(base)).not_to_have_text(str(PEOPLE))
    base.get_by_role("button", name="Pause").click()
    expect(base).to_have_attribute("data-state", "paused")

    base.get_by_role("button", name="Go on").click()
    expect(base).to_have_attribute("data-state", "running")
    base.get_by_role("button", name=re.compile("Cancel the remaining")).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("They will not be sent.")
    dialog.get_by_role("button", name=re.compile("Cancel the remaining")).click()
    expect(base).to_have_attribute("data-state", "cancelled")
    expect(counts(base)).to_have_text("0")
    expect(base.locator(".tally")).to_contain_text("cancelled")

    upload(page, sheet)
    again = card(page, "clinic.csv")
    expect(again).to_have_attribute("data-state", "ready")
    expect(again).to_contain_text("remembered, for files like this: number from “Celular”")
    again.get_by_role("button", name="Start").click()
    expect(dialog).to_contain_text("sent the same file to")
    dialog.get_by_role("button", name="No, leave it").click()
    expect(dialog).to_be_hidden()
    expect(again).to_have_attribute("data-state", "ready")
