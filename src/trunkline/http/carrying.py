"""Carrying out a batch: from the inputs to the results and errors that its answer lists."""

from collections.abc import Callable, Sequence

from msgspec import UNSET, Struct, field

from trunkline.crm import oversight
from trunkline.crm.alias import held
from trunkline.crm.archive import Archive, record_numbers
from trunkline.crm.association import record_number
from trunkline.crm.batch import Batch, check_whole
from trunkline.crm.catalog import Catalog, ObjectType
from trunkline.crm.check import Input, check_addressed, check_new, require_unique, unique_text
from trunkline.crm.plan import Failed, Plan
from trunkline.crm.record import Record
from trunkline.crm.values import text
from trunkline.crm.view import LONGEST_HISTORY, View, history
from trunkline.crm.warning import Warning
from trunkline.crm.write import Write
from trunkline.errors import Refusal, Unexpected, UnknownRecord
from trunkline.http.call import State, with_type
from trunkline.store.protocol import Job, Step
from trunkline.wire import error, later
from trunkline.wire.error import StandardError
from trunkline.wire.record import History, SimplePublicObject, entries, read, result


class Outcome(Struct):
    """What became of a batch, or of a part of one; the warnings are those of a batch that is carried out at once."""

    results: list[SimplePublicObject]
    errors: list[StandardError]
    warnings: list[Warning] = field(default_factory=list)


async def carry_out(state: State, batch: Batch) -> Outcome:
    """Does what a batch asks, at once; raises the refusal of the whole."""
    state.measures.carried(batch.operation, len(batch.inputs))

    async def attempt(catalog: Catalog, type_: ObjectType) -> Outcome:
        check_whole(batch, type_)
        if batch.operation == "read":
            return await _read(state, batch, type_)
        work = work_of(batch, type_, catalog)
        plan = Plan(state.clock.now(batch.portal), batch.app)
        if batch.inputs:
            plan = await state.store.write(batch.portal, type_.id, catalog.version, work.wanted(), work.plan)
        outcome = _written(state, batch, type_, plan)
        outcome.warnings = _warnings(batch, type_, work, plan)
        if past := known(batch.past, type_):
            await _add_histories(state, batch, type_, past, outcome)
        return outcome

    return await with_type(state, batch.portal, batch.type, attempt)


def _warnings(batch: Batch, type_: ObjectType, work: Write | Archive, plan: Plan) -> list[Warning]:
    """What is told of a batch that writes, once it was carried out."""
    failed = {one.position for one in (*plan.failed, *plan.missing)}
    warnings = oversight.of_batch(batch, type_, failed)
    if isinstance(work, Write):
        warnings += oversight.of_values(work.checked)
        warnings += oversight.of_nulls(batch.inputs, plan, batch.first) if plan.updates else ()
    else:
        warnings += oversight.of_ids(work.ids, {record.id for record in plan.archives})
    if plan.missing:
        warnings += oversight.of_missing(plan.missing, batch)
    return warnings + oversight.of_names([*batch.names, *batch.past], type_)


async def carry_chunk(state: State, batch: Batch, job: Job) -> list[int]:
    """Carries out the next chunk of a job; what it writes, its outcome and the step are kept together or not at all.

    A refusal of the whole chunk (its id property was archived meanwhile) is that of each input. Returns the records
    that the results tell of. Raises `JobMoved`, and `Unexpected` when it shall be tried again.
    """
    started = state.clock.now(batch.portal)
    state.measures.carried(batch.operation, len(batch.inputs))

    def step(tell: Callable[[Plan], Outcome]) -> Step:
        def kept(plan: Plan) -> bytes:
            outcome = tell(plan)
            return later.kept(outcome.results, outcome.errors)

        return Step(job.portal, job.id, job.chunk, started, kept)

    async def keep(outcome: Outcome) -> list[int]:
        await state.store.jobs.advance(step(lambda plan: outcome), Plan(started, batch.app))
        return [int(one.id) for one in outcome.results]

    async def attempt(catalog: Catalog, type_: ObjectType) -> list[int]:
        if batch.operation == "read":
            return await keep(await _read(state, batch, type_))
        work = work_of(batch, type_, catalog)
        due = step(lambda plan: _written(state, batch, type_, plan))
        plan = await state.store.write(batch.portal, type_.id, catalog.version, work.wanted(), work.plan, due)
        return [written.record.id for written in plan.written]

    try:
        return await with_type(state, batch.portal, batch.type, attempt)
    except Unexpected:
        raise
    except Refusal as refusal:
        failed = [Failed(n, None, refusal) for n in range(batch.first, batch.first + len(batch.inputs))]
        return await keep(Outcome([], _errors(state, batch, failed, ())))


def work_of(batch: Batch, type_: ObjectType, catalog: Catalog) -> Write | Archive:
    """The work that a batch means, its inputs checked."""
    match batch.operation:
        case "create":
            checked = check_new(batch.inputs, type_, catalog, batch.first)
            return Write(checked, type_, catalog, batch.app, "create", each=batch.each)
        case "update" | "upsert" as mode:
            checked = check_addressed(batch.inputs, type_, batch.portal, batch.first)
            return Write(checked, type_, catalog, batch.app, mode, each=batch.each, done=batch.done)
        case _:
            return Archive(record_numbers(batch.inputs, batch.first), type_, batch.app)


