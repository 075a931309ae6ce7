"""From a point in time of a list's filter to the milliseconds that it stands for now (behaviour 14.4)."""

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.relativedelta import relativedelta
from msgspec import UnsetType

from trunkline.crm.branch import Clock, DatePoint, IndexedPoint, Month, Now, Offset, Point, Quarter, Week, Year
from trunkline.crm.record import Moment
from trunkline.errors import InvalidListFilter

_DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def milliseconds(point: Point, now: Moment, *, day: bool) -> Moment:
    """The milliseconds since 1970 of a point; with `day`, of the midnight in UTC of its date, as dates are kept.

    Raises `InvalidListFilter` for a date or a time zone that there is not.
    """
    zone = _zone(point.zone_id)
    try:
        at = _fixed(point, zone) if isinstance(point, DatePoint) else _moving(point, zone, now)
        if day:
            at = datetime(at.year, at.month, at.day, tzinfo=UTC)
        return (at - _EPOCH) // _MILLISECOND
    except (ValueError, OverflowError) as cause:
        raise InvalidListFilter("A time point of the filters is no date, or is too far away") from cause


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as cause:
        raise InvalidListFilter(f"There is no time zone {name[:100]}") from cause


def _fixed(point: DatePoint, zone: tzinfo) -> datetime:
    return _timed(datetime(point.year, point.month, point.day, tzinfo=zone), point)


def _moving(point: IndexedPoint, zone: tzinfo, now: Moment) -> datetime:
    at, reference = (_EPOCH + now * _MILLISECOND).astimezone(zone), point.index_reference
    if not isinstance(reference, Now):
        at = at.replace(hour=0, minute=0, second=0, microsecond=0)
    match reference:
        case Week():
            at += timedelta(days=_DAYS.index(reference.day_of_week) - at.weekday())
        case Month():
            at = at.replace(day=1) + timedelta(days=reference.day - 1)
        case Quarter():
            first = at.month - (at.month - 1) % 3
            at = at.replace(month=first + reference.month - 1, day=1) + timedelta(days=reference.day - 1)
        case Year():
            at = at.replace(month=reference.month, day=1) + timedelta(days=reference.day - 1)
    return _moved(_timed(at, reference), point.offset)


def _timed(at: datetime, clock: Clock) -> datetime:
    """The same date at the time of day that is named."""
    return at.replace(
        hour=_set(clock.hour, at.hour),
        minute=_set(clock.minute, at.minute),
        second=_set(clock.second, at.second),
        microsecond=1_000 * _set(clock.millisecond, at.microsecond // 1_000),
    )


def _set(value: int | UnsetType, usual: int) -> int:
    return usual if isinstance(value, UnsetType) else value


def _moved(at: datetime, offset: Offset | UnsetType) -> datetime:
    """Days and more are moved on the calendar of the time zone, hours and less on the clock."""
    if isinstance(offset, UnsetType):
        return at
    at += relativedelta(
        years=offset.years, months=offset.months + 3 * offset.quarters, weeks=offset.weeks, days=offset.days
    )
    exact = timedelta(
        hours=offset.hours, minutes=offset.minutes, seconds=offset.seconds, milliseconds=offset.milliseconds
    )
    return (at.astimezone(UTC) + exact).astimezone(at.tzinfo)
