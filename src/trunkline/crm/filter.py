"""From one filter of a search, as it was sent, to the condition that a store answers."""

from collections.abc import Callable, Mapping
from typing import get_args

from msgspec import Struct

from trunkline.crm.catalog import Catalog, ObjectType
from trunkline.crm.operand import OPERANDS
from trunkline.crm.query import Condition, Field, Kind, Operand, Operator, field
from trunkline.crm.values import Scalar, Unfit, text
from trunkline.crm.words import folded, patterns
from trunkline.errors import UnknownObjectType

LINKED = "associations."
"""What the name of a pseudo-property starts with that stands for the records of another type (behaviour 7.22)."""

UNFILTERABLE = frozenset({"hs_body_preview_html"})
"""Properties that the service does not filter by (behaviour 7.10)."""

LONGEST_WORDS = 3_000
"""Characters of a value whose words are looked for (behaviour 7.7; chosen: differences)."""


class Filter(Struct, frozen=True, kw_only=True):
    """One filter. Its operator and its name are there, and what its operator needs (`NEEDS`)."""

    name: Scalar = None
    operator: Operator | None = None
    value: Scalar = None
    high: Scalar = None
    values: tuple[Scalar, ...] | None = None


Need = tuple[str, str]
"""The attribute of a filter, and how the service calls what is missing."""

_VALUE: Need = ("value", "a value")
_LIST: Need = ("values", "values")
NEEDS: Mapping[Operator, tuple[Need, ...]] = {
    "EQ": (_VALUE,),
    "NEQ": (_VALUE,),
    "LT": (_VALUE,),
    "LTE": (_VALUE,),
    "GT": (_VALUE,),
    "GTE": (_VALUE,),
    "BETWEEN": (_VALUE, ("high", "a highValue")),
    "IN": (_LIST,),
    "NOT_IN": (_LIST,),
    "HAS_PROPERTY": (),
    "NOT_HAS_PROPERTY": (),
    "CONTAINS_TOKEN": (_VALUE,),
    "NOT_CONTAINS_TOKEN": (_VALUE,),
}
"""What a filter has to have, by its operator (behaviour 7.20)."""

_ALL = frozenset(get_args(Operator))
_TOKENS = frozenset({"CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"})
_ORDER = frozenset({"LT", "LTE", "GT", "GTE", "BETWEEN"})

OPERATORS: Mapping[Kind, frozenset[str]] = {
    "text": _ALL,
    "exact": _ALL,
    "number": _ALL - _TOKENS,
    "moment": _ALL - _TOKENS,
    "id": _ALL - _TOKENS,
    "many": _ALL - _ORDER,
    "linked": _ALL - _ORDER - _TOKENS,
}
"""The operators that make sense for a kind of field; the service refuses the others (chosen: differences)."""


def condition(filter_: Filter, type_: ObjectType, catalog: Catalog) -> Condition:
    """The condition that a filter sets; raises `Unfit` for what cannot be compared."""
    looked_at = _field(text(filter_.name), type_, catalog)
    operator = filter_.operator
    if operator is None or operator not in OPERATORS[looked_at.kind]:
        raise Unfit("INVALID_OPERATOR", f"{operator} cannot be asked of {looked_at.name}.")
    return _CONDITIONS[operator](looked_at, operator, filter_)


def _field(name: str, type_: ObjectType, catalog: Catalog) -> Field:
    if name.startswith(LINKED):
        return Field(_linked(name.removeprefix(LINKED), catalog), "linked")
    definition = type_.properties.get(name)
    if definition is None or name in UNFILTERABLE:
        raise Unfit("PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist or cannot be filtered.')
    return field(definition)


def _linked(alias: str, catalog: Catalog) -> str:
    try:
        return catalog.type(alias).id
    except UnknownObjectType as cause:
        raise Unfit("PROPERTY_DOESNT_EXIST", cause.message) from cause


def _any(looked_at: Field, operator: Operator, filter_: Filter) -> Condition:
    return Condition(looked_at, operator)


def _one(looked_at: Field, operator: Operator, filter_: Filter) -> Condition:
    return Condition(looked_at, operator, (OPERANDS[looked_at.kind](text(filter_.value)),))


def _range(looked_at: Field, operator: Operator, filter_: Filter) -> Condition:
    operand = OPERANDS[looked_at.kind]
    return Condition(looked_at, operator, (operand(text(filter_.value)), operand(text(filter_.high))))


def _list(looked_at: Field, operator: Operator, filter_: Filter) -> Condition:
    operand: Callable[[str], Operand] = _listed if looked_at.kind == "text" else OPERANDS[looked_at.kind]
    return Condition(looked_at, operator, tuple(dict.fromkeys(operand(text(value)) for value in filter_.values or ())))


def _listed(value: str) -> str:
    """A text in a list is not folded: with a capital letter it equals no text (behaviour 7.9)."""
    return folded(value) if value == value.lower() else value


def _tokens(looked_at: Field, operator: Operator, filter_: Filter) -> Condition:
    asked = text(filter_.value)
    if len(asked) > LONGEST_WORDS:
        raise Unfit("VALUE_TOO_LONG", f"The words of a value of over {LONGEST_WORDS} characters are not looked for.")
    wanted = tuple(patterns(asked))
    if wanted or "*" in asked:
        return Condition(looked_at, operator, wanted)
    return _WORDLESS[operator](looked_at)


_WORDLESS: Mapping[Operator, Callable[[Field], Condition]] = {
    "CONTAINS_TOKEN": lambda looked_at: Condition(looked_at, "EQ", ("",)),
    "NOT_CONTAINS_TOKEN": lambda looked_at: Condition(looked_at, "HAS_PROPERTY"),
}
"""What is asked with a value of punctuation alone: no text contains it, and no record has an empty text."""

_CONDITIONS: Mapping[Operator, Callable[[Field, Operator, Filter], Condition]] = {
    **dict.fromkeys(NEEDS, _one),
    "BETWEEN": _range,
    "IN": _list,
    "NOT_IN": _list,
    "HAS_PROPERTY": _any,
    "NOT_HAS_PROPERTY": _any,
    "CONTAINS_TOKEN": _tokens,
    "NOT_CONTAINS_TOKEN": _tokens,
}
