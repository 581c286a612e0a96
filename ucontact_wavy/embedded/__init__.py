"""The program's own PostgreSQL and Redis under VAR_DIR, shared by every process that asks for them."""

from ucontact_wavy.embedded.errors import EmbeddedError
from ucontact_wavy.embedded.lifetime import EmbeddedServers, Urls, hold

__all__ = ["EmbeddedError", "EmbeddedServers", "Urls", "hold"]
