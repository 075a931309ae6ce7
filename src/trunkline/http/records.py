"""The operations on one record: create, read, update, archive, merge and erase it. Each is a batch of one."""

import asyncio
from collections.abc import Callable, Sequence

from msgspec import UNSET

from trunkline.crm import oversight
from trunkline.crm.alias import held
from trunkline.crm.archive import Archive, Erase
from trunkline.crm.association import record_number
from trunkline.crm.batch import Batch, Operation, check_whole
from trunkline.crm.catalog import Catalog, ObjectType
from trunkline.crm.check import require_known, require_unique, unique_text
from trunkline.crm.merge import Merge
from trunkline.crm.plan import Plan, Written
from trunkline.crm.record import Record
from trunkline.crm.values import text
from trunkline.crm.view import View
from trunkline.crm.write import Write
from trunkline.errors import BlankId, MalformedRecordId, NothingToUpdate, RecordExists, RecordNotFound, UnusableId
from trunkline.http import later
from trunkline.http.call import Answer, Call, with_catalog
from trunkline.http.carrying import histories, known, work_of
from trunkline.http.links import linked
from trunkline.wire import batch, input
from trunkline.wire.record import SimplePublicObject, read, result

LOOKED_THROUGH = 500
"""Archived records that an erasure by a unique value looks through before others have a turn."""


async def create(call: Call) -> Answer:
    """Create one record, with the associations that it starts with; the answer says where it is (behaviour 3.3)."""
    made = await _write(call, "create", [input.decode_create(call.body)])
    place = call.request.url.replace(query="")
    return Answer(call.status, batch.encode(made), {"location": f"{place}/{made.id}"})


async def update(call: Call) -> Answer:
    """Change properties of one record, found by its id or by a unique property."""
    properties = input.decode_update(call.body)
    if not properties:
        raise NothingToUpdate
    name = call.request.query_params.get("idProperty") or None
    if name and name not in call.type.properties:
        require_known(properties, call.type, call.portal)
    id_ = call.path["id"] if name else str(await _standing(call))
    try:
        changed = await _write(call, "update", [input.addressed(id_, name, properties)])
    except BlankId as cause:
        raise RecordNotFound from cause
    return Answer(call.status, batch.encode(changed))


async def _write(call: Call, operation: Operation, inputs: Sequence[object]) -> SimplePublicObject:
    made, type_ = await written(call, operation, inputs)
    return result(made, type_, call.portal, tells_new=False)


async def written(call: Call, operation: Operation, inputs: Sequence[object]) -> tuple[Written, ObjectType]:
    """Carries out a batch of one, whose failure is the answer; the type is that of the path."""

    async def attempt(catalog: Catalog, type_: ObjectType) -> tuple[Written, ObjectType]:
        one = Batch(
            operation=operation, portal=call.portal, app=call.caller.app, type=type_.id, inputs=inputs, each=True
        )
        check_whole(one, type_)
        work = work_of(one, type_, catalog)
        plan = await call.state.store.write(call.portal, type_.id, catalog.version, work.wanted(), work.plan)
        _require_written(plan)
        if isinstance(work, Write):
            found = [*oversight.of_values(work.checked), *oversight.of_nulls(one.inputs, plan)]
            call.warnings += oversight.of_one(found)
        return plan.written[0], type_

    return await with_catalog(call, attempt)


def _require_written(plan: Plan) -> None:
    if plan.missing:
        raise RecordNotFound
    if plan.failed:
        refusal = plan.failed[0].refusal
        raise refusal.of_one() if isinstance(refusal, RecordExists) else refusal


async def get(call: Call) -> Answer:
    """Read one record, by its id or by a unique property."""
    type_ = call.type
    record = await _found(call, type_)
    answer = await _shown(call, type_, record)
    ties = await linked(call, type_, [record.id])
    answer.associations = ties.get(record.id, UNSET)
    return Answer(call.status, batch.encode(answer))


async def _shown(call: Call, type_: ObjectType, record: Record) -> SimplePublicObject:
    past = known(call.names("propertiesWithHistory"), type_)
    versions = await histories(call.state, call.portal, type_, record, past) if past else UNSET
    names = [*call.names("properties"), *past]
    call.warnings += oversight.of_names([*call.names("properties"), *call.names("propertiesWithHistory")], type_)
    return read(record, type_, call.portal, View(type_, names).of(record), versions)


