"""What the simulator reads from the environment when it starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

DEFAULT_ORIGIN = "5511900000001"


class ConfigError(ValueError):
    """A variable that cannot be used; the text says which and what it should look like."""


@dataclass(frozen=True)
class Config:
    """Settings that stay put while the simulator runs; everything else is under `/control/`."""

    host: str = "127.0.0.1"
    port: int = 8099
    username: str = ""
    password: str = ""
    origin: str = DEFAULT_ORIGIN
    accounts: Mapping[str, str] = field(default_factory=dict)
    seed: int = 1
    message_url: str = ""
    status_url: str = ""
    report_url: str = ""
    public_url: str = ""
    keep: int = 100_000


def _number(environ: Mapping[str, str], name: str, default: int, lowest: int, highest: int) -> int:
    text = environ.get(name, "").strip()
    if not text:
        return default
    if not text.lstrip("-").isdigit() or not lowest <= int(text) <= highest:
        raise ConfigError(f"{name} must be a whole number from {lowest} to {highest}, not {text!r}.")
    return int(text)


def _accounts(text: str) -> dict[str, str]:
    accounts = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        username, separator, number = pair.partition("=")
        if not separator or not number.strip().isdigit():
            raise ConfigError(f"SIMULATOR_ACCOUNTS reads user=number,user=number; {pair!r} does not.")
        accounts[username.strip()] = number.strip()
    return accounts


def config_from(environ: Mapping[str, str]) -> Config:
    """Settings out of `SIMULATOR_*`; raises `ConfigError` for a value that cannot be used."""
    origin = environ.get("SIMULATOR_ORIGIN", "").strip() or DEFAULT_ORIGIN
    if not origin.isdigit():
        raise ConfigError(f"SIMULATOR_ORIGIN must be a number in digits, not {origin!r}.")
    return Config(
        host=environ.get("SIMULATOR_HOST", "").strip() or "127.0.0.1",
        port=_number(environ, "SIMULATOR_PORT", 8099, 0, 65_535),
        username=environ.get("SIMULATOR_USERNAME", ""),
        password=environ.get("SIMULATOR_PASSWORD", ""),
        origin=origin,
        accounts=_accounts(environ.get("SIMULATOR_ACCOUNTS", "")),
        seed=_number(environ, "SIMULATOR_SEED", 1, 0, 2**63),
        message_url=environ.get("SIMULATOR_MESSAGE_URL", "").strip(),
        status_url=environ.get("SIMULATOR_STATUS_URL", "").strip(),
        report_url=environ.get("SIMULATOR_REPORT_URL", "").strip(),
        public_url=environ.get("SIMULATOR_PUBLIC_URL", "").strip().rstrip("/"),
        keep=_number(environ, "SIMULATOR_KEEP", 100_000, 100, 10_000_000),
    )
