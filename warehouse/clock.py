"""Time: stored with zone, days judged in Asia/Ho_Chi_Minh, and read in this module alone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from warehouse.errors import UsageError
from warehouse.settings import Settings

TIME_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def wall_clock() -> datetime:
    """The present moment, with zone."""
    return datetime.now(UTC)


def now(settings: Settings) -> datetime:
    """The moment that work is done for: `settings.as_of` where it is set, else the wall clock."""
    return settings.as_of or wall_clock()


def local_date(moment: datetime) -> date:
    """The day of a moment in Vietnam."""
    return moment.astimezone(TIME_ZONE).date()


def parse_time(text: str) -> datetime:
    """A moment from ISO 8601 text; without a zone it is Vietnamese time, without a time the end of the day.

    Raises UsageError when the text is no such moment.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(
            f"'{text}' is no time that can be read. "
            "Expected ISO 8601, for instance 2023-03-20T09:30+07:00 or 2023-03-20."
        ) from None
    if len(text.strip()) == len("2023-03-20"):
        moment = moment.replace(hour=23, minute=59, second=59)
    return moment if moment.tzinfo else moment.replace(tzinfo=TIME_ZONE)
