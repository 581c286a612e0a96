"""Tags of the start page."""
