"""A dialer, its uploaded bases and their lines."""

from dialers.models.base import Base, BaseState, InvalidLine, Row, RowState
from dialers.models.dialer import Dialer
from dialers.models.watched import WATCHED as WATCHED

__all__ = ["Base", "BaseState", "Dialer", "InvalidLine", "Row", "RowState"]