def _written(state: State, batch: Batch, type_: ObjectType, plan: Plan) -> Outcome:
    """What a plan's answer lists, with what `properties` in the query ask for."""
    tells_new = batch.operation == "upsert"
    results = [result(written, type_, batch.portal, tells_new=tells_new) for written in plan.written]
    if batch.names:
        view = View(type_, batch.names)
        for written, answer in zip(plan.written, results, strict=True):
            answer.properties |= view.of(written.record)
    if batch.each and plan.archives:
        # Only a batch that is carried out later says what it archived: it can be canceled in the midst.
        view = View(type_, batch.names)
        gone = {record.id: read(record, type_, batch.portal, view.of(record), UNSET) for record in plan.archives}
        results = [gone[id_] for id_ in dict.fromkeys(record_numbers(batch.inputs)) if id_ in gone]
    return Outcome(results, _errors(state, batch, plan.failed, plan.missing))


async def _add_histories(state: State, batch: Batch, type_: ObjectType, past: Sequence[str], outcome: Outcome) -> None:
    """Adds to the results what `propertiesWithHistory` in the query asks for."""
    for answer in outcome.results:
        (record,) = await state.store.read(batch.portal, type_.id, [int(answer.id)])
        answer.properties_with_history = await histories(state, batch.portal, type_, record, past)


def _errors(state: State, batch: Batch, failed: Sequence[Failed], missing: Sequence[Failed]) -> list[StandardError]:
    """One error for each input that failed, and one for all ids that reach no record (behaviour 1.13, 2.5).

    Where every input stands for itself each is told alone.
    """
    if batch.each:
        every = sorted((*failed, *missing), key=lambda failure: failure.position)
        return [error.alone(f, _id(batch, f), state.clock.identifier(), batch.full) for f in every]
    told = [error.partial(failure, state.clock.identifier(), batch.full) for failure in failed]
    if missing:
        unknown = [failure.refusal for failure in missing if isinstance(failure.refusal, UnknownRecord)]
        traces = [failure.trace for failure in missing if failure.trace]
        told.append(error.grouped(UnknownRecord.merged(unknown), traces, state.clock.identifier(), batch.full))
    return told


def _id(batch: Batch, failed: Failed) -> str | None:
    """The id of an input as it was sent; a new record has none."""
    input_ = batch.inputs[failed.position - batch.first]
    if isinstance(input_, Input):
        return text(input_.id)
    return input_ if isinstance(input_, str) else None


async def _read(state: State, batch: Batch, type_: ObjectType) -> Outcome:
    keys = _keys(batch, type_)
    found = await _found(state, batch, type_, keys)
    past = known(batch.past, type_)
    view = View(type_, [*batch.names, *past])
    results = []
    told = set(batch.done)
    for key in dict.fromkeys(keys.values()):
        if key is not None and (record := found.get(key)) is not None and record.id not in told:
            told.add(record.id)
            versions = await histories(state, batch.portal, type_, record, past) if past else UNSET
            results.append(read(record, type_, batch.portal, view.of(record), versions))
    missing = [
        Failed(n, None, UnknownRecord(type_.name, [id_], n))
        for n, id_ in enumerate(batch.inputs, batch.first)
        if (key := keys[id_]) is None or key not in found
    ]
    warnings = oversight.of_batch(batch, type_) + oversight.of_names([*batch.names, *batch.past], type_)
    if missing and batch.id_property is None:
        warnings += oversight.of_missing(missing, batch)
    return Outcome(results, _errors(state, batch, (), missing), warnings)


def _keys(batch: Batch, type_: ObjectType) -> dict[str, str | None]:
    """By what each id of a read is found: a record id or a unique value as a key; None where it can be neither."""
    if batch.id_property is None:
        return {id_: str(record_number(id_) or "") or None for id_ in batch.inputs}
    require_unique(batch.id_property, None, type_, batch.portal)
    return {id_: unique_text(id_, batch.id_property, type_) for id_ in batch.inputs}


async def _found(state: State, batch: Batch, type_: ObjectType, keys: dict[str, str | None]) -> dict[str, Record]:
    """The records that are there, live or archived as the batch asks, by the key that they were asked for with."""
    store, portal, name = state.store, batch.portal, batch.id_property
    usable = [key for key in dict.fromkeys(keys.values()) if key is not None]
    if name is None:
        records = await store.read(portal, type_.id, [int(key) for key in usable])
        by_key = {str(record.id): record for record in records}
    else:
        records = await store.read(portal, type_.id, [], [(name, key) for key in usable])
        by_key = {key: record for record in records for by, key in held(record.properties, type_) if by == name}
    return {key: record for key, record in by_key.items() if (record.archived is not None) == batch.archived}


def known(names: Sequence[str], type_: ObjectType) -> list[str]:
    """Those of the names that the type has, in order."""
    return sorted(name for name in set(names) if name in type_.properties)


async def histories(state: State, portal: int, type_: ObjectType, record: Record, names: Sequence[str]) -> History:
    """The histories of these properties of a record."""
    changes = await state.store.changes(portal, record, LONGEST_HISTORY)
    return {name: entries(history(record, changes, type_, name)) for name in names}
