"""Campaigns in the admin: the campaigns themselves, calendars, and the legal hours."""

from campaigns.admin.campaign import CampaignAdmin
from campaigns.admin.hours import CalendarAdmin, LegalHoursAdmin
from campaigns.admin.replies import CannedReplyAdmin

__all__ = ["CalendarAdmin", "CampaignAdmin", "CannedReplyAdmin", "LegalHoursAdmin"]
