"""The admin page of dialers, where operators work."""

from dialers.admin.dialer import DialerAdmin

__all__ = ["DialerAdmin"]
