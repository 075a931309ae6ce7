"""Carrying out imports: each chunk writes the records of some rows, or ties them, with what became of it."""

from collections.abc import Callable, Mapping, Sequence

import msgspec
from msgspec import Struct

from trunkline.crm.alias import held
from trunkline.crm.catalog import Catalog, ObjectType
from trunkline.crm.cell import Reading
from trunkline.crm.check import unique_text
from trunkline.crm.importing import File, Import
from trunkline.crm.joining import Joining, foreign, of_row
from trunkline.crm.plan import Plan
from trunkline.crm.portion import Portion
from trunkline.crm.query import Condition, Query, field
from trunkline.crm.rows import UNKNOWN, Drafted, Drafting, Fault
from trunkline.crm.words import folded
from trunkline.crm.write import Mode, Write
from trunkline.errors import Refusal, Unexpected
from trunkline.http.call import State, with_type
from trunkline.store.protocol import Job, JobState, Step

MODES: Mapping[str, Mode] = {"CREATE": "create", "UPDATE": "update", "UPSERT": "upsert"}

MOST_HOLDERS = 1_000
"""Records that share the natural keys of one portion and are looked at."""


class Asked(Struct, frozen=True, kw_only=True):
    """What is kept of an import beside its rows: `request` as it was sent, `refused` why its files cannot be read."""

    app: int
    request: bytes
    imported: Import
    refused: Sequence[Fault] = ()


class Outcome(Struct, array_like=True, frozen=True):
    """What became of a portion: by row the record's id or 0, the faults, and the rows that have one, with numbers."""

    file: int
    type: str
    ids: Sequence[int]
    faults: Sequence[Fault]
    rows: Mapping[int, tuple[int, Sequence[str]]]


Counters = dict[str, int]

pack = msgspec.msgpack.Encoder().encode
unpack = msgspec.msgpack.Decoder(Asked).decode
unpack_portion = msgspec.msgpack.Decoder(Portion).decode
unpack_outcome = msgspec.msgpack.Decoder(Outcome).decode
unpack_counters = msgspec.msgpack.Decoder(Counters).decode


