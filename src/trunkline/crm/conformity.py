"""Whether a value conforms to a rule of the portal's own, by the kind of rule (behaviour 17.6).

A pattern (REGEX) is not tried: Python's own matching can take for ever on one that somebody made for that. What
depends on the present time is not tried either: the same batch would be good today and bad tomorrow.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from urllib.parse import urlsplit

from trunkline.crm.values import Unfit, is_address, milliseconds

DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")

Test = Callable[[str], str]
"""From a value that is not blank to what is kept of it; raises `Unfit`."""

Maker = Callable[[Sequence[str], bool], Test]
"""Makes the test of a rule from its arguments, and whether it may put a value right."""

_DAY = 86_400_000
_FIRST_WEEKDAY = 3
"""1 January 1970 was a Thursday."""

_DOMAIN = re.compile(r"([^\W_]([\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]*[^\W_]")
_PHONE = re.compile(r"\+[\d\s().\-/]{6,40}", re.ASCII)


def _requires(good: Callable[[str], bool], code: str, message: str) -> Test:
    def test(value: str) -> str:
        if good(value):
            return value
        raise Unfit(code, message)

    return test


def _repairs(repair: Test, code: str, message: str, *, normalize: bool) -> Test:
    """Refuses a value that is not as it would be once it is put right, or puts it right."""
    return repair if normalize else _requires(lambda value: repair(value) == value, code, message)


_CHARACTERS: Mapping[str, tuple[Callable[[str], bool], str, str]] = {
    "ALPHANUMERIC": (str.isalnum, "INVALID_ALPHANUMERIC", "Enter only letters and numbers"),
    "ALPHA_ONLY": (str.isalpha, "INVALID_ALPHA", "Enter only letters"),
    "NUMERIC_ONLY": (str.isdecimal, "INVALID_NUMERIC", "Enter only numbers"),
    "NOT_ALLOWED": (str.isalnum, "INVALID_SPECIAL_CHARACTERS", "Special characters are not allowed"),
}


def _characters(arguments: Sequence[str], normalize: bool) -> Test:
    """Blanks are neither: WHITESPACE is the rule for them."""
    allowed, code, message = _CHARACTERS[arguments[0]]
    return _requires(lambda value: all(allowed(part) for part in value.split()), code, message)


def _capitalized(value: str) -> str:
    return re.sub(r"(?<!\S)\S", lambda found: found[0].upper(), value)


_CASES: Mapping[str, tuple[Test, str]] = {
    "CAPITALIZATION": (_capitalized, "Capitalize the first letter of each word"),
    "UPPER": (str.upper, "Enter only upper-case letters"),
    "LOWER": (str.lower, "Enter only lower-case letters"),
}


def _case(arguments: Sequence[str], normalize: bool) -> Test:
    repair, message = _CASES[arguments[0]]
    return _repairs(repair, "INVALID_FORMAT", message, normalize=normalize)


def _whitespace(arguments: Sequence[str], normalize: bool) -> Test:
    if arguments and arguments[0] == "TRIM":
        return _repairs(str.strip, "INVALID_WHITESPACE", "Remove the spaces around the value", normalize=normalize)
    message = "Spaces are not allowed"
    return _repairs(lambda value: "".join(value.split()), "INVALID_WHITESPACE", message, normalize=normalize)


def _shortest(arguments: Sequence[str], normalize: bool) -> Test:
    least = int(arguments[0])
    return _requires(lambda value: len(value) >= least, "INVALID_MIN_LENGTH", f"Enter at least {least} characters")


def _longest(arguments: Sequence[str], normalize: bool) -> Test:
    most = int(arguments[0])
    return _requires(lambda value: len(value) <= most, "INVALID_MAX_LENGTH", f"Enter at most {most} characters")


def _least(arguments: Sequence[str], normalize: bool) -> Test:
    least = Decimal(arguments[0])
    message = f"Enter a number of {arguments[0]} or more"
    return _requires(lambda value: Decimal(value) >= least, "INVALID_MIN_NUMBER", message)


def _most(arguments: Sequence[str], normalize: bool) -> Test:
    most = Decimal(arguments[0])
    message = f"Enter a number of {arguments[0]} or less"
    return _requires(lambda value: Decimal(value) <= most, "INVALID_MAX_NUMBER", message)


def _places(value: str) -> int:
    """The decimal places of a number, zeros at its end not counted."""
    _, digits, exponent = Decimal(value).as_tuple()
    zeros = len(digits) - len("".join(map(str, digits)).rstrip("0"))
    return max(0, -(int(exponent) + zeros)) if any(digits) else 0


def _decimal(arguments: Sequence[str], normalize: bool) -> Test:
    most = int(arguments[0])
    message = f"Enter a number with at most {most} decimal places"
    return _requires(lambda value: _places(value) <= most, "INVALID_DECIMAL", message)


def _from(arguments: Sequence[str], normalize: bool) -> Test:
    first = int(arguments[0])
    return _requires(lambda value: milliseconds(value) >= first, "INVALID_START_DATE", "Enter a later date")


def _until(arguments: Sequence[str], normalize: bool) -> Test:
    last = int(arguments[0])
    return _requires(lambda value: milliseconds(value) <= last, "INVALID_END_DATE", "Enter an earlier date")


def _weekday(arguments: Sequence[str], normalize: bool) -> Test:
    days = {DAYS.index(day) for day in arguments}
    message = f"Enter a date on one of these days: {', '.join(arguments)}"
    return _requires(
        lambda value: (milliseconds(value) // _DAY + _FIRST_WEEKDAY) % 7 in days, "INVALID_DAYS_OF_WEEK", message
    )


def _email(arguments: Sequence[str], normalize: bool) -> Test:
    return _requires(is_address, "INVALID_EMAIL", "Enter an email address")


def _domain(arguments: Sequence[str], normalize: bool) -> Test:
    return _requires(
        lambda value: len(value) < 254 and bool(_DOMAIN.fullmatch(value)), "INVALID_DOMAIN", "Enter a domain"
    )


def _host(value: str) -> str:
    """The host of an address of the web; blank for any other text."""
    try:
        parts = urlsplit(value)
        host = parts.hostname or ""
    except ValueError:
        return ""
    return host if parts.scheme in ("http", "https") and not any(map(str.isspace, value)) else ""


def _url(arguments: Sequence[str], normalize: bool) -> Test:
    return _requires(lambda value: bool(_host(value)), "INVALID_URL", "Enter a URL")


def _within(domain_of: Test, kind: str, *, allowed: bool) -> Maker:
    """Whether the domain of a value, or one above it, is among some."""

    def maker(arguments: Sequence[str], normalize: bool) -> Test:
        domains = tuple(text.strip().lower() for text in arguments)

        def good(value: str) -> bool:
            domain = domain_of(value).lower()
            return any(domain == one or domain.endswith(f".{one}") for one in domains) == allowed

        message = f"Enter {'one' if allowed else 'none'} of these domains: {', '.join(domains)}"
        return _requires(good, f"INVALID_{kind}_DOMAIN", message)

    return maker


def _behind_the_at(value: str) -> str:
    return value.strip().rpartition("@")[2]


def _phone(arguments: Sequence[str], normalize: bool) -> Test:
    def good(value: str) -> bool:
        return bool(_PHONE.fullmatch(value)) and 7 <= sum(map(str.isdecimal, value)) <= 15

    message = "Enter a phone number with its country code, as +1 555 010 0999"
    return _requires(good, "INVALID_PHONE_NUMBER", message)


TESTS: Mapping[str, Maker] = {
    "ALPHANUMERIC": _characters,
    "DAYS_OF_WEEK": _weekday,
    "DECIMAL": _decimal,
    "DOMAIN": _domain,
    "EMAIL": _email,
    "EMAIL_ALLOWED_DOMAINS": _within(_behind_the_at, "EMAIL", allowed=True),
    "EMAIL_BLOCKED_DOMAINS": _within(_behind_the_at, "EMAIL", allowed=False),
    "END_DATE": _until,
    "END_DATETIME": _until,
    "FORMAT": _case,
    "MAX_LENGTH": _longest,
    "MAX_NUMBER": _most,
    "MIN_LENGTH": _shortest,
    "MIN_NUMBER": _least,
    "PHONE_NUMBER_WITH_EXPLICIT_COUNTRY_CODE": _phone,
    "SPECIAL_CHARACTERS": _characters,
    "START_DATE": _from,
    "START_DATETIME": _from,
    "URL": _url,
    "URL_ALLOWED_DOMAINS": _within(_host, "URL", allowed=True),
    "URL_BLOCKED_DOMAINS": _within(_host, "URL", allowed=False),
    "WHITESPACE": _whitespace,
}
"""The rules that are held; the first text and code are HubSpot's (INVALID_ALPHA), the others chosen (differences)."""
