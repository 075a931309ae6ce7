"""The operations on records: upsert a batch, read one, archive one."""

from collections.abc import Sequence

from msgspec import UNSET

from trunkline.crm.archive import Archive
from trunkline.crm.catalog import Catalog, ObjectType
from trunkline.crm.check import LARGEST_WITH_HISTORY, check_batch, require_unique
from trunkline.crm.plan import Plan
from trunkline.crm.record import Record
from trunkline.crm.upsert import Upsert
from trunkline.crm.values import Unfit, moment, unique_key
from trunkline.crm.view import LONGEST_HISTORY, history, shown
from trunkline.errors import (
    MalformedRecordId,
    RecordNotFound,
    TooManyHistories,
)
from trunkline.http.call import Answer, Call, with_catalog
from trunkline.wire import batch, error
from trunkline.wire.batch import BatchResponse
from trunkline.wire.record import History, entries, read, result


async def upsert(call: Call) -> Answer:
    """POST /crm/v3/objects/{type}/batch/upsert"""
    started = call.state.clock.now()
    inputs = batch.decode_upsert(call.body)
    if len(inputs) > LARGEST_WITH_HISTORY and call.names("propertiesWithHistory"):
        raise TooManyHistories(LARGEST_WITH_HISTORY)

    async def attempt(catalog: Catalog, type_: ObjectType) -> Answer:
        work = Upsert(check_batch(inputs, type_, call.portal), type_, call.portal, call.caller.app)
        plan = Plan(started, call.caller.app)
        if inputs:
            plan = await call.state.store.write(call.portal, type_.id, catalog.version, work.wanted(), work.plan)
        return await _completed(call, type_, plan, started)

    return await with_catalog(call, attempt)


async def _completed(call: Call, type_: ObjectType, plan: Plan, started: int) -> Answer:
    response = BatchResponse(
        results=[result(written, type_, call.portal) for written in plan.written],
        started_at=moment(started),
        completed_at=moment(call.state.clock.now()),
    )
    if call.request.query_params:
        await _extend(call, type_, plan, response)
    if plan.failed:
        identifier = call.state.clock.identifier
        response.num_errors = len(plan.failed)
        response.errors = [error.partial(failed, identifier(), call.full) for failed in plan.failed]
    return Answer(207 if plan.failed else 200, batch.encode(response))


async def _extend(call: Call, type_: ObjectType, plan: Plan, response: BatchResponse) -> None:
    """Adds to the results what `properties` and `propertiesWithHistory` in the query ask for."""
    names, past = call.names("properties"), _past(call, type_)
    for written, answer in zip(plan.written, response.results, strict=True):
        if names:
            answer.properties |= shown(written.record, type_, names)
        if past:
            answer.properties_with_history = await _histories(call, type_, written.record.id, past)


async def get(call: Call) -> Answer:
    """GET /crm/v3/objects/{type}/{id}"""
    type_ = call.state.catalog(call.portal).type(call.path["type"])
    record = await _find(call, type_, archived=call.flag("archived"))
    past = _past(call, type_)
    histories = await _histories(call, type_, record.id, past) if past else UNSET
    names = [*call.names("properties"), *past]
    answer = read(record, type_, call.portal, shown(record, type_, names), histories)
    return Answer(200, batch.encode(answer))


async def _find(call: Call, type_: ObjectType, *, archived: bool) -> Record:
    """The record that the path means, by its id or by `idProperty`; raises `RecordNotFound`."""
    name = call.request.query_params.get("idProperty")
    if name:
        key = _unique(call, type_, name)
        found = await call.state.store.read(call.portal, type_.id, [], [(name, key)] if key else [])
    else:
        found = await call.state.store.read(call.portal, type_.id, [record_id(call.path["id"])])
    for record in found:
        if (record.archived is not None) == archived:
            return record
    raise RecordNotFound


def _unique(call: Call, type_: ObjectType, name: str) -> str | None:
    """The key of a unique value in the path; None for a text that cannot be a value of the property."""
    require_unique(name, None, type_, call.portal)
    try:
        check = type_.checkers.get(name)
        return unique_key(type_.properties[name], check(call.path["id"]) if check else call.path["id"])
    except Unfit:
        return None


def record_id(text: str) -> int:
    """A record id of a path; raises `MalformedRecordId` (behaviour 3.7)."""
    if not (text.removeprefix("-").isdigit() and text.isascii()):
        raise MalformedRecordId(text, "are usually numeric")
    if text.startswith("-") or not text.strip("0"):
        raise MalformedRecordId(text, "is usually positive")
    return int(text[:40])


def _past(call: Call, type_: ObjectType) -> list[str]:
    """The known properties whose histories the query asks for."""
    return sorted(name for name in call.names("propertiesWithHistory") if name in type_.properties)


async def _histories(call: Call, type_: ObjectType, id_: int, names: Sequence[str]) -> History:
    """The histories of these properties of a record that is there."""
    (record,) = await call.state.store.read(call.portal, type_.id, [id_])
    changes = await call.state.store.changes(call.portal, record, LONGEST_HISTORY)
    return {name: entries(history(record, changes, type_, name)) for name in names}


async def archive(call: Call) -> Answer:
    """DELETE /crm/v3/objects/{type}/{id}"""
    id_ = record_id(call.path["id"])

    async def attempt(catalog: Catalog, type_: ObjectType) -> Answer:
        work = Archive([id_], type_, call.caller.app)
        await call.state.store.write(call.portal, type_.id, catalog.version, work.wanted(), work.plan)
        return Answer(204, None)

    return await with_catalog(call, attempt)