class ImportCarrier:
    """Carries out imports."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def carry(self, job: Job) -> None:
        """Carries out the next chunk; an import whose files cannot be read fails with the first."""
        asked = unpack(job.asked)
        inputs = await self._state.store.jobs.chunk(job)
        if asked.refused:
            rows = {fault.row: (fault.row, ()) for fault in asked.refused}
            outcome = Outcome(0, asked.imported.types[0], (), asked.refused, rows)
            await self._keep(job, asked, outcome, {"ERRORS": len(asked.refused)}, failed=True)
            return
        portion = unpack_portion(inputs)
        try:
            if portion.phase == "write":
                await self._write(job, asked, portion)
            else:
                await self._tie(job, asked, portion)
        except Unexpected:
            raise
        except Refusal as refusal:
            faults = [Fault(row, UNKNOWN, refusal.message) for row in range(len(portion.rows))]
            outcome = _outcome(portion, [0] * len(portion.rows), faults)
            await self._keep(job, asked, outcome, {"ERRORS": len(faults)})

    async def _write(self, job: Job, asked: Asked, portion: Portion) -> None:
        imported, store = asked.imported, self._state.store
        file, operation = imported.files[portion.file], imported.operation(portion.type)

        async def attempt(catalog: Catalog, type_: ObjectType) -> None:
            holders = await self._holders(job, portion, file, type_)
            drafting = Drafting(file, operation, type_, catalog, await self._reading(job, imported), holders)
            drafted = drafting.drafted(portion)
            work = Write(drafted.checked, type_, catalog, asked.app, MODES[operation], each=True)

            def tell(plan: Plan) -> tuple[Outcome, Counters]:
                faults = drafting.faults(plan, drafted, portion)
                return _outcome(portion, _ids(plan, drafted, portion), faults), _counted(plan, drafted, portion, faults)

            step = self._step(job, tell)
            if drafted.checked:
                await store.write(job.portal, type_.id, catalog.version, work.wanted(), work.plan, step)
            else:
                await store.jobs.advance(step, Plan(self._state.clock.now(job.portal), asked.app))

        await with_type(self._state, job.portal, portion.type, attempt)

    async def _tie(self, job: Job, asked: Asked, portion: Portion) -> None:
        file, store = asked.imported.files[portion.file], self._state.store
        ids = {type_id: await self._ids_of(job, chunk) for type_id, chunk in portion.sources.items()}

        async def attempt(catalog: Catalog, type_: ObjectType) -> None:
            if portion.phase == "tie":
                work = of_row(portion, file, ids, catalog, asked.app)
            else:
                found = await self._foreign(job, asked.imported, portion, file, catalog)
                work = foreign(portion, file, ids, found, catalog, asked.app)
            step = self._step(job, lambda plan: (_outcome(portion, (), work.faults), _tied(work)))
            await store.write(job.portal, type_.id, catalog.version, work.wanted(), work.plan, step)

        await with_type(self._state, job.portal, portion.type, attempt)

    def _step(self, job: Job, tell: Callable[[Plan], tuple[Outcome, Counters]]) -> Step:
        """The step of a chunk: its outcome, and the counters with what it adds to them."""

        def outcome(plan: Plan) -> bytes:
            return pack(tell(plan)[0])

        def progress(plan: Plan) -> bytes:
            return _added(job.progress, tell(plan)[1])

        return Step(job.portal, job.id, job.chunk, self._state.clock.now(job.portal), outcome, progress)

    async def _keep(self, job: Job, asked: Asked, outcome: Outcome, counters: Counters, failed: bool = False) -> None:
        """Makes a step that writes nothing."""
        now = self._state.clock.now(job.portal)
        kept, progress = pack(outcome), _added(job.progress, counters)
        ends: JobState | None = "FAILED" if failed else None
        step = Step(job.portal, job.id, job.chunk, now, lambda plan: kept, lambda plan: progress, ends)
        await self._state.store.jobs.advance(step, Plan(now, asked.app))

    async def _reading(self, job: Job, imported: Import) -> Reading:
        people = await self._state.accounts.people()
        owners = {one.email.casefold(): str(one.id) for one in people if one.may_decide_for(job.portal)}
        return Reading(imported.date_format, imported.zone, owners)

    async def _ids_of(self, job: Job, chunk: int) -> Sequence[int]:
        """The ids of the records that the rows of an earlier chunk made or changed."""
        (outcome,) = await self._state.store.jobs.some_outcomes(job.portal, job.id, chunk, 1)
        return unpack_outcome(outcome).ids

    async def _holders(self, job: Job, portion: Portion, file: File, type_: ObjectType) -> dict[str, list[int]]:
        """By natural key, the records that have it: those that earlier rows made before those that a search finds.

        Empty where records are found by unique values, which the write itself looks up.
        """
        column = file.address(type_.id)
        if column is None or column.role == "id" or column.property in type_.unique:
            return {}
        long = [(row, cells) for row, cells in enumerate(portion.rows) if column.place < len(cells)]
        cells = {row: cells[column.place].strip() for row, cells in long}
        found = await self._having(job.portal, type_, column.property, set(filter(None, cells.values())))
        for row, (chunk, place) in portion.again.items():
            earlier = await self._ids_of(job, chunk) if chunk < job.chunk else ()
            if earlier and earlier[place]:
                found[cells[row].lower()] = [earlier[place]]
        return found

    async def _having(self, portal: int, type_: ObjectType, name: str, values: set[str]) -> dict[str, list[int]]:
        """By value in lower case, the live records that have it in a property that need not be unique."""
        if not values:
            return {}
        condition = Condition(field(type_.definition(name)), "IN", tuple(sorted({folded(one) for one in values})))
        hits = await self._state.store.search(type_, portal, Query(groups=((condition,),), limit=MOST_HOLDERS))
        found: dict[str, list[int]] = {}
        for record in hits.records:
            found.setdefault(record.properties[name].lower(), []).append(record.id)
        return found

    async def _foreign(
        self, job: Job, imported: Import, portion: Portion, file: File, catalog: Catalog
    ) -> dict[int, Mapping[str, Sequence[int]]]:
        """By the place of a foreign column and by cell, the records that are meant."""
        found: dict[int, Mapping[str, Sequence[int]]] = {}
        for column in file.foreign(portion.type):
            by = imported.identifier(column)
            cells = {row[column.place].strip() for row in portion.rows if column.place < len(row)} - {""}
            other = catalog.type(column.other)
            if by is not None:
                found[column.place] = await self._meant(job.portal, other, by.property, cells)
        return found

    async def _meant(self, portal: int, type_: ObjectType, name: str, cells: set[str]) -> Mapping[str, Sequence[int]]:
        if name not in type_.unique:
            known = await self._having(portal, type_, name, cells)
            return {cell: known.get(cell.lower(), ()) for cell in cells}
        keys = {cell: key for cell in cells if (key := unique_text(cell, name, type_)) is not None}
        records = await self._state.store.read(portal, type_.id, [], [(name, key) for key in set(keys.values())])
        holders = {key: record.id for record in records for by, key in held(record.properties, type_) if by == name}
        return {cell: [holders[key]] for cell, key in keys.items() if key in holders}


def _outcome(portion: Portion, ids: Sequence[int], faults: Sequence[Fault]) -> Outcome:
    rows = {fault.row: (portion.lines[fault.row], portion.rows[fault.row]) for fault in faults}
    return Outcome(portion.file, portion.type, ids, faults, rows)


def _ids(plan: Plan, drafted: Drafted, portion: Portion) -> list[int]:
    ids = [0] * len(portion.rows)
    for written in plan.written:
        for row in drafted.rows[written.position]:
            ids[row] = written.record.id
    return ids


def _counted(plan: Plan, drafted: Drafted, portion: Portion, faults: Sequence[Fault]) -> Counters:
    """What a portion adds to the counters (behaviour 15.5)."""
    created = sum(written.new for written in plan.written)
    return {
        "CREATED_OBJECTS": created,
        "UPDATED_OBJECTS": len(plan.written) - created,
        "UNIQUE_OBJECTS_WRITTEN": sum(drafted.rows[one.position][0] not in portion.again for one in plan.written),
        "PROPERTY_VALUES_EMITTED": sum(len(drafted.checked[one.position].values) for one in plan.written),
        "ERRORS": len(faults),
    }


def _tied(work: Joining) -> Counters:
    return {"ASSOCIATIONS_CREATED": work.made, "ERRORS": len(work.faults)}


def _added(progress: bytes, more: Counters) -> bytes:
    counters = unpack_counters(progress)
    for name, count in more.items():
        counters[name] = counters.get(name, 0) + count
    return pack(counters)
