"""From what a client sent for a property to the text that is kept, one rule per property type.

A checker takes a JSON scalar and returns the text; "" means that the property is cleared. It raises `Unfit`.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache

import msgspec

from trunkline.crm.property import Property

Scalar = str | int | float | bool | None
Checker = Callable[[Scalar], str]

LONGEST = 65_536
"""Characters that one value may have (behaviour 4.10)."""

_LONGEST_EMAIL = 254
"""Characters of an address that can still be delivered to (RFC 5321)."""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_COORDINATES = re.compile(r"\d{1,9}-\d{1,9}-\d{1,18}", re.ASCII)
_ATOM = r"[^\s@.,:;<>()\[\]\\\"\x00-\x1f\x7f]+"
_LABEL = r"[^\W_]([\w-]*[^\W_])?"
_EMAIL = re.compile(rf"{_ATOM}(\.{_ATOM})*@({_LABEL}\.)+[^\W\d_][\w-]*[^\W_]")
_PHONE = re.compile(r"[+\d\s().\-/;,x#*=a-z]*\d[+\d\s().\-/;,x#*=a-z]*", re.ASCII | re.IGNORECASE)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = 86_400_000


class Unfit(ValueError):
    """A value that its property does not take, with HubSpot's error code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def text(value: Scalar) -> str:
    """The text of a JSON scalar: a string as sent, a number as its shortest decimal text, null as "" (it clears)."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    decimal = format(Decimal(repr(value)), "f")
    shortest = decimal.rstrip("0").rstrip(".") if "." in decimal else decimal
    return "0" if shortest == "-0" else shortest


def checker(definition: Property) -> Checker:
    """The checker of one property, by its type and by the rule that its definition names."""
    rule = _RULES[definition.check or definition.type](definition)

    def check(value: Scalar) -> str:
        kept = text(value)
        if len(kept) > LONGEST:
            raise Unfit("VALUE_TOO_LONG", f'The value of "{definition.name}" is over {LONGEST} characters long.')
        if "\0" in kept:
            raise Unfit("INVALID_CHARACTER", f'The value of "{definition.name}" holds a NUL character.')
        return rule(kept) if rule is not None and kept else kept

    return _quick(definition, check)


def _quick(definition: Property, check: Checker) -> Checker:
    """The same checker, which recognises what most values are at a glance: this loop is the hottest of all."""
    if definition.check is not None or definition.many:
        return check
    if definition.type == "enumeration" and definition.options:
        allowed = frozenset(option.value for option in definition.options)
        return lambda value: value if value.__class__ is str and value in allowed else check(value)
    if definition.type == "datetime":
        return lambda value: value if value.__class__ is str and is_plain(value) else check(value)
    if definition.type == "number":
        return lambda value: value if value.__class__ is str and len(value) < 19 and is_whole(value) else check(value)
    if definition.type == "string":
        return lambda value: (
            value if value.__class__ is str and len(value) <= LONGEST and "\0" not in value else check(value)
        )
    return check


def is_whole(value: str) -> bool:
    """Whether a text is nothing but digits."""
    return value.isascii() and value.isdigit()


def is_plain(value: str) -> bool:
    """Whether a text is a date and time in the writing in which whole seconds are kept."""
    return len(value) == 20 and value[19] == "Z" and value[10] == "T" and _instant(value) is not None


Rule = Callable[[str], str]


def _any_text(definition: Property) -> Rule | None:
    return None


def _number(definition: Property) -> Rule:
    def rule(value: str) -> str:
        if _NUMBER.fullmatch(value):
            return value
        raise Unfit("INVALID_LONG", f"{value} was not a valid long.")

    return rule


def _integer(definition: Property) -> Rule:
    def rule(value: str) -> str:
        if _WHOLE.fullmatch(value):
            return value
        raise Unfit("INVALID_INTEGER", f"{value} was not a valid integer.")

    return rule


def _owner(definition: Property) -> Rule:
    def rule(value: str) -> str:
        if _WHOLE.fullmatch(value) and 0 < int(value) < 2**31:
            return value
        raise Unfit("INVALID_INTEGER", f"{value} was not a valid integer (for owner ID).")

    return rule


def _truth(definition: Property) -> Rule:
    def rule(value: str) -> str:
        folded = value.lower()
        if folded in ("true", "false"):
            return folded
        raise Unfit("INVALID_BOOLEAN", f"{value} was not a valid boolean.")

    return rule


def _enumeration(definition: Property) -> Rule | None:
    allowed = frozenset(option.value for option in definition.options)
    if definition.many:
        return _options(definition, allowed)
    if not allowed:
        return None

    def rule(value: str) -> str:
        if value in allowed:
            return value
        raise _not_allowed(definition, value)

    return rule


def _options(definition: Property, allowed: frozenset[str]) -> Rule:
    """Several options, parted by semicolons; a leading semicolon asks to add to what is there (behaviour 4.10)."""

    def rule(value: str) -> str:
        chosen = list(dict.fromkeys(part for part in value.split(";") if part))
        for option in chosen:
            if allowed and option not in allowed:
                raise _not_allowed(definition, option)
        return (";" if value.startswith(";") else "") + ";".join(chosen)

    return rule


def appended(kept: str, added: str) -> str:
    """A list of options with those of `added`, which starts with a semicolon, behind those that are there."""
    return ";".join(dict.fromkeys(part for part in f"{kept}{added}".split(";") if part))


def _not_allowed(definition: Property, value: str) -> Unfit:
    listed = ", ".join(
        f'label: "{o.label}"\nvalue: "{o.value}"\ndisplay_order: {o.display_order}\n'
        f"hidden: {str(o.hidden).lower()}\nread_only: false\n"
        for o in definition.options
    )
    return Unfit("INVALID_OPTION", f"{value} was not one of the allowed options: [{listed}]")


def _datetime(definition: Property) -> Rule:
    return lambda value: iso(milliseconds(value))


def _date(definition: Property) -> Rule:
    def rule(value: str) -> str:
        moment = milliseconds(value)
        if moment % _DAY:
            at = _EPOCH.fromtimestamp(moment / 1000, UTC)
            clock = f"{at.hour}:{at.minute}:{at.second}.{at.microsecond // 1000}"
            raise Unfit("INVALID_DATE", f"{value} is at {clock} UTC, not midnight!")
        return iso(moment)[:10]

    return rule


def milliseconds(value: str) -> int:
    """Milliseconds since 1970 of a text of digits or of an ISO 8601 text; raises `Unfit` (behaviour 4.5, 9.3)."""
    if _WHOLE.fullmatch(value):
        moment = int(value)
    else:
        instant = _instant(value)
        if instant is None:
            raise Unfit("INVALID_LONG", f"{value} was not a valid long.")
        moment = (instant - _EPOCH) // _MILLISECOND
    if not _FIRST <= moment <= _LAST:
        raise Unfit("INVALID_LONG", f"{value} was not a valid long.")
    return moment


def _instant(value: str) -> datetime | None:
    """A day, which is its midnight in UTC, or a date and time that names its offset."""
    if len(value) > 10 and value[10] not in "T " and value[8] != "T":
        return None
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        return None
    if parsed.tzinfo is not None:
        return parsed
    return parsed.replace(tzinfo=UTC) if len(value) == 10 else None


def iso(moment: int) -> str:
    """A moment as HubSpot writes it: UTC, with milliseconds, which are dropped when zero (behaviour 9.1)."""
    seconds, milliseconds = divmod(moment, 1000)
    whole = (_EPOCH + seconds * _SECOND).isoformat()[:19]
    return f"{whole}.{milliseconds:03d}Z" if milliseconds else f"{whole}Z"


moment = lru_cache(maxsize=4096)(iso)
"""`iso`, remembered: the records of one batch share their moments."""

_SECOND = datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC) - _EPOCH
_MILLISECOND = _SECOND / 1000
_FIRST = (datetime(1, 1, 1, tzinfo=UTC) - _EPOCH) // _MILLISECOND
_LAST = (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC) - _EPOCH) // _MILLISECOND


def _phone(definition: Property) -> Rule:
    """Kept as sent (behaviour 3.1), as long as it could be dialled."""

    def rule(value: str) -> str:
        if len(value) <= 64 and _PHONE.fullmatch(value):
            return value
        raise Unfit("INVALID_PHONE_NUMBER", f"{value} was not a valid phone number.")

    return rule


def is_address(value: str) -> bool:
    """Whether a text is an e-mail address."""
    return len(value) <= _LONGEST_EMAIL and bool(_EMAIL.fullmatch(value))


def _email(definition: Property) -> Rule:
    """Kept trimmed and in lower case, so that an address meets itself in any spelling (behaviour 1.19, 4.6)."""

    def rule(value: str) -> str:
        address = value.strip().lower()
        if is_address(address):
            return address
        raise Unfit("INVALID_EMAIL", f"Email address {value} is invalid")

    return rule


def _emails(definition: Property) -> Rule:
    """Addresses, parted by semicolons; a leading semicolon adds to those that are there (behaviour 17.1)."""
    one = _email(definition)

    def rule(value: str) -> str:
        addresses = dict.fromkeys(one(part) for part in value.split(";") if part.strip())
        return (";" if value.startswith(";") else "") + ";".join(addresses)

    return rule


def _coordinates(definition: Property) -> Rule:
    def rule(value: str) -> str:
        if _COORDINATES.fullmatch(value):
            return value
        raise Unfit("INVALID_OBJECT_COORDINATES", f"{value} was not valid object coordinates.")

    return rule


def _json(definition: Property) -> Rule:
    def rule(value: str) -> str:
        try:
            msgspec.json.decode(value)
        except (msgspec.DecodeError, RecursionError):
            raise Unfit("INVALID_JSON", f"{value[:100]} was not valid JSON.") from None
        return value

    return rule


_RULES: dict[str, Callable[[Property], Rule | None]] = {
    "string": _any_text,
    "number": _number,
    "integer": _integer,
    "owner": _owner,
    "email": _email,
    "emails": _emails,
    "bool": _truth,
    "enumeration": _enumeration,
    "datetime": _datetime,
    "date": _date,
    "phone_number": _phone,
    "object_coordinates": _coordinates,
    "json": _json,
}


def unique_key(definition: Property, value: str) -> str:
    """What two values of a unique property are compared by: numbers by their amount, all others as they are.

    Case and white space count (chosen: differences).
    """
    if definition.type != "number":
        return value
    sign, digits, exponent = Decimal(value).as_tuple()
    significant = "".join(map(str, digits)).lstrip("0")
    trimmed = significant.rstrip("0")
    if not trimmed:
        return "0"
    return f"{'-' if sign else ''}{trimmed}e{int(exponent) + len(significant) - len(trimmed)}"
