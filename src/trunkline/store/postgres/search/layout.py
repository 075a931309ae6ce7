"""What the index has of one collection, and where.

A collection is the records of one type in one portal. Each live one is a row of `search_entry`, whose columns have
another meaning in each collection: `t0`, `t1`, … a text, `n0`, `n1`, … a number, each with an index. What finds no free
column is kept in `detail`, a document without an index, under the number of its part. Words are in `search_words`, each
with a mark before it that says of which portal, collection and part it is, so that one index finds them all.

A part that is added later is filled a stretch of records at a time, from the lowest id on.
"""

from collections.abc import Iterable, Mapping

import msgspec
from msgspec import Struct

from trunkline.crm.catalog import TypeData
from trunkline.store.search import form
from trunkline.store.search.form import Form, Value

FORMAT = 1
"""Raised with every change of what is kept (`trunkline.crm.words`, `…derivation`, `…form`): then all is filled anew."""

COLUMNS = 12
"""Columns of each family."""

FAMILIES: Mapping[Form, str] = {
    **dict.fromkeys(("text", "exact", "many"), "t"),
    **dict.fromkeys(("number", "moment", "present"), "n"),
}
"""The first letter of the columns for a form; words have none."""

LONGEST = 200
"""Characters of a text that a column keeps, since an index entry is small; a longer one is whole in `detail`, too."""

Need = tuple[Value, ...]
"""What a part holds: one value, or the words of several, which are looked for in all of them at once."""


class Part(Struct, frozen=True):
    """One value of each record, or the words of some.

    `column` is where it is, None for what is in `detail`, and for words. `ready` says that it is there for all records,
    and `long` that some texts are longer than a column keeps.
    """

    number: int
    values: Need
    column: str | None = None
    ready: bool = False
    long: bool = False

    @property
    def is_words(self) -> bool:
        """Whether it has words."""
        return self.values[0].form == "words"

    @property
    def family(self) -> str:
        """The first letter of its columns."""
        return FAMILIES[self.values[0].form]


class Layout(Struct, frozen=True):
    """What the index has of a collection, whose number tells it from others of its portal.

    `next` is the number of the next part: none is given twice, so that no row can have something else under it.
    """

    number: int
    type: str
    parts: tuple[Part, ...] = ()
    next: int = 0
    format: int = FORMAT

    def part(self, wanted: Need) -> Part | None:
        """Where something is. Whether there is a value at all is told by its text, too."""
        found = [part for part in self.parts if part.values == wanted]
        if not found and wanted[0].form == "present":
            text = (msgspec.structs.replace(wanted[0], form="text"),)
            found = [part for part in self.parts if part.values == text and part.ready]
        return found[0] if found else None

    def lacks(self, wanted: Iterable[Need]) -> list[Need]:
        """What is wanted and has no place yet."""
        return [need for need in wanted if self.part(need) is None]

    def unready(self, wanted: Iterable[Need]) -> list[Need]:
        """What is wanted and is not there for all records."""
        return [need for need in wanted if (part := self.part(need)) is None or not part.ready]

    @property
    def has_words(self) -> bool:
        """Whether any part has words."""
        return any(part.is_words for part in self.parts)

    @property
    def unfilled(self) -> tuple[bool, bool]:
        """Whether what is compared is to be filled, with a row for each record, and whether words are."""
        unready = {part.is_words for part in self.parts if not part.ready}
        return False in unready or not any(part.ready for part in self.parts), True in unready

    def mark(self, part: Part, portal: int) -> str:
        """What stands before the words of a part."""
        return f"{portal:x}.{self.number:x}.{part.number:x}:"


def usual(number: int, type_id: str, type_: TypeData | None) -> Layout:
    """What a collection starts with; nothing where its type does not come with Trunkline."""
    compared, searched = form.usual(type_) if type_ else ((), ())
    return widened(Layout(number, type_id), (*((value,) for value in compared), *([searched] if searched else ())))


def widened(layout: Layout, wanted: Iterable[Need]) -> Layout:
    """The layout with places for what is wanted, to be filled.

    A part of the same property that is made otherwise is of a type or a formula which it no longer has: its place is
    free. So it is with the words of several properties, when it is others that are searched.
    """
    for need in wanted:
        if layout.part(need) is not None:
            continue
        kept = tuple(part for part in layout.parts if not _is_followed_by(part.values, need))
        part = Part(layout.next, need, None if need[0].form == "words" else _free(kept, FAMILIES[need[0].form]))
        layout = msgspec.structs.replace(layout, parts=(*kept, part), next=layout.next + 1)
    return layout


def _is_followed_by(old: Need, new: Need) -> bool:
    if len(old) > 1 or len(new) > 1:
        return len(old) > 1 and len(new) > 1
    return old[0].name == new[0].name and _sort(old[0].form) == _sort(new[0].form)


def _sort(form: Form) -> str:
    return form if form in ("present", "words") else "compared"


def _free(parts: Iterable[Part], family: str) -> str | None:
    taken = {part.column for part in parts}
    return next((name for n in range(COLUMNS) if (name := f"{family}{n}") not in taken), None)


def filled(layout: Layout) -> Layout:
    """The layout when all of it is there for all records."""
    parts = tuple(msgspec.structs.replace(part, ready=True) for part in layout.parts)
    return msgspec.structs.replace(layout, parts=parts)


def outdated(layout: Layout) -> Layout:
    """The layout when what it has was made by an older Trunkline: all is to be filled anew."""
    fresh = Layout(layout.number, layout.type, next=layout.next)
    return widened(fresh, (part.values for part in layout.parts))


def lengthened(layout: Layout, numbers: Iterable[int]) -> Layout:
    """The layout when parts have got texts that are longer than a column keeps."""
    long = frozenset(numbers)
    if not long.difference(part.number for part in layout.parts if part.long):
        return layout
    parts = (msgspec.structs.replace(part, long=part.long or part.number in long) for part in layout.parts)
    return msgspec.structs.replace(layout, parts=tuple(parts))
