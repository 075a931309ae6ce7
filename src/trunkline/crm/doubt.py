"""Values that their properties take and that are most likely mistakes.

A doubting checker does what the checker under it does, and raises `Doubtful` for such a value. Only the check of a
batch asks it, so that a value which is as it should be costs next to nothing.
"""

from collections.abc import Mapping

from trunkline.crm.property import Property
from trunkline.crm.values import Checker, Scalar, is_plain, is_whole
from trunkline.crm.warning import quoted

DISTANT = "1971"
"""Texts of moments behind it are beyond doubt."""

_EARLIEST, _LATEST = "1970-01-02T", "1970-06"
"""Between them lie the seconds of the years 1973 to 2385, taken for milliseconds."""

_MIDNIGHT = "T00:00:00Z"
_DECIMALS = 3
_SECOND, _DIGITS = 1000, 4

SECONDS = "looks like seconds, HubSpot wants milliseconds"


class Doubtful(Exception):
    """A value that is taken, and why it is doubtful. `kept` is the text that is kept all the same."""

    def __init__(self, kept: str, code: str, message: str) -> None:
        super().__init__(message)
        self.kept = kept
        self.code = code
        self.message = message


def doubting(definition: Property, check: Checker, when: Mapping[str, str] | None, *, ruled: bool) -> Checker | None:
    """The checker of a property that doubts; None where nothing is ever doubtful.

    `when` is given for a duration in milliseconds (`TypeData.durations`). Unless the portal has rules of its own for
    the values, those that are plainly right are passed without a look at the checker under it: this loop is the
    hottest of all.
    """
    if definition.type == "datetime":
        slow = _of_moments(check)
        return slow if ruled else _quick_moments(slow)
    if when is not None:
        slow = _of_durations(check)
        return slow if ruled else _quick_durations(slow)
    if is_loose(definition):
        return _of_keys(check)
    return None


def is_loose(definition: Property) -> bool:
    """Whether a property is unique, and case and white space count in its values: not in an e-mail address."""
    return definition.has_unique_value and definition.type == "string" and definition.check is None


def _quick_moments(slow: Checker) -> Checker:
    return lambda value: value if value.__class__ is str and value > DISTANT and is_plain(value) else slow(value)


def _quick_durations(slow: Checker) -> Checker:
    return lambda value: (
        value if value.__class__ is str and _DIGITS <= len(value) < 19 and is_whole(value) else slow(value)
    )


def _of_moments(check: Checker) -> Checker:
    def checked(value: Scalar) -> str:
        kept = check(value)
        if in_seconds(kept):
            raise Doubtful(kept, "timestamp-in-1970", f"{quoted(value)} {SECONDS}")
        if isinstance(value, str) and _is_finer(value):
            raise Doubtful(kept, "fraction-cut", f"{quoted(value)} is finer than milliseconds, and kept as {kept}")
        return kept

    return checked


def _of_durations(check: Checker) -> Checker:
    def checked(value: Scalar) -> str:
        kept = check(value)
        if 0 < float(kept or 0) < _SECOND:
            raise Doubtful(kept, "duration-in-seconds", f"{quoted(value)} {SECONDS}")
        return kept

    return checked


def _of_keys(check: Checker) -> Checker:
    def checked(value: Scalar) -> str:
        kept = check(value)
        if kept.strip() != kept:
            raise Doubtful(kept, "white-space-in-key", f"{quoted(value)} is another value than {quoted(kept.strip())}")
        return kept

    return checked


def in_seconds(moment: str) -> bool:
    """Whether a moment, in HubSpot's writing, is in 1970 for want of a thousand; a day's midnight is meant so."""
    return _EARLIEST < moment < _LATEST and not moment.endswith(_MIDNIGHT)


def _is_finer(value: str) -> bool:
    fraction = value.partition(".")[2]
    digits = fraction[: len(fraction) - len(fraction.lstrip("0123456789"))]
    return bool(digits[_DECIMALS:].strip("0"))
