"""Callbacks: taken in, answered, then drained into the ledger."""
