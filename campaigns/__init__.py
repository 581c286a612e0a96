"""Campaigns: DIDs, members, schedules."""
