"""The stretch of time that figures are about: what the address asks for, the days that it comes to, and their parts."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Literal

from msgspec import Struct
from starlette.datastructures import QueryParams

from trunkline.crm.record import Moment
from trunkline.web.hour import WEEKDAYS

DAY = 86_400_000

CHOICES = {"7": "7 days", "30": "30 days", "90": "90 days", "365": "A year", "all": "All"}
"""What can be chosen: so many days up to that of the newest record, or all."""

USUAL = "30"

Unit = Literal["day", "week", "month", "year", "years"]

MOST_DAYS, MOST_WEEKS, MOST_MONTHS, MOST_YEARS = 92, 92, 120, 120
"""Parts of one figure."""

_EPOCH = date(1970, 1, 1).toordinal()


class Asked(Struct, frozen=True):
    """What the address asks for: a choice, or from one day to another, either of which may be left out."""

    choice: str = USUAL
    since: str = ""
    until: str = ""

    @property
    def query(self) -> dict[str, str]:
        """The query of the address."""
        chosen = "" if self.choice == USUAL else self.choice
        return {"span": chosen, "since": self.since, "until": self.until}


def asked(query: QueryParams) -> Asked:
    """What an address asks for; what makes no sense in it is passed over."""
    since, until = day(query.get("since", "")), day(query.get("until", ""))
    if since or until:
        return Asked("", since, until)
    choice = query.get("span", "")
    return Asked(choice if choice in CHOICES else USUAL)


def day(text: str) -> str:
    """A day as typed, `2026-11-30`; empty for anything else."""
    try:
        return str(date.fromisoformat(text)) if text else ""
    except ValueError:
        return ""


class Days(Struct, frozen=True):
    """From one day to another, both included, counted from the first of 1970."""

    first: int
    last: int

    @property
    def since(self) -> date:
        """The first day."""
        return dated(self.first)

    @property
    def until(self) -> date:
        """The last day."""
        return dated(self.last)

    @property
    def ends(self) -> tuple[Moment, Moment]:
        """Its first moment, and the first one after it."""
        return self.first * DAY, (self.last + 1) * DAY

    def parted(self) -> tuple[Unit, Sequence[int]]:
        """The parts of a figure about it: what they are, and the first day of each, with the day after the last."""
        unit: Unit
        starts: Sequence[int]
        if self.last - self.first < MOST_DAYS:
            return "day", range(self.first, self.last + 2)
        if self.last - self.first < 7 * MOST_WEEKS:
            unit, starts = "week", range(self.first + (-self.first - 3) % 7, self.last + 1, 7)
        else:
            months = (self.until.year - self.since.year) * 12 + self.until.month - self.since.month
            years = 1 + (self.until.year - self.since.year) // MOST_YEARS
            step = 1 if months < MOST_MONTHS else 12 * years
            unit = "month" if step == 1 else "year" if years == 1 else "years"
            starts = [numbered(start) for start in _months(self.since, self.until, step)]
        return unit, sorted({self.first, *starts, self.last + 1})


def dated(number: int) -> date:
    """The day of a number."""
    return date.fromordinal(_EPOCH + number)


def numbered(day: date) -> int:
    """The number of a day."""
    return day.toordinal() - _EPOCH


def resolved(wanted: Asked, oldest: Moment, newest: Moment) -> Days:
    """The days that were asked for, where the oldest and the newest record are known."""
    first, last = oldest // DAY, newest // DAY
    if wanted.choice == "all":
        return Days(first, last)
    if wanted.choice:
        return Days(max(last - int(wanted.choice) + 1, numbered(date.min)), last)
    since = numbered(date.fromisoformat(wanted.since)) if wanted.since else first
    until = numbered(date.fromisoformat(wanted.until)) if wanted.until else last
    return Days(min(since, until), max(since, until))


def _months(since: date, until: date, step: int) -> Iterator[date]:
    """The first days of every so many months, those of January among them, after one day and up to another."""
    number = (since.year * 12 + since.month - 1) // step * step + step
    while number // 12 <= date.max.year and (start := date(number // 12, number % 12 + 1, 1)) <= until:
        yield start
        number += step


def extent(unit: Unit, first: int, end: int) -> str:
    """A part of a figure in words; `end` is the day after its last."""
    start = dated(first)
    return f"{start}, {WEEKDAYS[start.weekday()]}" if unit == "day" else f"{start} to {dated(end - 1)}"
