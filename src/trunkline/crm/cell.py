"""From the text of a cell to that of a property: dates as people write them, options by labels, owners by e-mail."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from trunkline.crm.property import Option, Property
from trunkline.crm.values import Unfit, iso

DATE, NUMBER = "COULD_NOT_PARSE_DATE", "COULD_NOT_PARSE_NUMBER"

ORDERS: Mapping[str, tuple[int, int, int]] = {
    "MONTH_DAY_YEAR": (2, 0, 1),
    "DAY_MONTH_YEAR": (2, 1, 0),
    "YEAR_MONTH_DAY": (0, 1, 2),
}
"""By date format, at which places the year, the month and the day stand."""

_DATE = re.compile(
    r"(\d{1,4})[/.\- ](\d{1,2})[/.\- ](\d{1,4})(?:[ T,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*([AP]M)?)?",
    re.ASCII | re.IGNORECASE,
)
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)


class Reading(Struct, frozen=True):
    """How cells are read: the order of dates, the time zone of those without an offset, and owners' ids by e-mail."""

    date_format: str
    zone: str
    owners: Mapping[str, str]


def read(cell: str, definition: Property, reading: Reading) -> str:
    """The text that a property is set to; raises `Unfit`, with the code of an import error."""
    if definition.type in ("date", "datetime"):
        return _moment(cell, definition, reading)
    if definition.options and definition.type in ("enumeration", "bool"):
        return _chosen(cell, definition)
    if definition.type == "number" and _GROUPED.fullmatch(cell):
        return cell.replace(",", "")
    if definition.check == "owner" and "@" in cell:
        found = reading.owners.get(cell.casefold())
        if found is None:
            raise Unfit("COULD_NOT_FIND_OWNER", f"No owner has the e-mail address {cell[:100]}.")
        return found
    return cell


def _moment(cell: str, definition: Property, reading: Reading) -> str:
    """A day, or a day with a time; what is not written with a year, a month and a day is left as it stands."""
    found = _DATE.fullmatch(cell)
    if found is None:
        return cell
    try:
        moment = _datetime(found, reading)
        if definition.type == "date":
            return moment.date().isoformat()
        return iso(int(moment.replace(tzinfo=ZoneInfo(reading.zone)).astimezone(UTC).timestamp()) * 1000)
    except (ValueError, OverflowError):
        raise Unfit(DATE, f"{cell[:100]} is not a date of the format {reading.date_format}.") from None


def _datetime(found: re.Match[str], reading: Reading) -> datetime:
    parts = found[1], found[2], found[3]
    order = ORDERS["YEAR_MONTH_DAY"] if len(found[1]) == 4 else ORDERS[reading.date_format]
    year, month, day = (parts[place] for place in order)
    if len(year) != 4:
        raise ValueError(year)
    hour = int(found[4] or 0)
    if found[7]:
        if not 1 <= hour <= 12:
            raise ValueError(hour)
        hour = hour % 12 + (12 if found[7].upper() == "PM" else 0)
    return datetime(int(year), int(month), int(day), hour, int(found[5] or 0), int(found[6] or 0))


def _chosen(cell: str, definition: Property) -> str:
    """The options by their values, or else by their labels in any case."""
    if not definition.many:
        return _option(cell, definition.options)
    start = ";" if cell.startswith(";") else ""
    return start + ";".join(_option(part.strip(), definition.options) for part in cell.split(";") if part.strip())


def _option(cell: str, options: tuple[Option, ...]) -> str:
    if any(option.value == cell for option in options):
        return cell
    meant = [option.value for option in options if option.label.casefold() == cell.casefold()]
    if len(meant) > 1:
        raise Unfit("AMBIGUOUS_ENUMERATION_OPTION", f"{cell[:100]} is the label of more than one option.")
    return meant[0] if meant else cell
