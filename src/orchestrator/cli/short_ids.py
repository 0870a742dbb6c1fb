"""Run ids as lists show them: by their ends, for they begin with their time and look alike there."""

from collections.abc import Sequence

SHORT = 8
"""Characters of an id's end that are shown where they are enough."""


def short_length(ids: Sequence[str]) -> int:
    """Return how many characters of their ends tell the ids apart."""
    longest = max(map(len, ids), default=SHORT)
    return next(
        (length for length in range(SHORT, longest) if len({run[-length:] for run in ids}) == len(ids)),
        longest,
    )
