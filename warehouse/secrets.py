"""Generated secrets: made once, kept in files that only their owner can read."""

from __future__ import annotations

import os
import secrets as token
from pathlib import Path

from warehouse.settings import Settings


def secret(settings: Settings, name: str) -> str:
    """The secret of this name; generated on first use (48 URL-safe characters)."""
    path = settings.secrets_dir / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.parent.chmod(0o700)
        write_private(path, token.token_urlsafe(36))
    return path.read_text(encoding="utf-8").strip()


def write_private(path: Path, content: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    draft = path.with_name(path.name + ".part")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(content + "\n")
    draft.replace(path)
