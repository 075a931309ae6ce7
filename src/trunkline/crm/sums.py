"""What the service works out of a deal's amount, its stage and its dates (recorded: a deal, 2026; behaviour 17.9)."""

from collections.abc import Callable, Mapping
from decimal import Context, Decimal, InvalidOperation

from trunkline.crm.record import Record
from trunkline.crm.values import Unfit, milliseconds

Held = Callable[[Record, str], str | None]
"""From a record and the name of a property to the text that it has, derived ones too."""

_EXACT = Context(prec=200)
"""Precise enough for an amount times a probability, which is told with all digits of the binary number."""

_LARGEST = 40
"""Digits before the point of an amount that is still worked with."""

_DAY = Decimal(86_400_000)


def names(rule: str) -> tuple[str, ...]:
    """The properties that a rule of this kind works with; none for a rule of another kind."""
    kind, _, of = rule.partition(":")
    return tuple(of.split(",")) if kind in _SUMS else ()


def worked_out(rule: str, held: Held) -> Callable[[Record, str], str | None]:
    """The rule of a name such as `product:amount,hs_deal_stage_probability`."""
    kind, _, of = rule.partition(":")
    work, parts = _SUMS[kind], of.split(",")
    return lambda record, type_id: work(record, [held(record, name) or "" for name in parts])


def _number(value: str) -> Decimal | None:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() and -_LARGEST <= number.adjusted() <= _LARGEST else None


def _product(record: Record, values: list[str]) -> str | None:
    left, right = map(_number, values)
    return None if left is None or right is None else format(_EXACT.multiply(left, right), "f")


def _where(record: Record, values: list[str]) -> str | None:
    """The first value where the second is "true", else 0."""
    return values[0] if values[1] == "true" else "0"


def _unless(record: Record, values: list[str]) -> str | None:
    return "0" if values[1] == "true" else values[0]


def _days(record: Record, values: list[str]) -> Decimal | None:
    """Days from a record's creation to a date."""
    try:
        return (milliseconds(values[0]) - record.created) / _DAY
    except Unfit:
        return None


def _whole_days(record: Record, values: list[str]) -> str | None:
    days = _days(record, values)
    return None if days is None else str(int(days))


def _exact_days(record: Record, values: list[str]) -> str | None:
    days = _days(record, values)
    return None if days is None else format(days.quantize(Decimal("0.00001")).normalize(), "f")


_SUMS: Mapping[str, Callable[[Record, list[str]], str | None]] = {
    "product": _product,
    "where": _where,
    "unless": _unless,
    "days": _whole_days,
    "exact_days": _exact_days,
}
