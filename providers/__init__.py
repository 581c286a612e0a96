"""Providers: the wire, the ledger, contacts and the window, do-not-call, callbacks. Knows no campaign."""