async def _found(call: Call, type_: ObjectType) -> Record:
    """The record that the path means; raises `RecordNotFound`."""
    archived = call.flag("archived")
    name = call.request.query_params.get("idProperty")
    if name:
        require_unique(name, None, type_, call.portal)
        key = unique_text(call.path["id"], name, type_)
        found = await call.state.store.read(call.portal, type_.id, [], [(name, key)] if key else [])
    else:
        id_ = record_id(call.path["id"]) if archived else await _standing(call)
        found = await call.state.store.read(call.portal, type_.id, [id_])
    for record in found:
        if (record.archived is not None) == archived:
            return record
    raise RecordNotFound


async def _standing(call: Call) -> int:
    """The id of the record that stands for the one in the path: after a merge another one (behaviour 2.13)."""
    return await call.state.store.successor(call.portal, call.type.id, record_id(call.path["id"]))


def record_id(part: str) -> int:
    """A record id of a path; raises `MalformedRecordId` (behaviour 3.7)."""
    if not (part.removeprefix("-").isdigit() and part.isascii()):
        raise MalformedRecordId(part, "are usually numeric")
    if part.startswith("-") or not part.strip("0"):
        raise MalformedRecordId(part, "is usually positive")
    return int(part[:40])


async def archive(call: Call) -> Answer:
    """Move one record to the recycle bin."""
    id_ = record_id(call.path["id"])
    plan, _ = await do(call, lambda type_: Archive([id_], type_, call.caller.app))
    call.warnings += oversight.of_ids([id_], {record.id for record in plan.archives})
    return Answer(call.status, None)


async def erase(call: Call) -> Answer:
    """Erase one record for good, with all that is known of its past and the records that were merged with it."""
    sent = input.decode_erase(call.body)
    id_, name, type_ = text(sent.object_id), text(sent.id_property), call.type
    meant = await _holders(call, type_, name, id_) if name else _usable([id_], "objectId")
    kin = call.state.store.kin
    ids = list(dict.fromkeys([one for id_ in meant for one in await kin(call.portal, type_.id, id_)]))
    # First, so that nothing is left when the server dies in between; then, for what was told meanwhile.
    await later.erase(call.state, call.portal, type_, ids)
    plan, _ = await do(call, lambda type_: Erase(ids, type_, call.caller.app))
    if not plan.erased:
        call.warnings += oversight.of_ids([id_], ())
    await later.erase(call.state, call.portal, type_, ids)
    return Answer(call.status, None)


async def _holders(call: Call, type_: ObjectType, name: str, value: str) -> list[int]:
    """Every record with a unique value: the one that holds it, and the archived ones that held it last."""
    require_unique(name, None, type_, call.portal)
    key = unique_text(value, name, type_)
    if not key:
        return []
    store = call.state.store
    found = [record.id for record in await store.read(call.portal, type_.id, [], [(name, key)])]
    first = 0
    while records := await store.page(call.portal, type_.id, first, LOOKED_THROUGH, archived=True):
        found += [record.id for record in records if (name, key) in held(record.properties, type_)]
        first = records[-1].id + 1
        await asyncio.sleep(0)
    return found


async def merge(call: Call) -> Answer:
    """Merge one record into another, which stays."""
    sent = input.decode_merge(call.body)
    (primary,) = _usable([text(sent.primary_object_id)], "primaryObjectId")
    (other,) = _usable([text(sent.object_id_to_merge)], "objectIdToMerge")
    plan, type_ = await do(call, lambda type_: Merge(primary, other, type_, call.caller.app))
    return Answer(call.status, batch.encode(result(plan.written[0], type_, call.portal, tells_new=False)))


def _usable(ids: Sequence[str], path: str) -> list[int]:
    numbers = [record_number(id_) for id_ in ids]
    if not all(numbers):
        raise UnusableId(ids, path)
    return numbers


async def do(call: Call, make: Callable[[ObjectType], Archive | Merge]) -> tuple[Plan, ObjectType]:
    """Has the store do what is made against the newest catalog."""

    async def attempt(catalog: Catalog, type_: ObjectType) -> tuple[Plan, ObjectType]:
        work = make(type_)
        plan = await call.state.store.write(call.portal, type_.id, catalog.version, work.wanted(), work.plan)
        return plan, type_

    return await with_catalog(call, attempt)
