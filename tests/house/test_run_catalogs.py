"""Translations are compiled when they changed, and only then."""

import gettext
import os
from pathlib import Path

import pytest

from ucontact_wavy.run.catalogs import compile_catalogs

CATALOG = """msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgid "Campaign"
msgstr "Campaña"
"""


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    """The Spanish catalog of a `locale` folder."""
    folder = tmp_path / "es" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    path = folder / "django.po"
    path.write_text(CATALOG)
    return path


def test_a_new_catalog_is_compiled(tmp_path: Path, catalog: Path) -> None:
    assert compile_catalogs(tmp_path) == [catalog.with_suffix(".mo")]
    assert gettext.translation("django", tmp_path, ["es"]).gettext("Campaign") == "Campaña"


def test_an_unchanged_catalog_is_left_alone(tmp_path: Path, catalog: Path) -> None:
    compile_catalogs(tmp_path)
    assert compile_catalogs(tmp_path) == []


def test_a_changed_catalog_is_compiled_again(tmp_path: Path, catalog: Path) -> None:
    [compiled] = compile_catalogs(tmp_path)
    newer = compiled.stat().st_mtime + 10
    os.utime(catalog, (newer, newer))
    assert compile_catalogs(tmp_path) == [compiled]
