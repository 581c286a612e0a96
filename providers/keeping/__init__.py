"""Keeping: what is old goes, in small batches, the oldest first; counts stay as they are."""
