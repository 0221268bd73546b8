"""Errors that people meet. Their text is written for the reader and is shown without a traceback."""

from __future__ import annotations


class CchcError(Exception):
    """Something a person can act on: what happened, where, and what to do.

    `exit_code` is what the command `cchc` ends with.
    """

    exit_code = 1


class UsageError(CchcError):
    """The call was wrong: the message says what was given and what would be right."""

    exit_code = 2


class DataFileError(CchcError):
    """A reviewed data file of ours is wrong. `problems` holds one line each: file, line, field, reason."""

    exit_code = 2

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class ServerError(CchcError):
    """The database server could not be started, reached or stopped."""


class GateFailed(CchcError):
    """A build stopped at a gate: what is being served stays as it was."""


class BuildSuperseded(CchcError):
    """A newer build was opened, so this one has nothing left to do."""
