"""The agents' desk: its pages, what they poll, and the acts behind their buttons."""
