"""The operations on what ties one record to another."""

from msgspec import UNSET

from trunkline.crm.catalog import Catalog, ObjectType
from trunkline.crm.tying import Cutting, Tying, default_type, link_types
from trunkline.crm.values import moment
from trunkline.errors import LimitOutOfRange
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
    ties = await call.state.store.links(call.portal, call.type.id, [id_], other.id, limit + 1, start(call))
    linked = ties.get(id_, [])
    ids = list(dict.fromkeys(end.id for end in linked))
    paging = next_page(call, ids[-1]) if len(linked) > limit and len(ids) > 1 else UNSET
    shown = linked if paging is UNSET else [end for end in linked if end.id != ids[-1]]
    return Answer(call.status, wire.page(shown, catalog.links, paging))


async def tie(call: Call) -> Answer:
    """Tie two records in the ways that are named."""
    specs = wire.decode_specs(call.body)
    id_, to = record_id(call.path["id"]), record_id(call.path["toId"])

    async def attempt(catalog: Catalog, type_: ObjectType) -> Answer:
        other = catalog.type(call.path["to"])
        types = link_types(specs, type_, other, catalog)
        work = Tying(id_, other, to, types, type_, call.caller.app)
        await call.state.store.write(call.portal, type_.id, catalog.version, work.wanted(), work.plan)
        return Answer(call.status, wire.labels((type_.id, id_), (other.id, to), types))

    return await with_catalog(call, attempt)


async def tie_default(call: Call) -> Answer:
    """Tie two records as is usual for their types."""
    started = moment(call.state.clock.now())
    id_, to = record_id(call.path["id"]), record_id(call.path["toId"])

    async def attempt(catalog: Catalog, type_: ObjectType) -> Answer:
        other = catalog.type(call.path["to"])
        link = default_type(type_, other, catalog)
        work = Tying(id_, other, to, [link], type_, call.caller.app)
        await call.state.store.write(call.portal, type_.id, catalog.version, work.wanted(), work.plan)
        return Answer(call.status, wire.defaults(id_, to, link, started, moment(call.state.clock.now())))

    return await with_catalog(call, attempt)


async def cut(call: Call) -> Answer:
    """Cut all that ties two records."""
    id_, to = record_id(call.path["id"]), record_id(call.path["toId"])

    async def attempt(catalog: Catalog, type_: ObjectType) -> Answer:
        work = Cutting(id_, (catalog.type(call.path["to"]).id, to), call.caller.app)
        await call.state.store.write(call.portal, type_.id, catalog.version, work.wanted(), work.plan)
        return Answer(call.status, None)

    return await with_catalog(call, attempt)
