"""Erasing one person's data on request: what holds their number goes, what was counted stays."""
