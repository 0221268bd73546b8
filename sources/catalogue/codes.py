"""Words for the end of messages about codes."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

SHOWN = 40


def known(codes: Iterable[str], given: str = "") -> str:
    """The codes that would have been right, for the end of a message; of many, those most like `given`."""
    listed = sorted(codes)
    if len(listed) <= SHOWN:
        return f"(known: {', '.join(listed)})"
    like = get_close_matches(given, listed, n=8, cutoff=0.3) or listed[:8]
    return f"(known: {', '.join(sorted(like))} … {len(listed)} in all)"
