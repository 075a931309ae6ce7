"""Reading the many ways in which call logs write an instant."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from email.utils import parsedate_to_datetime

_DIGITS = re.compile(r"\d+(\.\d+)?")
_RFC2822 = re.compile(r"[A-Z][a-z]{2}, .+ ([+-]\d{4}|GMT|UTC?)")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ZONES = {
    "UTC": 0,
    "GMT": 0,
    "UT": 0,
    "Z": 0,
    "EST": -5,
    "EDT": -4,
    "CST": -6,
    "CDT": -5,
    "MST": -7,
    "MDT": -6,
    "PST": -8,
    "PDT": -7,
    "WET": 0,
    "WEST": 1,
    "CET": 1,
    "CEST": 2,
    "EET": 2,
    "EEST": 3,
}
"""Hours east of Greenwich: the names of RFC 2822, and Europe's. Others mean several things and are refused."""


def instant(text: str, zone: tzinfo) -> str:
    """`text` as `YYYY-MM-DDTHH:MM:SS.mmmZ`; a time that names no zone is in `zone`.

    Reads ISO 8601, RFC 2822, seconds (10 digits) or milliseconds (13 digits) since 1970, and unambiguous other forms.
    An hour that occurs twice when clocks go back is the first of the two. Raises ValueError for anything else, also
    for dates whose day and month could be exchanged.
    """
    try:
        moment = _moment(text.strip())
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone)
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError) as cause:
        raise ValueError(f"{text!r} is not a time that can be read without guessing") from cause
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _moment(text: str) -> datetime:
    if _DIGITS.fullmatch(text):
        return _number(text)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        if _RFC2822.fullmatch(text):
            # A zone of -0000 is UTC of an unknown place, and comes back as a time without a zone.
            moment = parsedate_to_datetime(text)
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return _free_form(text)


def _number(text: str) -> datetime:
    whole = len(text.partition(".")[0])
    if whole in (10, 13):
        milliseconds = Decimal(text) * (1000 if whole == 10 else 1)
        return _EPOCH + timedelta(milliseconds=int(milliseconds))
    if len(text) == 8:
        return datetime.strptime(text, "%Y%m%d")
    if len(text) == 14:
        return datetime.strptime(text, "%Y%m%d%H%M%S")
    raise ValueError(text)


def _free_form(text: str) -> datetime:
    """Reads twice, with the day first and not, and with other parts for those missing: a guess makes two results."""
    from dateutil import parser

    readings = {
        parser.parse(text, default=datetime(year, part, part), dayfirst=dayfirst, tzinfos=_offset)
        for year, part, dayfirst in ((2000, 1, False), (2004, 2, True))
    }
    if len(readings) > 1:
        raise ValueError(text)
    return readings.pop()


def _offset(name: str | None, seconds: int | None) -> int | None:
    if seconds is not None or name is None:
        return seconds
    if name not in _ZONES:
        raise ValueError(name)
    return _ZONES[name] * 3600
