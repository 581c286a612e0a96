"""Faults on purpose, and the proof that no message was sent twice or lost."""
