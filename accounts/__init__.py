"""Accounts: the user model (language, time zone) and the three roles."""
