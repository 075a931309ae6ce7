"""The operations on what ties one record to another."""

from msgspec import UNSET

from trunkline.crm.association import Cut
from trunkline.crm.catalog import Catalog, ObjectType
from trunkline.crm.tying import Pair, Tying, default_type, require_tied, require_types
from trunkline.crm.values import moment
from trunkline.errors import LimitOutOfRange
from trunkline.http import ties
from trunkline.http.call import Answer, Call, with_catalog
from trunkline.http.links import MOST
from trunkline.http.paging import next_page, start
from trunkline.http.records import record_id
from trunkline.wire import association as wire


async def page(call: Call) -> Answer:
    """Read the records of one type that a record is tied to, with the types of the ties."""
    catalog = call.state.catalog(call.portal)
    other, id_, limit = catalog.type(call.path["to"]), record_id(call.path["id"]), call.number("limit", MOST)
    if not 1 <= limit <= MOST:
        raise LimitOutOfRange(str(limit), MOST)
    found = await call.state.store.links(call.portal, call.type.id, [id_], other.id, limit + 1, start(call))
    shown, paging = ties.page_of(found.get(id_, []), limit)
    following = UNSET if paging is UNSET else next_page(call, int(paging.next.after))
    return Answer(call.status, wire.page(shown, catalog.links, following))


async def tie(call: Call) -> Answer:
    """Tie two records in the ways that are named."""
    specs = wire.decode_specs(call.body)
    id_, to = record_id(call.path["id"]), record_id(call.path["toId"])

    async def attempt(catalog: Catalog, type_: ObjectType) -> Answer:
        other = catalog.type(call.path["to"])
        require_types(specs, (type_, other), catalog.links)
        pair = Pair(str(id_), str(to), specs)
        [asked] = (await _tie(call, pair, (type_, other), catalog)).asked
        return Answer(call.status, wire.labels((type_.id, id_), (other.id, to), asked.types))

    return await with_catalog(call, attempt)


async def tie_default(call: Call) -> Answer:
    """Tie two records as is usual for their types."""
    started = moment(call.now())
    id_, to = record_id(call.path["id"]), record_id(call.path["toId"])

    async def attempt(catalog: Catalog, type_: ObjectType) -> Answer:
        other = catalog.type(call.path["to"])
        link = default_type((type_, other), catalog.links)
        await _tie(call, Pair(str(id_), str(to)), (type_, other), catalog)
        return Answer(call.status, wire.defaults(id_, to, link, started, moment(call.now())))

    return await with_catalog(call, attempt)


async def _tie(call: Call, pair: Pair, ends: tuple[ObjectType, ObjectType], catalog: Catalog) -> Tying:
    work = Tying([pair], ends, catalog, call.caller.app)
    require_tied(await call.state.store.write(call.portal, ends[0].id, catalog.version, work.wanted(), work.plan))
    return work


async def cut(call: Call) -> Answer:
    """Cut all that ties two records."""
    id_, to = record_id(call.path["id"]), record_id(call.path["toId"])
    await ties.warn_of_untied(call, id_, to)
    await ties.cut(call, [Cut(id_, (ties.ends(call)[1].id, to))])
    return Answer(call.status, None)
