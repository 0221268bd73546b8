"""What one measured run is given. Nothing is imported here that would cost time."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Job:
    """One run: the files in `files`, a database of the server of `home`, `work` for its own use."""

    contender: str
    home: str
    database: str
    dsn: str
    files: str
    work: str
    rows: str = ""
    """For the floor: the rows that are to be loaded, as `bench.databases` wrote them."""

    def to_json(self) -> str:
        """For the command line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Job:
        """From the command line."""
        return cls(**json.loads(text))

    @property
    def paths(self) -> list[Path]:
        """The files, in order of their names."""
        return sorted(Path(self.files).glob("*.xlsx"))
