"""What was written in a portal since a checkpoint, and by whom, as the journal tells it."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from trunkline.bench.checkpoint import Checkpoint, Entry, standing
from trunkline.crm.catalog import Catalog
from trunkline.crm.values import moment
from trunkline.errors import InvalidParameter, RecordNotFound, UnknownObjectType
from trunkline.http.control.asked import Asked, Shown
from trunkline.http.gate import FIXED_APP, FIXED_NAME

MOST = 1000
"""Changes of one answer, unless fewer are asked for."""


async def list_all(asked: Asked) -> Shown:
    """Lists what was changed since a checkpoint, or at all; what was undone is left out."""
    portal, limit = await asked.own_portal(), asked.number("limit", MOST)
    if not 0 < limit <= MOST:
        raise InvalidParameter("query", "limit")
    after = max(asked.number("after", 0), await _since(asked, portal))
    bench = asked.state.store.bench
    found: list[Entry] = []
    end = await bench.end(portal)
    for first, last in standing(after, end, await bench.rewinds(portal, after)):
        found += await bench.journal(portal, first, last, limit + 1 - len(found))
        if len(found) > limit:
            break
    shown: dict[str, object] = {"end": end, "results": await described(asked, portal, found[:limit])}
    if len(found) > limit:
        shown["paging"] = {"next": {"after": str(found[limit - 1].position)}}
    return shown


async def _since(asked: Asked, portal: int) -> int:
    name = asked.request.query_params.get("since")
    if name is None:
        return 0
    checkpoint = _named(await asked.state.store.bench.checkpoints(portal), name)
    if checkpoint is None:
        raise RecordNotFound
    return checkpoint.position


def _named(checkpoints: Sequence[Checkpoint], name: str) -> Checkpoint | None:
    return next((one for one in checkpoints if one.name == name), None)


async def described(asked: Asked, portal: int, entries: Sequence[Entry]) -> list[Mapping[str, object]]:
    """Changes as they are shown, with the names of types and apps."""
    catalog = await asked.state.load(portal)
    accounts = asked.state.accounts
    apps = {FIXED_APP: FIXED_NAME} | {app.id: app.name for app in await accounts.apps()}
    if any(entry.app < 0 for entry in entries):
        apps |= {-person.id: person.email for person in await accounts.people()}
    return [_described(entry, catalog, apps) for entry in entries]


def _described(entry: Entry, catalog: Catalog, apps: Mapping[int, str]) -> Mapping[str, object]:
    shown: dict[str, object] = {
        "position": entry.position,
        "at": moment(entry.at),
        "kind": entry.kind,
        "app": entry.app,
        "appName": apps.get(entry.app, ""),
        "objectTypeId": entry.type,
        "objectType": _type_name(catalog, entry.type),
    }
    if entry.record is not None:
        shown["id"] = str(entry.record)
    return shown | _detail(entry, catalog)


def _detail(entry: Entry, catalog: Catalog) -> dict[str, Any]:
    """What a change says by its kind; one that was blanked says nothing more."""
    detail = msgspec.json.decode(entry.detail)
    match entry.kind:
        case "create" | "rewind":
            return {"ids": [str(id_) for id_ in detail]}
        case "update":
            return {"values": {name: {"from": old, "to": new} for name, (old, new) in detail.items()}}
        case "snapshot":
            return {"properties": detail["properties"]}
        case "associate":
            return {"associations": [_tie(catalog, *tie) for tie in detail]}
        case "dissociate":
            return {"associations": [_tie(catalog, *cut) for cut in detail]}
        case _:
            return {"definition": detail} if detail else {}


def _tie(
    catalog: Catalog, record: int, type_: str, other: int, kind: int | None = None, category: str | None = None
) -> dict[str, object]:
    told: dict[str, object] = {"from": str(record), "toObjectType": _type_name(catalog, type_), "to": str(other)}
    return told if kind is None else told | {"typeId": kind, "category": category}


def _type_name(catalog: Catalog, type_id: str) -> str:
    if not type_id:
        return ""
    try:
        return catalog.type(type_id).data.plural
    except UnknownObjectType:
        return type_id
