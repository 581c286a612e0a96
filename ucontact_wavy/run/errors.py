"""Why `make run` cannot start, in words for the person at the terminal."""


class RunError(Exception):
    """The text says what is wrong and what to do."""
