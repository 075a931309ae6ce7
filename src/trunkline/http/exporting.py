"""Carrying out exports: each chunk is a piece of the file, with some records."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from trunkline.crm.catalog import Catalog, ObjectType
from trunkline.crm.plan import Plan
from trunkline.crm.query import Condition, Field, Query
from trunkline.crm.record import Record
from trunkline.crm.search import compiled
from trunkline.crm.view import value
from trunkline.errors import Refusal, Unexpected
from trunkline.http.call import State, with_type
from trunkline.http.population import Population
from trunkline.store.protocol import Job, JobState, Step
from trunkline.wire.exports import Export, decode_search, piece
from trunkline.wire.record import place
from trunkline.wire.sheet import written

RECORDS = 500
"""Records of one chunk."""

MOST_TIED = 1_000
"""Associated records that a row names unless all are asked for (behaviour 15.13)."""

ALL_TIED = 100_000


class Asked(Struct, frozen=True, kw_only=True):
    """What is kept of an export; the object types are ids."""

    app: int
    export: Export


class Progress(Struct, array_like=True, frozen=True):
    """How far an export is: the id or the place of the next record, and how many records it has."""

    next: int = 0
    count: int = 0


pack = msgspec.msgpack.Encoder().encode
unpack = msgspec.msgpack.Decoder(Asked).decode
unpack_progress = msgspec.msgpack.Decoder(Progress).decode


class ExportCarrier:
    """Carries out exports."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def carry(self, job: Job) -> None:
        """Carries out the next chunk; an export of what is not there any more fails."""
        asked = unpack(job.asked)

        async def attempt(catalog: Catalog, type_: ObjectType) -> None:
            await self._write(job, asked, catalog, type_)

        try:
            await with_type(self._state, job.portal, asked.export.type, attempt)
        except Unexpected:
            raise
        except Refusal:
            await self._state.store.jobs.cancel(job.portal, job.id, "FAILED")

    async def _write(self, job: Job, asked: Asked, catalog: Catalog, type_: ObjectType) -> None:
        progress = unpack_progress(job.progress)
        query = compiled(decode_search(asked.export.search), type_, catalog)
        if asked.export.list:
            population = Population(self._state, job.portal)
            query = replace(query, test=await population.test(asked.export.list))
        records = await self._records(job.portal, type_, query, progress.next)
        others = [catalog.type(other) for other in asked.export.others]
        ties = [await self._ties(job.portal, type_, records, other, asked.export.unlimited) for other in others]
        table = Table(asked.export, type_, others)
        rows = [table.row(record, ties) for record in records]
        header = [table.header()] if job.chunk == 0 else []
        places = [*("" for _ in header), *(place(type_, record.id) for record in records)]
        kept = piece(places, written([*header, *rows]))
        following = records[-1].id + 1 if records and query.sort is None else progress.next + len(records)
        after = pack(Progress(following, progress.count + len(records)))
        ends: JobState | None = "COMPLETE" if len(records) < RECORDS else None
        now = self._state.clock.now(job.portal)
        step = Step(job.portal, job.id, job.chunk, now, lambda plan: kept, lambda plan: after, ends)
        await self._state.store.jobs.advance(step, Plan(now, asked.app))

    async def _records(self, portal: int, type_: ObjectType, query: Query, first: int) -> list[Record]:
        """The next records: by id where no order is asked for, so that none is missed or comes twice."""
        store = self._state.store
        if query.sort is not None:
            return (await store.search(type_, portal, replace(query, offset=first, limit=RECORDS))).records
        if not query.groups and not query.words and query.test is None:
            return await store.page(portal, type_.id, first, RECORDS, archived=False)
        beyond = Condition(Field("hs_object_id", "id"), "GTE", (first,))
        groups = tuple((*group, beyond) for group in query.groups or ((),))
        return (await store.search(type_, portal, replace(query, groups=groups, limit=RECORDS))).records

    async def _ties(
        self, portal: int, type_: ObjectType, records: Sequence[Record], other: ObjectType, unlimited: bool
    ) -> Mapping[int, list[int]]:
        """By record, the ids of those of another type that it is tied to."""
        ids = [record.id for record in records]
        limit = ALL_TIED if unlimited else MOST_TIED
        found = await self._state.store.links(portal, type_.id, ids, other.id, limit)
        return {id_: list(dict.fromkeys(end.id for end in ends)) for id_, ends in found.items()}


class Table:
    """What the columns of an export are, and what they show of a record."""

    def __init__(self, export: Export, type_: ObjectType, others: Sequence[ObjectType]) -> None:
        self._export = export
        self._type = type_
        self._others = others
        self._labels = {} if export.internal_values else dict(_labels(type_, export.properties))

    def header(self) -> list[str]:
        """The names of the columns: labels, or internal names where these are asked for (behaviour 15.10)."""
        internal = self._export.internal_names
        names = [name if internal or not (label := self._label(name)) else label for name in self._export.properties]
        tied = [f"Associated {other.data.labels['singular']} IDs" for other in self._others]
        return ["hs_object_id" if internal else "Record ID", *names, *tied]

    def row(self, record: Record, ties: Sequence[Mapping[int, Sequence[int]]]) -> list[str]:
        """What is shown of a record, whose id comes first."""
        cells = [self._cell(name, record) for name in self._export.properties]
        tied = [";".join(map(str, some.get(record.id, ()))) for some in ties]
        return [str(record.id), *cells, *tied]

    def _label(self, name: str) -> str:
        definition = self._type.properties.get(name)
        return "" if definition is None else definition.label

    def _cell(self, name: str, record: Record) -> str:
        """A value, or the labels of its options; none of a property that was archived meanwhile."""
        text = value(record, self._type, name) or "" if name in self._type.properties else ""
        labels = self._labels.get(name)
        return text if labels is None else ";".join(labels.get(part, part) for part in text.split(";"))


def _labels(type_: ObjectType, names: Sequence[str]) -> Iterator[tuple[str, Mapping[str, str]]]:
    """For each property with options, their labels by their values."""
    for name in names:
        definition = type_.properties.get(name)
        if definition is not None and definition.options:
            yield name, {option.value: option.label for option in definition.options}
