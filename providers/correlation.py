"""Correlation ids: ours for each message that leaves, fixed before it does."""

import os
import time

RANDOM = 10  # bytes of each id, of which six bits say what kind of id it is


def fresh(count: int) -> list[str]:
    """So many new ids, UUIDs of version 7: later ones sort later, so that the index on them grows at its end."""
    moment = (time.time_ns() // 1_000_000).to_bytes(6, "big").hex()
    begins = f"{moment[:8]}-{moment[8:]}-7"
    digits = os.urandom(RANDOM * count).hex()
    return [
        f"{begins}{one[:3]}-{'89ab'[int(one[3], 16) & 3]}{one[4:7]}-{one[8:]}"
        for one in (digits[start : start + 2 * RANDOM] for start in range(0, len(digits), 2 * RANDOM))
    ]
