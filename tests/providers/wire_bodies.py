"""Bodies as Wavy sends them, named for the event."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "bodies"


def raw(name: str) -> bytes:
    """The bytes of bodies/`name`.json."""
    return (FOLDER / f"{name}.json").read_bytes()


def load(name: str) -> Any:
    """The decoded JSON of bodies/`name`.json."""
    return json.loads(raw(name))
