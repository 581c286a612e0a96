"""Compiles the translations that are newer than their compiled form."""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from ucontact_wavy.boot import BASE_DIR


def compile_catalogs(folder: Path) -> list[Path]:
    """Write the .mo beside each .po under `folder` that changed since; returns those that were written."""
    written = []
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as stream:
            catalog = read_po(stream, locale=source.parent.parent.name, domain=source.stem)
        fresh = target.with_suffix(".mo.new")
        with fresh.open("wb") as output:
            write_mo(output, catalog)
        fresh.replace(target)
        written.append(target)
    return written


if __name__ == "__main__":
    compile_catalogs(BASE_DIR / "locale")
