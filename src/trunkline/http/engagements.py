"""The old engagements API: calls, notes, tasks, meetings and e-mails by one id, over the same records as ever.

The scopes of calls let a request in; what the type at hand asks beside them is required once that is known.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from trunkline.crm import engagement
from trunkline.crm.archive import Archive
from trunkline.crm.association import record_number
from trunkline.crm.catalog import ObjectType, Verb
from trunkline.crm.check import Input
from trunkline.crm.query import Condition, Field, Query, Sort
from trunkline.crm.record import Record
from trunkline.crm.search import MOST_RESULTS
from trunkline.crm.warning import Warning
from trunkline.errors import InvalidParameter, RecordNotFound
from trunkline.http.call import Answer, Call
from trunkline.http.guard import admit, may_read
from trunkline.http.links import MOST
from trunkline.http.records import do, written
from trunkline.wire import engagement as wire

DEFAULT_PAGE, LARGEST_PAGE = 100, 250
DEFAULT_RECENT, LARGEST_RECENT = 20, 100
"""Engagements of one page, and of one of the recent ones; who asks for more gets the most (chosen: differences)."""

RECENT = 30 * 86_400_000
"""Milliseconds for which a changed engagement is recent."""

Found = tuple[ObjectType, Record]


async def create(call: Call) -> Answer:
    """Create an engagement, with the records that it is associated with."""
    name, sent = wire.decode_new(call.body)
    kind, catalog = engagement.kind_named(name), call.state.catalog(call.portal)
    own = await _of_type(call, catalog.type(kind.type_id), "write")
    input_ = engagement.new_input(kind, sent, own.type, catalog, call.now())
    made, type_ = await written(own, "create", [input_])
    return await _one(call, type_, made.record)


async def get(call: Call) -> Answer:
    """Read one engagement."""
    type_, record = await _found(call, "read")
    return await _one(call, type_, record)


async def update(call: Call) -> Answer:
    """Change one engagement, but for its associations."""
    sent = wire.decode_patch(call.body)
    type_, record = await _found(call, "write")
    changes = engagement.changes(record, sent, type_, call.portal)
    if changes:
        own = replace(call, path={**call.path, "type": type_.id})
        made, type_ = await written(own, "update", [Input(str(record.id), changes)])
        record = made.record
    return await _one(call, type_, record)


async def archive(call: Call) -> Answer:
    """Move one engagement to the recycle bin."""
    type_, record = await _found(call, "write")
    own = replace(call, path={**call.path, "type": type_.id})
    await do(own, lambda type_: Archive([record.id], type_, call.caller.app))
    return Answer(call.status, None)


async def page(call: Call) -> Answer:
    """Read a page of all engagements, in the order of their ids."""
    first, limit = _whole(call, "offset"), _limit(call, "limit", DEFAULT_PAGE, LARGEST_PAGE)
    found: list[Found] = []
    for type_ in await _open(call):
        records = await call.state.store.page(call.portal, type_.id, first, limit + 1, archived=False)
        found += [(type_, record) for record in records]
    found.sort(key=lambda one: one[1].id)
    shown, more = found[:limit], len(found) > limit
    after = shown[-1][1].id + 1 if shown else first
    return Answer(call.status, wire.encode(wire.EngagementPage(await _answers(call, shown), more, after)))


async def recent(call: Call) -> Answer:
    """Read a page of the engagements that changed in the last thirty days, the latest first."""
    offset, limit = _whole(call, "offset"), _limit(call, "count", DEFAULT_RECENT, LARGEST_RECENT)
    earliest = max(_whole(call, "since") + 1, call.now() - RECENT)
    total, found = 0, list[Found]()
    reach = min(offset + limit, MOST_RESULTS)
    for type_ in await _open(call):
        hits = await call.state.store.search(type_, call.portal, _lately(type_, earliest, reach))
        total += hits.total
        found += [(type_, record) for record in hits.records]
    found.sort(key=lambda one: (-one[1].updated, -one[1].id))
    shown, total = found[offset:reach], min(total, MOST_RESULTS)
    more = bool(shown) and reach < total
    answers = await _answers(call, shown)
    return Answer(call.status, wire.encode(wire.RecentPage(answers, more, offset + len(shown), total)))


def _lately(type_: ObjectType, earliest: int, limit: int) -> Query:
    changed = Field(type_.data.modified_property, "moment")
    return Query(groups=((Condition(changed, "GTE", (earliest,)),),), sort=Sort(changed, descending=True), limit=limit)


async def _of_type(call: Call, type_: ObjectType, verb: Verb) -> Call:
    """The call as one that means an object type; raises `MissingScopes` and `ProductMissing`."""
    await admit(call.state, call.request, call.caller, type_.data, verb)
    return replace(call, path={**call.path, "type": type_.id})


async def _open(call: Call) -> list[ObjectType]:
    """The types of engagement that the caller may read."""
    types = map(call.state.catalog(call.portal).type, engagement.type_ids())
    return [type_ for type_ in types if await may_read(call.state, call.caller, type_.data)]


async def _found(call: Call, verb: Verb) -> Found:
    """The live engagement of the id in the path; raises `RecordNotFound`, and what the caller lacks to have it."""
    store, catalog, asked = call.state.store, call.state.catalog(call.portal), record_number(call.path["id"])
    for type_ in map(catalog.type, engagement.type_ids() if asked else ()):
        id_ = await store.successor(call.portal, type_.id, asked)
        for record in await store.read(call.portal, type_.id, [id_]):
            if record.archived is None:
                await _of_type(call, type_, verb)
                return type_, record
    raise RecordNotFound


async def _one(call: Call, type_: ObjectType, record: Record) -> Answer:
    (answer,) = await _answers(call, [(type_, record)])
    return Answer(call.status, wire.encode(answer))


async def _answers(call: Call, found: Sequence[Found]) -> list[wire.EngagementAnswer]:
    """What is told of some engagements, with what they are associated with."""
    ties: dict[int, dict[str, list[int]]] = {record.id: {} for _, record in found}
    for type_id in dict.fromkeys(type_.id for type_, _ in found):
        ids = [record.id for type_, record in found if type_.id == type_id]
        for member, other in engagement.table().associations.items():
            for id_, ends in (await call.state.store.links(call.portal, type_id, ids, other, MOST)).items():
                ties[id_][member] = list(dict.fromkeys(end.id for end in ends))
    return [
        wire.render(record, engagement.told(record, type_), ties[record.id], call.portal) for type_, record in found
    ]


def _limit(call: Call, name: str, default: int, largest: int) -> int:
    limit = call.number(name, default)
    if limit < 1:
        raise InvalidParameter("query", name)
    if limit > largest:
        call.warnings.append(Warning("limit-lowered", f"{limit} counts as {largest}", name))
    return min(limit, largest)


def _whole(call: Call, name: str) -> int:
    """A number of the query that is 0 where it is missing; raises `InvalidParameter`."""
    sent = call.request.query_params.get(name) or "0"
    if not (sent.isascii() and sent.isdigit() and len(sent) < 19):
        raise InvalidParameter("query", name)
    return int(sent)
