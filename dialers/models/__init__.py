"""A dialer, its uploaded bases and their lines."""

from dialers.models.base import Base, BaseState, InvalidLine, Row, RowState
from dialers.models.dialer import Dialer

__all__ = ["Base", "BaseState", "Dialer", "InvalidLine", "Row", "RowState"]
