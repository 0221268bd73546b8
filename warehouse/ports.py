"""Ports on this machine's loopback address, the only one that anything of ours listens on."""

from __future__ import annotations

import socket
from pathlib import Path

HOST = "127.0.0.1"


def kept_port(path: Path, first: int | None = None, *, is_ours: bool = False) -> int:
    """The port kept in a file (before there is one: `first`) while no stranger holds it, else a free one.

    It is kept for next time. `is_ours`: a program of ours holds it, so that it need not be free.
    """
    port = int(path.read_text(encoding="utf-8")) if path.exists() else first
    if port is None or not (is_ours or _is_free(port)):
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            port = int(probe.getsockname()[1])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{port}\n", encoding="utf-8")
    return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
