"""Rules of a portal's own for the values of a property: which there are, and what each is made of (behaviour 17.6)."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct

from trunkline.crm.conformity import DAYS, TESTS
from trunkline.crm.property import Property
from trunkline.crm.record import Moment
from trunkline.crm.values import Checker, Scalar
from trunkline.errors import InvalidRule, PropertyNotFound, RuleNotFound

MOST_DOMAINS = 20
"""Domains that one rule may name (HubSpot's documentation)."""

LONGEST = 10_000
"""The largest length that a rule can ask for (HubSpot's documentation), and that of a rule's argument."""

_PERIOD = re.compile(r"P(?=.)(\d{1,9}Y)?(\d{1,9}M)?(\d{1,9}W)?(\d{1,9}D)?(T(?=.)(\d{1,9}H)?(\d{1,9}M)?(\d{1,9}S)?)?")
_NUMBER = re.compile(r"-?\d{1,30}(\.\d{1,30})?", re.ASCII)
_MOMENT = re.compile(r"-?\d{1,15}", re.ASCII)
_COUNTRY = re.compile(r"[a-z]{2}")


class Rule(Struct, frozen=True, kw_only=True):
    """One rule of the property `name`. `made` tells whether it is older than a property that took the name since.

    With `normalize` a value is put right before it is looked at, where that can be done.
    """

    name: str
    kind: str
    arguments: tuple[str, ...]
    normalize: bool | None = None
    made: Moment

    @property
    def id(self) -> str:
        """What a type's rules are told apart by."""
        return f"{self.name}/{self.kind}"


Arguments = Callable[[Sequence[str]], bool]
"""Whether arguments are those of a rule."""


class Kind(NamedTuple):
    """A kind of rule: the types of property that can have it, their fields, and what its arguments are."""

    types: tuple[str, ...]
    fields: tuple[str, ...]
    arguments: Arguments
    takes: str


def _none(arguments: Sequence[str]) -> bool:
    return not arguments


def _one(test: Callable[[str], object]) -> Arguments:
    return lambda arguments: len(arguments) == 1 and bool(test(arguments[0]))


def _among(*options: str) -> Arguments:
    return _one(lambda argument: argument in options)


def _whole(least: int, most: int) -> Arguments:
    return _one(lambda text: text.isascii() and text.isdigit() and len(text) < 9 and least <= int(text) <= most)


def _maybe(arguments: Arguments) -> Arguments:
    return lambda given: not given or arguments(given)


def _domains(arguments: Sequence[str]) -> bool:
    return 0 < len(arguments) <= MOST_DOMAINS and all(text.strip() for text in arguments)


def _days(arguments: Sequence[str]) -> bool:
    return 0 < len(arguments) <= len(DAYS) and set(arguments) <= set(DAYS)


def _pattern(arguments: Sequence[str]) -> bool:
    return len(arguments) in (1, 2) and bool(arguments[0])


_TEXTS = ("string", "phone_number")
_LINES = ("text", "textarea")
_MOMENTS = _one(_MOMENT.fullmatch)
_LIST = f"1 to {MOST_DOMAINS} domains"

KINDS: Mapping[str, Kind] = {
    "AFTER_DATETIME_DURATION": Kind(("datetime",), (), _one(_PERIOD.fullmatch), "an ISO 8601 period"),
    "AFTER_DURATION": Kind(("date",), (), _one(_PERIOD.fullmatch), "an ISO 8601 period"),
    "ALPHANUMERIC": Kind(
        _TEXTS,
        _LINES,
        _among("ALPHANUMERIC", "ALPHA_ONLY", "NUMERIC_ONLY"),
        "one of ALPHANUMERIC, ALPHA_ONLY, NUMERIC_ONLY",
    ),
    "BEFORE_DATETIME_DURATION": Kind(("datetime",), (), _one(_PERIOD.fullmatch), "an ISO 8601 period"),
    "BEFORE_DURATION": Kind(("date",), (), _one(_PERIOD.fullmatch), "an ISO 8601 period"),
    "DAYS_OF_WEEK": Kind(("date", "datetime"), (), _days, "1 to 7 days, as MONDAY"),
    "DECIMAL": Kind(("number",), (), _whole(0, 20), "a whole number from 0 to 20"),
    "DOMAIN": Kind(_TEXTS, ("text",), _none, "no arguments"),
    "EMAIL": Kind(_TEXTS, ("text",), _none, "no arguments"),
    "EMAIL_ALLOWED_DOMAINS": Kind(_TEXTS, ("text",), _domains, _LIST),
    "EMAIL_BLOCKED_DOMAINS": Kind(_TEXTS, ("text",), _domains, _LIST),
    "END_DATE": Kind(("date",), (), _MOMENTS, "milliseconds since 1970"),
    "END_DATETIME": Kind(("datetime",), (), _MOMENTS, "milliseconds since 1970"),
    "FORMAT": Kind(_TEXTS, _LINES, _among("CAPITALIZATION", "UPPER", "LOWER"), "one of CAPITALIZATION, UPPER, LOWER"),
    "MAX_LENGTH": Kind(_TEXTS, (*_LINES, "phonenumber"), _whole(1, LONGEST), f"a whole number from 1 to {LONGEST}"),
    "MAX_NUMBER": Kind(("number",), (), _one(_NUMBER.fullmatch), "a number"),
    "MIN_LENGTH": Kind(_TEXTS, (*_LINES, "phonenumber"), _whole(1, LONGEST), f"a whole number from 1 to {LONGEST}"),
    "MIN_NUMBER": Kind(("number",), (), _one(_NUMBER.fullmatch), "a number"),
    "PHONE_NUMBER_WITH_EXPLICIT_COUNTRY_CODE": Kind(
        _TEXTS, ("phonenumber",), _maybe(_one(_COUNTRY.fullmatch)), "at most a country of two small letters"
    ),
    "REGEX": Kind(_TEXTS, _LINES, _pattern, "a pattern and a message"),
    "SPECIAL_CHARACTERS": Kind(_TEXTS, _LINES, _among("NOT_ALLOWED"), "NOT_ALLOWED"),
    "START_DATE": Kind(("date",), (), _MOMENTS, "milliseconds since 1970"),
    "START_DATETIME": Kind(("datetime",), (), _MOMENTS, "milliseconds since 1970"),
    "URL": Kind(_TEXTS, ("text",), _none, "no arguments"),
    "URL_ALLOWED_DOMAINS": Kind(_TEXTS, ("text",), _domains, _LIST),
    "URL_BLOCKED_DOMAINS": Kind(_TEXTS, ("text",), _domains, _LIST),
    "WHITESPACE": Kind(_TEXTS, ("text",), _maybe(_among("ALL", "TRIM")), "at most one of ALL, TRIM"),
}


def fits(kind: str, definition: Property) -> bool:
    """Whether a property can have a rule of a kind."""
    rule = KINDS[kind]
    return definition.type in rule.types and (not rule.fields or definition.field_type in rule.fields)


def made(rule: Rule, properties: Mapping[str, Property]) -> Rule:
    """A new rule; raises `PropertyNotFound`, and `InvalidRule` for one that its property cannot have."""
    definition = properties.get(rule.name)
    if definition is None:
        raise PropertyNotFound(rule.name)
    if definition.read_only or not fits(rule.kind, definition):
        raise InvalidRule(f"{rule.kind} is not a rule for {rule.name}, which is a {definition.type}", "ruleType")
    kind = KINDS[rule.kind]
    if any(len(argument) > LONGEST for argument in rule.arguments) or not kind.arguments(rule.arguments):
        raise InvalidRule(f"{rule.kind} takes {kind.takes}", "ruleArguments")
    return rule


def standing(rules: Iterable[Rule], properties: Mapping[str, Property]) -> dict[str, tuple[Rule, ...]]:
    """By live property, in their order, the rules that are its own and that it still can have."""
    found: dict[str, tuple[Rule, ...]] = {}
    for rule in sorted(rules, key=lambda rule: rule.id):
        definition = properties.get(rule.name)
        if definition is not None and definition.created <= rule.made and fits(rule.kind, definition):
            found[rule.name] = (*found.get(rule.name, ()), rule)
    return found


def known(rule: Rule, rules: Mapping[str, Sequence[Rule]]) -> bool:
    """Whether a rule is there already, just so."""
    same = (rule.kind, rule.arguments, rule.normalize)
    return any((one.kind, one.arguments, one.normalize) == same for one in rules.get(rule.name, ()))


def found(kind: str, name: str, rules: Mapping[str, Sequence[Rule]]) -> Rule:
    """The rule of a kind that a property has; raises `RuleNotFound`."""
    for rule in rules.get(name, ()):
        if rule.kind == kind:
            return rule
    raise RuleNotFound(kind, name)


def ruled(check: Checker, rules: Iterable[Rule], definition: Property) -> Checker:
    """A checker that holds the rules, too; those that put a value right come first. What is cleared meets all.

    Unique values are not put right: records are found by what was sent.
    """
    first = sorted(rules, key=lambda rule: not rule.normalize)
    repairs = not definition.has_unique_value
    tests = [TESTS[rule.kind](rule.arguments, repairs and bool(rule.normalize)) for rule in first if rule.kind in TESTS]

    def checked(value: Scalar) -> str:
        kept = check(value)
        for test in tests if kept else ():
            kept = test(kept)
        return kept

    return checked
