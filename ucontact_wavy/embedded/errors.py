"""What can go wrong with the embedded servers, in words for the person at the terminal."""


class EmbeddedError(Exception):
    """The servers cannot be had; the text says why and what to do."""
