"""What an index must have of the records to answer a query (`trunkline.crm.query`)."""

from collections.abc import Iterator, Sequence

from trunkline.crm.catalog import ObjectType
from trunkline.crm.cut import Cut
from trunkline.crm.logic import Leaf, asked
from trunkline.crm.query import Condition, Field, Operator, Query
from trunkline.store.search.form import FORMS, Form, Value, value

PRESENCE: frozenset[Operator] = frozenset(("HAS_PROPERTY", "NOT_HAS_PROPERTY"))
TOKENS: frozenset[Operator] = frozenset(("CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"))


def needed(query: Query, type_: ObjectType, cuts: Sequence[Cut] = ()) -> dict[ObjectType, frozenset[Value]]:
    """The values that the index must have to answer a query, by the object type of the records, the sought one first.

    Those of other types are asked of what a record is tied to. By `cuts` what is found is to be parted.
    """
    found = {type_: set(searched(query, type_))}
    for of, leaf in asked(query, type_):
        found.setdefault(of, set()).update(_needed(leaf, of))
    if query.sort is not None and query.sort.field.kind in FORMS:
        found[type_].add(compared(query.sort.field, type_))
    found[type_].update(compared(cut.field, type_) for cut in cuts)
    return {of: frozenset(values) for of, values in found.items()}


def searched(query: Query, type_: ObjectType) -> tuple[Value, ...]:
    """The values in which the words of a query are looked for; none for a query without a word."""
    return tuple(value(type_.properties.get(name), name, "words") for name in query.searched if query.words)


def _needed(leaf: Leaf, type_: ObjectType) -> Iterator[Value]:
    looked_at = leaf.field
    if looked_at.kind not in FORMS:
        return
    if not isinstance(leaf, Condition):
        yield compared(looked_at, type_)
        return
    if leaf.operator in TOKENS and leaf.values:
        yield worded(looked_at, type_)
        if leaf.operator == "CONTAINS_TOKEN":
            return
    yield (present if leaf.operator in PRESENCE | TOKENS else compared)(looked_at, type_)


def compared(looked_at: Field, type_: ObjectType) -> Value:
    """The value that a field is compared by."""
    return _in_form(looked_at, type_, FORMS[looked_at.kind])


def present(looked_at: Field, type_: ObjectType) -> Value:
    """What tells whether there is a value; of a text, which may be long, no more is kept for that."""
    return _in_form(looked_at, type_, "present" if looked_at.kind == "text" else FORMS[looked_at.kind])


def worded(looked_at: Field, type_: ObjectType) -> Value:
    """The words of a field."""
    return _in_form(looked_at, type_, "words")


def _in_form(looked_at: Field, type_: ObjectType, form: Form) -> Value:
    return value(type_.properties.get(looked_at.name), looked_at.name, form)
