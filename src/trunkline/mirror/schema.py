"""What must be true of properties before records go from one side to the other."""

from collections.abc import Mapping
from typing import Any

from trunkline.load.account import Account, parts
from trunkline.load.verdict import Json
from trunkline.mirror import REMOTE_ID

COPIED = (
    "name",
    "label",
    "type",
    "fieldType",
    "groupName",
    "description",
    "options",
    "displayOrder",
    "hasUniqueValue",
    "hidden",
    "formField",
)
"""Of a definition, what its copy has."""


async def definitions(account: Account, type_: str) -> dict[str, Json]:
    """The properties of an object type by name."""
    answer = await account.ask("GET", f"/crm/v3/properties/{type_}")
    return {one["name"]: one for one in answer["results"]}


def writable(known: Mapping[str, Json]) -> list[str]:
    """Those of the properties that may be written, but for what is the mirror's own."""
    return [
        name
        for name, one in known.items()
        if name != REMOTE_ID
        and not one.get("calculated")
        and not (one.get("modificationMetadata") or {}).get("readOnlyValue")
    ]


async def ensure_remembered(account: Account, type_: str) -> dict[str, Json]:
    """Makes sure that records here can remember the record there; returns what properties there were."""
    known = await definitions(account, type_)
    if REMOTE_ID not in known:
        group = next(one["groupName"] for one in known.values() if one.get("groupName"))
        told = {"label": "Record id in HubSpot", "type": "string", "fieldType": "text", "hasUniqueValue": True}
        await account.ask("POST", f"/crm/v3/properties/{type_}", {"name": REMOTE_ID, "groupName": group, **told})
    return known


async def ensure_copied(source: Account, target: Account, type_: str) -> list[str]:
    """Gives the target the source's own properties, groups and options, and the one in which it remembers records.

    Returns the names that both may write.
    """
    there, here = await definitions(source, type_), await ensure_remembered(target, type_)
    lacking = [one for name, one in there.items() if name not in here and _is_own(one)]
    await _ensure_groups(source, target, type_, {one["groupName"] for one in lacking})
    for some in parts(lacking):
        inputs = [{name: one[name] for name in COPIED if name in one} for one in some]
        await target.ask("POST", f"/crm/v3/properties/{type_}/batch/create", {"inputs": inputs})
    for name, one in there.items():
        if name in here and (options := _more(one, here[name])):
            await target.ask("PATCH", f"/crm/v3/properties/{type_}/{name}", {"options": options})
    both = await definitions(target, type_) if lacking else here
    return [name for name in writable(both) if name in there]


async def _ensure_groups(source: Account, target: Account, type_: str, names: set[str]) -> None:
    path = f"/crm/v3/properties/{type_}/groups"
    here = {one["name"] for one in (await target.ask("GET", path))["results"]} if names else set()
    there = (await source.ask("GET", path))["results"] if names - here else []
    for one in there:
        if one["name"] in names - here:
            await target.ask("POST", path, {"name": one["name"], "label": one["label"]})


def _is_own(one: Mapping[str, Any]) -> bool:
    """Whether an account defined a property itself, with values of its own."""
    return not one.get("hubspotDefined") and not one.get("calculated") and one["name"] != REMOTE_ID


def _more(there: Mapping[str, Any], here: Mapping[str, Any]) -> list[Json]:
    """All options of both sides, when the other one has some that this one lacks."""
    if there.get("externalOptions") or here.get("externalOptions"):
        return []
    known = {one["value"] for one in here.get("options") or ()}
    more = [one for one in there.get("options") or () if one["value"] not in known]
    if not more or not known:
        return []
    return [
        *(
            {name: one[name] for name in ("value", "label", "displayOrder", "hidden") if name in one}
            for one in (*here["options"], *more)
        )
    ]
