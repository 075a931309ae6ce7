"""What a search asks, as data: filters, words, a sort and a page, after all of it was checked.

A store answers a `Query` from its indexes (`trunkline.store.protocol`); `trunkline.crm.search` makes one from what a
client sent. Values are already in the form that a field of their kind is compared in:

    kind     compared as                                          form of a value
    text     whole text, in any case                              str, `trunkline.crm.words.folded`
    exact    whole text, as it stands (options, true and false)   str
    number   amount                                               int or float
    moment   point in time                                        int, milliseconds since 1970
    many     a set of options                                     str, one option
    id       record id                                            int
    linked   the records of another type it is associated with    int, a record id
"""

from typing import Literal, TypeAlias

from msgspec import Struct

from trunkline.crm.catalog import ObjectType
from trunkline.crm.property import Property

Kind = Literal["text", "exact", "number", "moment", "many", "id", "linked"]

Operator = Literal[
    "EQ",
    "NEQ",
    "LT",
    "LTE",
    "GT",
    "GTE",
    "BETWEEN",
    "IN",
    "NOT_IN",
    "HAS_PROPERTY",
    "NOT_HAS_PROPERTY",
    "CONTAINS_TOKEN",
    "NOT_CONTAINS_TOKEN",
]

Operand = str | int | float


class Field(Struct, frozen=True):
    """What a condition or a sort looks at: a property of the type, or, of kind `linked`, another type by its id."""

    name: str
    kind: Kind


def field(definition: Property) -> Field:
    """How the values of one property are compared in a search (behaviour 7.9)."""
    if definition.derivation == "id":
        return Field(definition.name, "id")
    if definition.many:
        return Field(definition.name, "many")
    return Field(definition.name, _KINDS.get(definition.type, "text"))


_KINDS: dict[str, Kind] = {
    "number": "number",
    "date": "moment",
    "datetime": "moment",
    "enumeration": "exact",
    "bool": "exact",
}


class Condition(Struct, frozen=True):
    """One filter.

    `values` has one value for EQ, NEQ, LT, LTE, GT and GTE, the lower and the higher bound (both included) for
    BETWEEN, one or more for IN and NOT_IN, none for HAS_PROPERTY and NOT_HAS_PROPERTY. For CONTAINS_TOKEN and
    NOT_CONTAINS_TOKEN it has the words that must all occur, in any order (`trunkline.crm.words.patterns`); each is a
    whole word of the text, in which a `*` stands for any characters, or none. Without a word, every value contains it.

    Of a field of kind `many` EQ and IN ask whether the option, or one of them, is among the chosen ones, NEQ and
    NOT_IN whether none is; of a `linked` one they ask the same of the records it is associated with.

    A record without a value meets NOT_HAS_PROPERTY and nothing else, so neither NEQ, NOT_IN nor NOT_CONTAINS_TOKEN
    (behaviour 7.17). A cleared property has no value, a record without an association none of that kind.
    """

    field: Field
    operator: Operator
    values: tuple[Operand, ...] = ()


class Every(Struct, frozen=True):
    """All of the parts are met; without a part every record meets it."""

    parts: "tuple[Test, ...]" = ()


class Some(Struct, frozen=True):
    """One of the parts is met at least; without a part no record meets it."""

    parts: "tuple[Test, ...]" = ()


class Not(Struct, frozen=True):
    """The part is not met, also not for want of a value."""

    part: "Test"


class Piece(Struct, frozen=True):
    """A field of kind `text` has some text in it, which is folded and not empty: anywhere, at its start or its end."""

    field: Field
    place: Literal["anywhere", "start", "end"]
    text: str


class Exactly(Struct, frozen=True):
    """A field of kind `many` has these options chosen, each named once, and no other."""

    field: Field
    options: tuple[str, ...]


class Recurring(Struct, frozen=True):
    """A field of kind `moment` lies in one of the steps of a cycle, by its number (`trunkline.crm.cut.Cycle`)."""

    field: Field
    step: int
    length: int
    place: int


class Within(Struct, frozen=True):
    """The record was put into a list of the portal, by the list's id, and is in it still."""

    portal: int
    list: int


class Tied(Struct, frozen=True):
    """The record is tied in one way, named from its own end, to a record of a type that meets a test."""

    type: ObjectType
    category: str
    kind: int
    test: "Test"


Test: TypeAlias = Condition | Every | Some | Not | Piece | Exactly | Recurring | Within | Tied
"""What a record meets or does not."""

NOBODY = Some()
"""What no record meets."""


class Sort(Struct, frozen=True):
    """The order of the results: records without a value come last, equal ones by id in the same direction."""

    field: Field
    descending: bool = False


class Query(Struct, frozen=True, kw_only=True):
    """One search: records that meet all conditions of any group, and hold every word in one or another of `searched`.

    They also meet the `test`, if there is one.

    No group lets every record through, and so does no word. A word (`trunkline.crm.words.words`) matches the start of a
    word of a text (behaviour 7.19). Without a sort the order is that of the ids, which is that of creation. `offset` is
    how many results come before the page.
    """

    groups: tuple[tuple[Condition, ...], ...] = ()
    test: "Test | None" = None
    words: tuple[str, ...] = ()
    searched: tuple[str, ...] = ()
    sort: Sort | None = None
    offset: int = 0
    limit: int = 10
