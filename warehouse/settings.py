"""The one settings object. Only this module reads the environment; everything else is handed `Settings`.

Values come from, in this order: variables with the prefix `CCHC_`, the file `<home>/settings.env`
(written by `remember`), the defaults below.
"""

from __future__ import annotations

import os
import shutil
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from pydantic import AwareDatetime, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from warehouse.errors import UsageError

PROJECT_ROOT = Path(__file__).resolve().parents[1]
DEFAULT_HOME = PROJECT_ROOT / ".cchc"


class Settings(BaseSettings):
    """Where state lives, which database is used, what time it is taken to be."""

    model_config = SettingsConfigDict(env_prefix="CCHC_", env_ignore_empty=True, extra="ignore", frozen=True)

    home: Path = DEFAULT_HOME
    """Everything that the project keeps on this machine: server, secrets, archive, outputs."""
    warehouse_dsn: SecretStr | None = None
    """An existing PostgreSQL 15-18 to use instead of the embedded server (a user who may create roles)."""
    database: str = "cchc"
    """Name of the warehouse database in the embedded server."""
    landing_url: str = ""
    """fsspec URL of the landing zone; default: the folder `landing` in `home`."""
    archive_url: str = ""
    """fsspec URL of the archive; default: the folder `archive` in `home`."""
    answers_url: str = ""
    """fsspec URL of what agencies get back; default: the folder `answers` in `output_dir`."""
    landing_options: SecretStr | None = None
    """JSON object of what opens the landing zone beside its URL (keys, host keys): docs/landing.md."""
    archive_options: SecretStr | None = None
    """The same for the archive."""
    answers_options: SecretStr | None = None
    """The same for the answers."""
    output_dir: Path = Path()
    """Forms, reviews and audit reports; default: the folder `out` in `home`."""
    as_of: AwareDatetime | None = None
    """The moment that builds are made for; default: now."""
    settle_seconds: float = 2.0
    """A file in the landing zone may be whole once it has not changed for this long."""
    unfinished_wait_seconds: float = 900.0
    """A workbook that lacks its end is taken to be still on its way for this long; then it is refused."""
    unit_code: str = "BT"
    """The consolidating unit whose reviews are written by default."""
    jurisdiction_code: str = "HCM"
    """The jurisdiction whose calendar applies."""
    data_label: str | None = None
    """Shown on every page of a review, for instance that its data are synthetic."""
    log_level: str = "INFO"
    """Level of the JSON logs in `<home>/logs`."""

    @field_validator("home", mode="after")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().resolve()

    def model_post_init(self, _context: object) -> None:
        """Fill the places that follow from `home`."""
        defaults = {
            "landing_url": (self.home / "landing").as_uri(),
            "archive_url": (self.home / "archive").as_uri(),
            "output_dir": self.home / "out",
        }
        for name, value in defaults.items():
            if not getattr(self, name) or getattr(self, name) == Path():
                object.__setattr__(self, name, value)
        if not self.answers_url:
            object.__setattr__(self, "answers_url", (self.output_dir.absolute() / "answers").as_uri())

    @property
    def landing_folder(self) -> Path | None:
        """The landing zone as a folder of this machine; None where it lies elsewhere."""
        return local_folder(self.landing_url)

    @property
    def secrets_dir(self) -> Path:
        """Folder of generated secrets, readable by its owner only."""
        return self.home / "secrets"


def local_folder(url: str) -> Path | None:
    """The folder of this machine that a URL, or a plain path, names; None where it lies elsewhere."""
    parts = urlsplit(url)
    if parts.scheme in ("file", "local"):
        return Path(url2pathname(parts.path))
    return None if parts.scheme else Path(url)


def _remembered(home: Path) -> Path:
    return home / "settings.env"


@cache
def get_settings() -> Settings:
    """The settings of this process, read once. Raises UsageError naming each variable that is no good."""
    home = Path(os.environ.get("CCHC_HOME") or DEFAULT_HOME)
    try:
        return Settings(_env_file=_remembered(home), _env_file_encoding="utf-8")
    except ValidationError as error:
        wrong = [f"CCHC_{fault['loc'][0]!s}".upper() + f": {fault['msg']}" for fault in error.errors()]
        hint = "A time needs a zone, for instance 2023-03-25T17:00+07:00. All settings: warehouse/settings.py"
        raise UsageError("\n".join(["These settings cannot be used.", *wrong, hint])) from None


def remember(settings: Settings, **values: str) -> None:
    """Keep values for later processes of the same home, for instance the label of synthetic data."""
    path = _remembered(settings.home)
    known: dict[str, str] = {}
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition("=")
            known[name] = value
    known |= {f"CCHC_{name.upper()}": f'"{value}"' for name, value in values.items()}
    settings.home.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    draft.write_text("".join(f"{name}={value}\n" for name, value in sorted(known.items())), encoding="utf-8")
    draft.replace(path)
    get_settings.cache_clear()


def child_environment(**extra: str) -> dict[str, str]:
    """The environment for a program that we start: ours, with telemetry of every tool off, and `extra`."""
    return {
        **os.environ,
        "DO_NOT_TRACK": "1",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "GX_ANALYTICS_ENABLED": "false",
        "SCARF_ANALYTICS": "false",
        **extra,
    }


def apply_environment(values: dict[str, str]) -> None:
    """Set variables for libraries that read nothing else (dbt, Airflow), in this process."""
    os.environ.update(values)


def is_root() -> bool:
    """Whether this process runs as root, whom PostgreSQL refuses to serve."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def find_program(name: str) -> str | None:
    """Path of a program on PATH, or None."""
    return shutil.which(name)
