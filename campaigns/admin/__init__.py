"""Campaigns in the admin: campaigns, members, teams, canned replies, calendars, and the legal hours."""

from campaigns.admin.campaign import CampaignAdmin
from campaigns.admin.hours import CalendarAdmin, LegalHoursAdmin
from campaigns.admin.members import MemberAdmin
from campaigns.admin.replies import CannedReplyAdmin
from campaigns.admin.teams import TeamAdmin

__all__ = [
    "CalendarAdmin",
    "CampaignAdmin",
    "CannedReplyAdmin",
    "LegalHoursAdmin",
    "MemberAdmin",
    "TeamAdmin",
]
