"""A process of its own: searches the pattern of its input in the digits of the first line; 0 = found, 1 = not.

Anything else is a pattern that took too much time or memory.
"""

import re
import resource
import sys

MEMORY = 256 * 1024 * 1024  # bytes
FOUND, NOT_FOUND, TOO_MUCH = 0, 1, 2


def main() -> int:
    resource.setrlimit(resource.RLIMIT_CPU, (2, 2))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    digits, _newline, pattern = sys.stdin.buffer.read().decode().partition("\n")
    try:
        return FOUND if re.search(pattern, digits) else NOT_FOUND
    except (MemoryError, RecursionError, OverflowError, re.error):
        return TOO_MUCH


if __name__ == "__main__":
    sys.exit(main())
