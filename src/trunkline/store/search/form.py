"""The forms in which values are indexed and compared, and how a text comes into each of them."""

from collections.abc import Callable, Mapping
from typing import Literal

from msgspec import Struct

from trunkline.crm.catalog import TypeData
from trunkline.crm.operand import OPERANDS
from trunkline.crm.property import Property
from trunkline.crm.query import Kind, field
from trunkline.crm.values import Unfit
from trunkline.crm.words import folded
from trunkline.store.search.sql import Scalar

Form = Literal["text", "exact", "number", "moment", "many", "present", "words"]
"""A kind of field (`trunkline.crm.query`), whether there is a value at all, or the words of a text."""

FORMS: Mapping[Kind, Form] = {"text": "text", "exact": "exact", "number": "number", "moment": "moment", "many": "many"}
"""The form in which a field of a kind is compared; ids and associations need none."""

PARTING = "\1"
"""What parts the options of a value, and stands before the first and behind the last."""


class Value(Struct, frozen=True):
    """One property in one form. `derivation` is the rule that fills it in, if it is not kept in the record."""

    name: str
    form: Form
    derivation: str | None = None


def value(definition: Property | None, name: str, form: Form) -> Value:
    """A property in a form; a definition that is gone leaves the texts that were written."""
    return Value(name, form, None if definition is None else definition.derivation)


def usual(type_: TypeData) -> tuple[tuple[Value, ...], tuple[Value, ...]]:
    """What a collection starts with: its type's indexed properties, and the words of the searchable ones."""
    defined = {definition.name: definition for definition in type_.properties}
    named = [defined[name] for name in type_.indexed_properties]
    return (
        tuple(value(definition, definition.name, FORMS[field(definition).kind]) for definition in named),
        tuple(value(defined[name], name, "words") for name in type_.searchable_properties),
    )


def _operand(kind: Literal["number", "moment"]) -> Callable[[str], Scalar]:
    def finish(text: str) -> Scalar:
        try:
            return OPERANDS[kind](text)
        except Unfit:
            return None

    return finish


def _options(text: str) -> Scalar:
    chosen = [option for option in text.split(";") if option]
    return PARTING.join(("", *chosen, "")) if chosen else None


FORMED: Mapping[Form, Callable[[str], Scalar]] = {
    "text": folded,
    "exact": str,
    "number": _operand("number"),
    "moment": _operand("moment"),
    "many": _options,
    "present": lambda text: 1,
}
"""By form, what puts a text that is not empty into it; None where it has no value of that form."""
