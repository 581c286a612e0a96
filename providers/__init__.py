"""Providers: all that goes to and comes from them, and to whom nothing may go. Campaigns are above."""
