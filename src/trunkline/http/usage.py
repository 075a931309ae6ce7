"""The operations that tell how much of HubSpot's limits a portal uses."""

from trunkline.crm import usage
from trunkline.crm.catalog import Catalog, ObjectType
from trunkline.crm.usage import Share
from trunkline.http import ties
from trunkline.http.call import Answer, Call
from trunkline.wire import usage as wire


async def records(call: Call) -> Answer:
    """Tell how many records of each object type there are."""
    counts = await call.state.store.tally(call.portal)
    return Answer(call.status, wire.encode(wire.records(usage.records(_catalog(call), counts))))


async def properties(call: Call) -> Answer:
    """Tell how many properties were added to each object type."""
    return Answer(call.status, wire.encode(wire.each(usage.properties(_catalog(call)))))


async def calculated(call: Call) -> Answer:
    """Tell how many calculated properties were added to each object type."""
    shares = usage.calculated(_catalog(call))
    return Answer(call.status, wire.encode(wire.overall(shares, usage.MOST_CALCULATED)))


async def pipelines(call: Call) -> Answer:
    """Tell how many pipelines each object type has."""
    return Answer(call.status, wire.encode(wire.pipelines(usage.pipelines(_catalog(call)))))


async def schemas(call: Call) -> Answer:
    """Tell how many custom objects there are."""
    return Answer(call.status, wire.encode(wire.simple(usage.schemas(_catalog(call)))))


async def labels(call: Call) -> Answer:
    """Tell how many association labels there are between object types."""
    catalog = _catalog(call)
    source, target = (_asked(call, catalog, name) for name in ("fromObjectTypeId", "toObjectTypeId"))
    return Answer(call.status, wire.encode(wire.labels(usage.labels(catalog, source, target))))


def _asked(call: Call, catalog: Catalog, name: str) -> str | None:
    """The id of an object type that the query names; raises `UnknownObjectType`."""
    text = call.request.query_params.get(name)
    return catalog.type(text).id if text else None


async def near_from(call: Call) -> Answer:
    """List the object types with records that are near the limit of their associations, or at it."""
    results = []
    for type_ in _catalog(call).types:
        shares = [share for some in (await _near(call, type_)).values() for _, share in some]
        if shares:
            results.append(wire.near_type(type_, shares))
    return Answer(call.status, wire.encode(wire.NearTypes(results)))


async def near_to(call: Call) -> Answer:
    """List the object types with whose records those of one type are associated so often."""
    catalog = _catalog(call)
    found = await _near(call, call.type)
    results = [wire.near_type(catalog.type(other), [share for _, share in some]) for other, some in found.items()]
    return Answer(call.status, wire.encode(wire.NearTypes(results)))


async def near(call: Call) -> Answer:
    """List the records of one type that are associated so often with records of another."""
    type_, other = ties.ends(call)
    found = (await _near(call, type_)).get(other.id, [])
    limit = usage.most_tied(type_.id, other.id, _catalog(call))
    return Answer(call.status, wire.encode(wire.near_records(type_, limit, found)))


async def _near(call: Call, type_: ObjectType) -> dict[str, list[tuple[int, Share]]]:
    catalog = _catalog(call)
    tied = await call.state.store.crowded(call.portal, type_.id, usage.least_near(type_.id, catalog))
    return usage.near(type_.id, tied, catalog)


def _catalog(call: Call) -> Catalog:
    return call.state.catalog(call.portal)
