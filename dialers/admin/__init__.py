"""The dialer page."""

from dialers.admin.base import BaseAdmin
from dialers.admin.dialer import DialerAdmin

__all__ = ["BaseAdmin", "DialerAdmin"]
