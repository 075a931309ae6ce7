"""Why a body was refused, in the words in which HubSpot's service would refuse it (behaviour 5.1 to 5.5).

The fast decoder says no; this module reads the body again, slowly and in document order, and reports the first thing
that is wrong: a mistake in the JSON, a value of the wrong type, or a required field that is missing.
"""

import math

import msgspec

from trunkline.wire import mismatch
from trunkline.wire.fault import Fault, gave_up, position
from trunkline.wire.shape import Array, Choice, Container, Flag, Map, Object, Scalar, Shape, Text, Whole
from trunkline.wire.tokens import MAX_DEPTH, MAX_STEPS, Kind, Scanner

NOTHING = "Invalid input JSON: No content (empty input stream)"
"""As reported in https://github.com/HubSpot/hubspot-api-php/issues/209."""


class _Unset(Fault):
    """Required fields that are not there; its message has a full stop after the column."""


def diagnose(body: bytes, shape: Shape, max_depth: int = MAX_DEPTH, max_steps: int = MAX_STEPS) -> str:
    """The message for a refused body, without status and envelope: the place, then the first thing that is wrong.

    It never raises, takes time linear in the body, and does not recurse on the depth of the body. `max_depth` is how
    many objects and arrays may be open at once. After `max_steps` tokens without a mistake it looks no further, so that
    a hostile body costs a few seconds at most. When it finds nothing wrong it says that it cannot tell.
    """
    scanner = Scanner(body, max_depth, max_steps)
    try:
        if scanner.next() is Kind.END:
            return NOTHING
        _root(scanner, shape)
        raise gave_up()
    except Fault as fault:
        line, column = position(body, fault.offset)
        mark = "." if isinstance(fault, _Unset) else ":"
        return f"Invalid input JSON on line {line}, column {column + fault.shift}{mark} {fault.reason}"


def _root(scanner: Scanner, shape: Shape) -> None:
    if scanner.kind is Kind.VALUE_NULL and isinstance(shape, Container):
        raise mismatch.wrong_kind(shape.java, scanner.token)
    _value(scanner, shape)
    if scanner.next() is not Kind.END:
        found = f"Trailing token (of type {scanner.kind.name}) found after value (bound as `{shape.java}`)"
        setting = "`DeserializationFeature.FAIL_ON_TRAILING_TOKENS`"
        raise Fault(scanner.start, f"{found}: not allowed as per {setting}")


def _value(scanner: Scanner, shape: Shape | None) -> None:
    """Reads the value that starts with the last token; a shape of None takes anything."""
    match shape:
        case None:
            scanner.skip()
        case Object():
            _object(scanner, shape)
        case Map():
            _map(scanner, shape)
        case Array():
            _array(scanner, shape)
        case _ if scanner.kind is not Kind.VALUE_NULL:
            _scalar(scanner, shape)


def _object(scanner: Scanner, shape: Object) -> None:
    if _absent(scanner, shape) or (shape.text and scanner.kind is Kind.VALUE_STRING):
        return
    if scanner.kind is not Kind.START_OBJECT:
        raise mismatch.no_bean(shape.java, scanner.token, _written(scanner))
    opened, given = scanner.start, dict.fromkeys(shape.required, False)
    while scanner.next() is Kind.FIELD_NAME:
        name, kind = _written(scanner), scanner.next()
        if name in given:
            given[name] = kind is not Kind.VALUE_NULL
        _value(scanner, shape.fields.get(name))
    if missing := [name for name in given if not given[name]]:
        raise _Unset(scanner.start, f"Some required fields were not set: [{', '.join(missing)}]")
    if shape.objection and (reason := shape.objection(scanner.body[opened : scanner.end])):
        raise Fault(scanner.start, reason)


def _map(scanner: Scanner, shape: Map) -> None:
    if _absent(scanner, shape):
        return
    if scanner.kind is not Kind.START_OBJECT:
        raise mismatch.no_map(shape.java, scanner.token, _written(scanner))
    while scanner.next() is Kind.FIELD_NAME:
        scanner.next()
        _value(scanner, shape.value)
        if isinstance(shape.value, Text):
            scanner.run()


def _array(scanner: Scanner, shape: Array) -> None:
    if _absent(scanner, shape):
        return
    if scanner.kind is not Kind.START_ARRAY:
        raise mismatch.wrong_kind(shape.java, scanner.token)
    while scanner.next() is not Kind.END_ARRAY:
        _value(scanner, shape.item)
        if isinstance(shape.item, Text):
            scanner.run()


def _scalar(scanner: Scanner, shape: Scalar) -> None:
    kind = scanner.kind
    if kind is Kind.START_OBJECT or kind is Kind.START_ARRAY:
        raise mismatch.wrong_kind(shape.java, scanner.token)
    if isinstance(shape, Text) and kind is not Kind.VALUE_NUMBER_FLOAT:
        return
    written = _written(scanner)
    if isinstance(shape, Text) and math.isinf(float(written)):
        raise mismatch.no_double(scanner.token, written)
    if isinstance(shape, Flag) and written not in ("true", "false"):
        raise mismatch.no_flag(shape.java, scanner.token, written)
    if isinstance(shape, Choice) and (kind is not Kind.VALUE_STRING or written not in shape.values):
        raise mismatch.no_choice(shape.java, scanner.token, written, shape.values)
    if isinstance(shape, Whole) and shape.blank and not written.strip():
        return
    if isinstance(shape, Whole) and (wrong := mismatch.no_whole(shape.java, scanner.token, written)):
        raise wrong


def _absent(scanner: Scanner, shape: Container) -> bool:
    return scanner.kind is Kind.VALUE_NULL and shape.nullable


def _written(scanner: Scanner) -> str:
    """The last token as text: a string without quotes and escapes, anything else as it stands."""
    raw = scanner.body[scanner.start : scanner.end]
    if not raw.startswith(b'"'):
        return raw.decode()
    return raw[1:-1].decode() if b"\\" not in raw else msgspec.json.decode(raw, type=str)
