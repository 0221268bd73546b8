"""What the commands share: the terminal, and answers for machines."""

from __future__ import annotations

import json
from typing import Any

from rich.console import Console

console = Console(highlight=False)


def print_json(value: Any) -> None:
    """Print one JSON document; times and paths as text."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))
