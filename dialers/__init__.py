"""Dialers: bases, rows, pace, schedule."""
