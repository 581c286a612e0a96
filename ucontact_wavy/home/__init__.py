"""The start page: what runs and why something does not, by role, drawn again every few seconds."""
