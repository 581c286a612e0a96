"""Campaigns in the admin: the campaigns themselves, calendars, and the legal hours."""

from campaigns.admin.campaign import CampaignAdmin
from campaigns.admin.hours import CalendarAdmin, LegalHoursAdmin

__all__ = ["CalendarAdmin", "CampaignAdmin", "LegalHoursAdmin"]
