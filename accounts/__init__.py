"""Accounts: who signs in, as what, and in which language and time zone."""
