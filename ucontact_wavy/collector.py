"""Python's collector in processes that serve for long."""

import gc


def leave_what_stays_alone() -> None:
    """What was imported never becomes garbage: looking through it again and again took a third of a sender's time.

    Call it once all is imported.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)
