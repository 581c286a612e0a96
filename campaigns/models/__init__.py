"""Campaigns with their numbers and members, and the hours in which anything may leave."""

from campaigns.models.answers import CannedReply, Disposition, KeywordAnswer
from campaigns.models.campaign import DID, Campaign, Distribution, Member, Strategy
from campaigns.models.hours import Calendar, CalendarDay, LegalHours
from campaigns.models.watched import WATCHED as WATCHED

__all__ = [
    "DID",
    "Calendar",
    "CalendarDay",
    "Campaign",
    "CannedReply",
    "Disposition",
    "Distribution",
    "KeywordAnswer",
    "LegalHours",
    "Member",
    "Strategy",
]
