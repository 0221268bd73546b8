"""The places of files that settings name by URL: a folder, S3, SFTP … through fsspec."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal
from urllib.parse import urlsplit, urlunsplit

import fsspec

from warehouse.errors import CchcError, UsageError
from warehouse.settings import Settings, local_folder

Place = Literal["landing", "archive", "answers"]

_SFTP = ("sftp", "ssh")
_S3 = ("s3", "s3a")


def open_storage(settings: Settings, place: Place) -> tuple[Any, str]:
    """The file system of a place and its root path there.

    Raises UsageError when the place's options are no JSON object or hold what its protocol does not know,
    when its protocol is unknown, and when its URL holds a password, since URLs are logged and shown.
    """
    url, options = getattr(settings, f"{place}_url"), _options(settings, place)
    name = f"CCHC_{place.upper()}_URL"
    parts = urlsplit(url)
    if parts.password is not None:
        raise UsageError(
            f"{name}={shown_url(url)} holds a password, and URLs are logged. "
            f"Put it into CCHC_{place.upper()}_OPTIONS, a JSON object."
        )
    try:
        folder = local_folder(url)
        if folder is not None:
            return fsspec.filesystem("file", **options), folder.absolute().as_posix()
        if parts.scheme in _SFTP:
            from warehouse.sftp import SftpFileSystem

            given = SftpFileSystem._get_kwargs_from_urls(url)
            return SftpFileSystem(**{**given, **options}), SftpFileSystem._strip_protocol(url)
        if parts.scheme in _S3:
            options = {"use_listings_cache": False, **options}  # others put files there
        file_system, root = fsspec.core.url_to_fs(url, **options)
    except (ValueError, TypeError, ImportError) as error:
        raise UsageError(f"{name}={shown_url(url)} cannot be used: {error}") from None
    return file_system, root


def shown_url(url: str) -> str:
    """A URL as it may be printed: without a password."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    return urlunsplit(parts._replace(netloc=f"{parts.username or ''}:***@{parts.netloc.rpartition('@')[2]}"))


@contextmanager
def storage_faults(what: str) -> Iterator[None]:
    """Whatever the library of a remote place raises is an OSError here, so that callers know one kind."""
    try:
        yield
    except (OSError, CchcError):
        raise
    except Exception as error:
        raise OSError(f"{what}: {type(error).__name__}: {error}") from error


def _options(settings: Settings, place: Place) -> dict[str, Any]:
    given = getattr(settings, f"{place}_options")
    try:
        options = json.loads(given.get_secret_value()) if given is not None else {}
        if not isinstance(options, dict):
            raise ValueError
    except ValueError:
        raise UsageError(f"CCHC_{place.upper()}_OPTIONS is no JSON object.") from None
    return options
