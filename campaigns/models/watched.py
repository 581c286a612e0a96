"""Which rows of campaigns are watched: whoever changes one is written down. DIDs are part of their campaign."""

from accounts.audit import watch
from campaigns.models.answers import CannedReply, Disposition, KeywordAnswer
from campaigns.models.campaign import Campaign, Member
from campaigns.models.hours import Calendar, CalendarDay, LegalHours

watch(Campaign, many=["groups"])
PARTS = (Member, Disposition, KeywordAnswer, CannedReply, Calendar, CalendarDay, LegalHours)
WATCHED = (Campaign, *PARTS)
for model in PARTS:
    watch(model)
