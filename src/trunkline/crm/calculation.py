"""What a formula comes to for one record (behaviour 11.20).

A part without a value leaves what it is a part of without one: a sum with a term that is not set is not set either.
`is_present` and `coalesce` look for that, and a branch that is not taken does not matter.
"""

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from trunkline.crm.formula import Application, Choice, Constant, Formula, Node, Reference
from trunkline.crm.values import text

Lookup = Callable[[str], str | None]
"""The text that a property of the record holds, if it holds one."""

Value = float | str | bool | None


def calculate(formula: Formula, lookup: Lookup) -> str | None:
    """The text of a calculated property, or None where it has no value."""
    value = _value(formula.tree, lookup)
    return None if value is None or value == "" else text(value)


def _value(node: Node, lookup: Lookup) -> Value:
    match node:
        case Constant():
            return node.value
        case Reference():
            return _READERS[node.kind](lookup(node.name) or "")
        case Choice():
            return _chosen(node, lookup)
        case Application("is_present", (part,)):
            return _value(part, lookup) not in (None, "")
        case Application("coalesce", parts):
            return next((value for part in parts if (value := _value(part, lookup)) not in (None, "")), None)
        case Application("and" | "or", (left, right)):
            return _decided(node.function == "or", left, right, lookup)
    return _applied(node, lookup)


def _chosen(node: Choice, lookup: Lookup) -> Value:
    """The first branch that holds; nothing when a condition before it cannot be told (observed: behaviour 11.20)."""
    for condition, result in node.branches:
        holds = _value(condition, lookup)
        if holds is not False:
            return _value(result, lookup) if holds else None
    return None if node.otherwise is None else _value(node.otherwise, lookup)


def _decided(deciding: bool, left: Node, right: Node, lookup: Lookup) -> Value:
    """`or` is decided by one part that is true, `and` by one that is false, whatever the other one is."""
    found = [_value(left, lookup), _value(right, lookup)]
    if deciding in found:
        return deciding
    return None if None in found else not deciding


def _applied(node: Application, lookup: Lookup) -> Value:
    values = [_value(part, lookup) for part in node.arguments]
    if None in values:
        return None
    value = _RULES[node.function](values)
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _number(kept: str) -> float | None:
    """A number as it is, a day or a moment in milliseconds since 1970."""
    try:
        number = float("" if "_" in kept else kept)
    except ValueError:
        return _milliseconds(kept)
    return number if math.isfinite(number) else None


def _milliseconds(kept: str) -> float | None:
    try:
        moment = datetime.fromisoformat(kept)
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() * 1000


_READERS: dict[str, Callable[[str], Value]] = {
    "number": _number,
    "string": lambda kept: kept or None,
    "bool": lambda kept: {"true": True, "false": False}.get(kept),
}

_Rule = Callable[[Sequence[Value]], Value]


def _arithmetic(rule: Callable[[float, float], float]) -> _Rule:
    def apply(values: Sequence[Value]) -> Value:
        left, right = (float(value or 0) for value in values)
        try:
            return rule(left, right)
        except (ZeroDivisionError, OverflowError):
            return None

    return apply


def _comparison(rule: Callable[[float, float], bool]) -> _Rule:
    return lambda values: rule(*(float(value or 0) for value in values))


def _parsed(values: Sequence[Value]) -> Value:
    return _number(str(values[0]))


_RULES: dict[str, _Rule] = {
    "+": _arithmetic(lambda left, right: left + right),
    "-": _arithmetic(lambda left, right: left - right),
    "*": _arithmetic(lambda left, right: left * right),
    "/": _arithmetic(lambda left, right: left / right),
    "<": _comparison(lambda left, right: left < right),
    ">": _comparison(lambda left, right: left > right),
    "<=": _comparison(lambda left, right: left <= right),
    ">=": _comparison(lambda left, right: left >= right),
    "equals": lambda values: values[0] == values[1],
    "not": lambda values: not values[0],
    "max": lambda values: max(float(value or 0) for value in values),
    "min": lambda values: min(float(value or 0) for value in values),
    "contains": lambda values: str(values[1]) in str(values[0]),
    "concatenate": lambda values: "".join(map(str, values)),
    "number_to_string": lambda values: text(values[0]),
    "string_to_number": _parsed,
}
