"""Words for the end of messages about codes."""

from __future__ import annotations

from collections.abc import Iterable


def known(codes: Iterable[str]) -> str:
    """The codes that would have been right, for the end of a message."""
    return f"(known: {', '.join(sorted(codes))})"
