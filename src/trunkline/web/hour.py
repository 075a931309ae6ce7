"""An hour of the week, as the address of a table names it: `Mon-14` is each Monday from 14:00 to 15:00, in UTC."""

from msgspec import Struct

from trunkline.crm.cut import Cycle
from trunkline.crm.query import Field, Recurring

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOURS = 24

_STEP = 3_600_000
_LENGTH = len(WEEKDAYS) * HOURS
_THURSDAY = 3
"""The day on which 1970 began, and with it the cycle."""


class Hour(Struct, frozen=True):
    """One hour of one day of the week, Monday being 0."""

    weekday: int
    hour: int

    def __str__(self) -> str:
        return f"{WEEKDAYS[self.weekday][:3]}-{self.hour:02}"

    @property
    def words(self) -> str:
        """The hour as people say it."""
        return f"{WEEKDAYS[self.weekday]}s, {self.hour:02}:00 to {self.hour + 1:02}:00 UTC"

    @property
    def place(self) -> int:
        """The number of the hour in the cycle of a week."""
        return (self.weekday - _THURSDAY) % len(WEEKDAYS) * HOURS + self.hour

    def test(self, field: Field) -> Recurring:
        """What is true of the records of which a moment lies in this hour."""
        return Recurring(field, _STEP, _LENGTH, self.place)


WEEK = tuple(Hour(weekday, hour) for weekday in range(len(WEEKDAYS)) for hour in range(HOURS))

_NAMED = {str(hour): hour for hour in WEEK}


def hour(text: str) -> Hour | None:
    """The hour that an address names."""
    return _NAMED.get(text)


def week(field: Field) -> Cycle:
    """The hours of the week, as a way to part records."""
    return Cycle(field, _STEP, _LENGTH)
