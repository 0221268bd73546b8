"""The places of files that settings name by URL: a folder, S3, SFTP … through fsspec."""

from __future__ import annotations

import json
from typing import Any, Literal

import fsspec

from warehouse.errors import UsageError
from warehouse.settings import Settings

Place = Literal["landing", "archive", "answers"]


def open_storage(settings: Settings, place: Place) -> tuple[Any, str]:
    """The file system of a place and its root path there.

    Raises UsageError when the place's options are no JSON object or its protocol is unknown.
    """
    given = getattr(settings, f"{place}_options")
    try:
        options = json.loads(given.get_secret_value()) if given is not None else {}
        if not isinstance(options, dict):
            raise ValueError
    except ValueError:
        raise UsageError(f"CCHC_{place.upper()}_OPTIONS is no JSON object.") from None
    url = getattr(settings, f"{place}_url")
    try:
        file_system, root = fsspec.core.url_to_fs(url, **options)
    except (ValueError, ImportError) as error:
        raise UsageError(f"CCHC_{place.upper()}_URL={url} cannot be used: {error}") from None
    return file_system, root
