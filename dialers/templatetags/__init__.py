"""Template tags of the dialers pages."""
