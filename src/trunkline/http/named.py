"""The operations of version 3 on associations, whose types go by their names."""

import msgspec
from msgspec import UNSET, UnsetType

from trunkline.crm.tying import LARGEST_TIED, Ends, Pair, named_type, require_tied
from trunkline.crm.values import moment
from trunkline.crm.view import View
from trunkline.errors import LimitOutOfRange, RecordNotFound
from trunkline.http import ties
from trunkline.http.call import Answer, Call
from trunkline.http.links import MOST, following, linked_to
from trunkline.http.paging import next_page, start
from trunkline.http.records import record_id
from trunkline.wire import batch, record
from trunkline.wire import named as wire
from trunkline.wire.association import ObjectId
from trunkline.wire.record import Paging


async def list_types(call: Call) -> Answer:
    """List the types of association from one object type to another."""
    links = call.state.catalog(call.portal).links
    type_, other = ties.ends(call)
    return Answer(call.status, wire.types(links.between(type_.id, other.id)))


async def create(call: Call) -> Answer:
    """Associate pairs of records, each in the way that is named; the ways of those that cannot be are told."""
    started = call.now()
    work, plan = await ties.tie(call, wire.decode(call.body))
    results = [
        wire.PublicAssociation(ObjectId(str(one.source)), ObjectId(str(one.target)), one.types[0].name)
        for one in ties.made(work, plan)
    ]
    answer = wire.NamedAnswer(results=results, started_at=moment(started), completed_at=moment(call.now()))
    return ties.partly(call, answer, ties.refused(plan))


async def read(call: Call) -> Answer:
    """Read the records of one type that each of many records is associated with, and the names of the ways."""
    started = call.now()
    links = call.state.catalog(call.portal).links
    pages, refusals = await ties.pages_of(call, wire.decode_read(call.body))
    both = ties.ends(call)
    results = [
        wire.PublicAssociationMulti(ObjectId(id_), wire.objects(shown, links), _linked(call, both, id_, paging))
        for id_, shown, paging in pages
    ]
    answer = wire.NamedReadAnswer(results=results, started_at=moment(started), completed_at=moment(call.now()))
    return ties.partly(call, answer, refusals, writes=False)


def _linked(call: Call, both: Ends, id_: str, paging: Paging | UnsetType) -> Paging | UnsetType:
    """The next page with its address: a batch of this version takes no cursor (behaviour 16.5)."""
    return UNSET if paging is UNSET else following(call, both, int(id_), int(paging.next.after))


async def archive(call: Call) -> Answer:
    """Remove associations, each of the way that is named; with the plain one all others of the pair go, too."""
    pairs = wire.decode(call.body)
    ties.require_size(pairs, LARGEST_TIED)
    await ties.cut_types(call, pairs)
    return Answer(call.status, None)


async def page(call: Call) -> Answer:
    """Read the records of one type that a record is associated with, and the names of the ways."""
    links = call.state.catalog(call.portal).links
    id_, limit = record_id(call.path["id"]), call.number("limit", MOST)
    if not 1 <= limit <= MOST:
        raise LimitOutOfRange(str(limit), MOST)
    type_, other = ties.ends(call)
    found = await call.state.store.links(call.portal, type_.id, [id_], other.id, limit + 1, start(call))
    shown, paging = ties.page_of(found.get(id_, []), limit)
    following = UNSET if paging is UNSET else next_page(call, int(paging.next.after))
    answer = record.CollectionResponseAssociatedId(wire.objects(shown, links), following)
    return Answer(call.status, msgspec.json.encode(answer))


async def tie(call: Call) -> Answer:
    """Associate two records in the way that the path names; the answer is the first of them."""
    id_ = record_id(call.path["id"])
    _, plan = await ties.tie(call, [Pair(str(id_), str(record_id(call.path["toId"])), call.path["kind"])])
    require_tied(plan)
    return await _shown(call, id_)


async def _shown(call: Call, id_: int) -> Answer:
    """A record as a read shows it by default, with its associations to the records of the other type."""
    type_, other = ties.ends(call)
    found = await call.state.store.read(call.portal, type_.id, [id_])
    if not found:
        raise RecordNotFound
    shown = record.read(found[0], type_, call.portal, View(type_, ()).of(found[0]), UNSET)
    shown.associations = (await linked_to(call, type_, [id_], [other])).get(id_, UNSET)
    return Answer(call.status, batch.encode(shown))


async def cut(call: Call) -> Answer:
    """Remove the association of two records in the way that the path names; with the plain one all others go."""
    id_, to = record_id(call.path["id"]), record_id(call.path["toId"])
    pair = Pair(str(id_), str(to), call.path["kind"])
    await ties.warn_of_untied(call, id_, to)
    named_type(call.path["kind"], ties.ends(call), call.state.catalog(call.portal).links)
    await ties.cut_types(call, [pair])
    return Answer(call.status, None)
