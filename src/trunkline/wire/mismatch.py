"""How HubSpot's parser words a value that is good JSON, but not of the type it is bound to (behaviour 5.1, 5.2, 5.4).

Each function gives the `Fault` to raise for one token; `written` is the value as text, a string without its quotes and
escapes. The messages are those of Jackson 2.12 and later, of which recordings from 2022 on are.
"""

import re

from trunkline.wire.fault import Fault
from trunkline.wire.tokens import Kind, Token

_NOUNS = {
    Kind.START_OBJECT: "Object",
    Kind.START_ARRAY: "Array",
    Kind.VALUE_STRING: "String",
    Kind.VALUE_NUMBER_INT: "Integer",
    Kind.VALUE_NUMBER_FLOAT: "Floating-point",
    Kind.VALUE_TRUE: "Boolean",
    Kind.VALUE_FALSE: "Boolean",
    Kind.VALUE_NULL: "Null",
}
_BITS = {"java.lang.Integer": ("int", 31), "java.lang.Long": ("long", 63)}
_LARGEST = "1.7976931348623157E308"
_WHOLE = re.compile(r"[+-]?[0-9]{1,1000}", re.ASCII)
_BLANK = "".join(map(chr, range(33)))
_SHOWN = 500


def wrong_kind(java: str, token: Token) -> Fault:
    """The usual message: a value of another kind than the type is made from."""
    source = f"from {_NOUNS[token.kind]} value (token `JsonToken.{token.kind.name}`)"
    return Fault(token.start, f"Cannot deserialize value of type `{java}` {source}")


def no_bean(java: str, token: Token, written: str) -> Fault:
    """No object where fields are read from one: the parser looks for a constructor that takes the value instead."""
    if token.kind is Kind.VALUE_STRING:
        return _no_text(java, token, written, "")
    if token.kind in (Kind.VALUE_TRUE, Kind.VALUE_FALSE):
        return _no_constructor(java, token, "boolean/Boolean", f"boolean value ({written})")
    if token.kind is Kind.VALUE_NUMBER_FLOAT:
        return _no_constructor(java, token, "double/Double", f"Number value ({written})")
    if token.kind is Kind.VALUE_NUMBER_INT:
        return _no_constructor(java, token, _integer_type(int(written)), f"Number value ({written})")
    return wrong_kind(java, token)


def no_map(java: str, token: Token, written: str) -> Fault:
    """No object where one with free keys is read."""
    return _no_text(java, token, written, "element of ") if token.kind is Kind.VALUE_STRING else wrong_kind(java, token)


def no_choice(java: str, token: Token, written: str, values: tuple[str, ...]) -> Fault:
    """Not one of the values of an enumeration."""
    if token.kind is not Kind.VALUE_STRING:
        return wrong_kind(java, token)
    if not written.strip(_BLANK):
        return _empty(java, token, "")
    wanted = f"not one of the values accepted for Enum class: [{', '.join(values)}]"
    return _wrong_string(java, token, written, wanted)


def no_flag(java: str, token: Token, written: str) -> Fault:
    """Neither true nor false."""
    if token.kind is not Kind.VALUE_STRING:
        return wrong_kind(java, token)
    return _wrong_string(java, token, written, 'only "true" or "false" recognized')


def no_whole(java: str, token: Token, written: str) -> Fault | None:
    """What is wrong with a value where an integer is wanted; None for an integer that fits `java`."""
    if token.kind not in (Kind.VALUE_NUMBER_INT, Kind.VALUE_STRING):
        return wrong_kind(java, token)
    if not _WHOLE.fullmatch(written):
        return _wrong_string(java, token, written, f"not a valid `{java}` value")
    name, bits = _BITS[java]
    low, high = -(1 << bits), (1 << bits) - 1
    if low <= int(written) <= high:
        return None
    if token.kind is Kind.VALUE_NUMBER_INT:
        return Fault(token.end, f"Numeric value ({written}) out of range of {name} ({low} - {high})")
    overflow = f"Overflow: numeric value ({written}) out of range of `{java}` ({low} -{high})"
    return _wrong_string(java, token, written, overflow)


def no_double(token: Token, written: str) -> Fault:
    """A number that is too large to be kept."""
    return Fault(token.end, f"Numeric value ({written}) out of range of double (-{_LARGEST} - {_LARGEST})")


def _no_text(java: str, token: Token, written: str, part: str) -> Fault:
    if not written.strip(_BLANK):
        return _empty(_raw(java), token, part)
    return _no_constructor(java, token, "String", f"String value ('{_shortened(written)}')")


def _no_constructor(java: str, token: Token, argument: str, source: str) -> Fault:
    instance = f"Cannot construct instance of `{_raw(java)}` (although at least one Creator exists)"
    return Fault(
        token.start, f"{instance}: no {argument}-argument constructor/factory method to deserialize from {source}"
    )


def _empty(java: str, token: Token, part: str) -> Fault:
    remedy = "(but could if coercion was enabled using `CoercionConfig`)"
    target = f"{part}`{java}` {'' if part else 'value '}"
    return Fault(token.start, f'Cannot coerce empty String ("") to {target}{remedy}')


def _wrong_string(java: str, token: Token, written: str, reason: str) -> Fault:
    return Fault(
        token.start, f'Cannot deserialize value of type `{java}` from String "{_shortened(written)}": {reason}'
    )


def _integer_type(value: int) -> str:
    if -(1 << 31) <= value < 1 << 31:
        return "int/Int"
    return "long/Long" if -(1 << 63) <= value < 1 << 63 else "BigInteger"


def _raw(java: str) -> str:
    """A type without its parameters, as it is named where an instance is wanted."""
    return java.partition("<")[0]


def _shortened(text: str) -> str:
    return text if len(text) <= 2 * _SHOWN else f"{text[:_SHOWN]}]...[{text[-_SHOWN:]}"
