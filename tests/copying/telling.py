"""All that a store tells, asked through the protocol that every engine has."""

from typing import Any, get_args

from msgspec.structs import astuple, replace

from trunkline.crm.catalog import Catalog, shipped_types
from trunkline.crm.record import Record
from trunkline.identity.credential import Kind
from trunkline.store.lists import Span
from trunkline.store.protocol import Store

MANY = 1000
KINDS: tuple[Kind, ...] = get_args(Kind)


async def told(store: Store) -> dict[str, Any]:
    """Everything, in a form that can be compared; positions of the journal are the engine's own and left out."""
    accounts = store.accounts
    return {
        "portals": await accounts.portals(),
        "apps": await accounts.apps(),
        "people": await accounts.people(),
        "credentials": [one for kind in KINDS for one in await accounts.credentials(kind)],
        "events": await accounts.events(limit=MANY),
        # Which of two comes first that are as old and have one id, nobody promises.
        "open": sorted(await store.jobs.open(), key=lambda job: (job.requested, job.id, job.portal)),
        "in": {portal: await _portal(store, portal) for portal in await store.portals()},
    }


async def _portal(store: Store, portal: int) -> dict[str, Any]:
    catalog = Catalog(portal, await store.definitions(portal))
    types = sorted({type_.type_id for type_ in shipped_types()} | {one.type_id for one in catalog.schemas})
    tally = await store.tally(portal)
    found = {type_: await _records(store, portal, type_) for type_ in types}
    full = [type_ for type_ in types if found[type_]]
    return {
        "definitions": await store.definitions(portal),
        "tally": {type_: tally.get(type_, 0) for type_ in types},
        "records": found,
        "stages": [
            [astuple(one) for one in await store.pipeline_changes(portal, type_, pipeline, MANY)]
            for type_ in full
            for pipeline in catalog.type(type_).pipelines
        ],
        "links": [
            await store.links(portal, one, [told["id"] for told in found[one]], other, MANY)
            for one in full
            for other in full
        ],
        "lists": await _lists(store, portal),
        "jobs": [await _job(store, portal, id_) for id_ in await _jobs(store, portal)],
    }


async def _records(store: Store, portal: int, type_: str) -> list[dict[str, Any]]:
    live = await store.page(portal, type_, 0, MANY, archived=False)
    archived = await store.page(portal, type_, 0, MANY, archived=True)
    return [await _record(store, portal, type_, record) for record in (*live, *archived)]


async def _record(store: Store, portal: int, type_: str, record: Record) -> dict[str, Any]:
    held = [await store.read(portal, type_, [], [key]) for key in record.properties.items() if key[0] == "ref"]
    return {
        "id": record.id,
        "record": replace(record, last_change=None),
        "history": [replace(one, previous=None) for one in await store.changes(portal, record, MANY)],
        "holders": [[one.id for one in some] for some in held],
        "kin": await store.kin(portal, type_, record.id),
        "successor": await store.successor(portal, type_, record.id),
        "lists": await store.lists.of(portal, type_, record.id),
    }


async def _lists(store: Store, portal: int) -> list[object]:
    shelf = await store.lists.shelf(portal)
    kept = [one for one in shelf.lists.values() if one.keeps]
    members = [await store.lists.members(portal, one.type, one.id, Span(MANY, by="joined")) for one in kept]
    return [shelf, members]


async def _jobs(store: Store, portal: int) -> list[str]:
    open_ = [job.id for job in await store.jobs.open() if job.portal == portal]
    done = [job.id for kind in ("import", "export") for job in await store.jobs.page(portal, kind, 0, MANY)]
    return list(dict.fromkeys((*open_, *done, "open", "completed")))


async def _job(store: Store, portal: int, id_: str) -> object:
    return await store.jobs.get(portal, id_), await store.jobs.outcomes(portal, id_)
