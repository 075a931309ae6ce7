"""Parting the rows of a file into portions, each of which is carried out at once.

A portion of rows is carried out as often as its file has object types, and then once for each type that is tied to
another one; each time is a chunk of the import's job, with the rows. No portion has two rows that say different things
of one record, so that what comes later in a file counts, however the rows are parted.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from msgspec import Struct, field

from trunkline.crm.catalog import ObjectType
from trunkline.crm.check import unique_text
from trunkline.crm.importing import File

LARGEST = 100
"""Rows of one portion."""

Seen = dict[tuple[str, str], tuple[int, int]]
"""By object type and key, the chunk that met it first, and the row there."""


class Portion(Struct, array_like=True, frozen=True, kw_only=True):
    """Some rows of a file, by its number, and what is done with them for one object type.

    `lines` are the numbers of the rows, the first of the file being 1. `again` are those rows whose key an earlier row
    of the import had, with the chunk and the row there. `sources` are the chunks that wrote the rows' records, by type.
    """

    file: int
    phase: Literal["write", "tie", "foreign"]
    type: str
    lines: Sequence[int]
    rows: Sequence[Sequence[str]]
    again: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    sources: Mapping[str, int] = field(default_factory=dict)


class Parting:
    """Parts one file after the other; `late` are portions that come after those of all files."""

    def __init__(self) -> None:
        self.rows = 0
        self.late: list[Portion] = []
        self._chunk = 0
        self._seen: Seen = {}

    def part(
        self, file: File, number: int, rows: Iterable[tuple[int, list[str]]], types: Mapping[str, ObjectType]
    ) -> Iterator[Portion]:
        """The portions of a file, in order; `rows` come with their numbers."""
        for group in _groups(file, rows, types):
            self.rows += len(group)
            yield from self._portions(file, number, group, types)

    def _portions(
        self, file: File, number: int, group: Sequence[tuple[int, list[str]]], types: Mapping[str, ObjectType]
    ) -> Iterator[Portion]:
        lines, rows = [line for line, _ in group], [row for _, row in group]
        sources = {type_id: self._chunk + n for n, type_id in enumerate(file.types)}
        for type_id, chunk in sources.items():
            again = self._again(chunk, [key_of(file, types[type_id], row) for row in rows], type_id)
            yield Portion(file=number, phase="write", type=type_id, lines=lines, rows=rows, again=again)
        self._chunk += len(sources)
        for type_id in file.types[:-1]:
            yield Portion(file=number, phase="tie", type=type_id, lines=lines, rows=rows, sources=sources)
            self._chunk += 1
        for type_id in file.types:
            if file.foreign(type_id):
                late = Portion(file=number, phase="foreign", type=type_id, lines=lines, rows=rows, sources=sources)
                self.late.append(late)

    def _again(self, chunk: int, keys: Sequence[str | None], type_id: str) -> dict[int, tuple[int, int]]:
        again = {}
        for n, key in enumerate(keys):
            if key is not None:
                first = self._seen.setdefault((type_id, key), (chunk, n))
                if first != (chunk, n):
                    again[n] = first
        return again


def _groups(
    file: File, rows: Iterable[tuple[int, list[str]]], types: Mapping[str, ObjectType]
) -> Iterator[list[tuple[int, list[str]]]]:
    group: list[tuple[int, list[str]]] = []
    met: dict[tuple[str, str], list[str]] = {}
    for line, row in rows:
        keys = {}
        for type_id in file.types:
            key = key_of(file, types[type_id], row)
            if key is not None:
                keys[type_id, key] = cells_of(file, type_id, row)
        if len(group) == LARGEST or any(met.get(key, cells) != cells for key, cells in keys.items()):
            yield group
            group, met = [], {}
        group.append((line, row))
        met.update(keys)
    if group:
        yield group


def cells_of(file: File, type_id: str, row: Sequence[str]) -> list[str]:
    """The cells of a row that belong to one object type, without white space around them; "" for those it lacks."""
    return [row[one.place].strip() if one.place < len(row) else "" for one in file.of(type_id)]


def key_of(file: File, type_: ObjectType, row: Sequence[str]) -> str | None:
    """What rows that mean the same record of a type have in common; None where nothing says which one is meant."""
    column = file.address(type_.id)
    cell = row[column.place].strip() if column is not None and column.place < len(row) else ""
    if column is None or not cell:
        return None
    if column.role == "key" and column.property in type_.unique:
        return unique_text(cell, column.property, type_)
    return cell.lower()
