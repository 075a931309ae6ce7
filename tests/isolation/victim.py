"""A portal that has something to hide: all kinds of things, by the names that a spy would like to try."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from isolation.ground import Ground, drafts
from isolation.rows import Row, rows
from isolation.view import view
from isolation.world import World, job_of

from trunkline.http.routes import OPERATIONS
from trunkline.identity.person import OWNER

DARK = "keepitdark"
"""In each text that the portal holds and no spy ever sends."""

RECORDS = 550
NAMED = 500
"""How many records a victim has, and the first of them whose id no spy ever gets, although it makes records, too."""

OBJECTS = "/crm/v3/objects/calls"
PROPERTIES = "/crm/v3/properties/calls"
LATER = {"prefer": "respond-async"}
AT = "2025-04-24T20:01:33Z"


@dataclass(frozen=True)
class Name:
    """Something of the portal's by which it can be asked for. A `credential` opens something for whoever has it."""

    what: str
    text: str
    credential: bool = False


@dataclass(frozen=True)
class State:
    """All that is known of a portal: what its own token reads, and its rows in the file."""

    seen: dict[str, Any]
    rows: dict[str, list[Row]]

    def changed(self, now: "State") -> Iterator[str]:
        """What is not any more as it was."""
        for name in self.seen.keys() | now.seen.keys():
            if self.seen.get(name) != now.seen.get(name):
                yield f"{name} is answered otherwise"
        for table in self.rows.keys() | now.rows.keys():
            before, after = self.rows.get(table, []), now.rows.get(table, [])
            if before != after:
                gone = [row for row in before if row not in after]
                new = [row for row in after if row not in before]
                yield f"{table} has lost {gone[:3]} and has won {new[:3]}"


@dataclass
class Victim:
    """The portal, and the first of its many records: a call and a contact of each id are tied to each other."""

    ground: Ground
    first: int
    names: list[Name] = field(default_factory=list)
    things: dict[str, str] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)

    async def state(self, world: World) -> State:
        """The portal as it is now."""
        seen = await view(world, self.ground.token, self.links)
        return State(seen, rows(world.path, self.ground.portal))

    def analogue(self, text: str) -> str:
        """What this portal has instead of a thing of the examples, which all portals name alike."""
        if found := re.fullmatch(r"A-(\d+)", text):
            return kept(NAMED + 10 + int(found[1]))
        if found := re.fullmatch(r"1000000000(\d\d)", text):
            return str(self.first + NAMED + 10 + int(found[1]))
        return self.things.get(text, text)


def kept(number: int) -> str:
    """The unique value of one of the many calls."""
    return f"kept-{number}"


async def victim(world: World, ground: Ground) -> Victim:
    """Fills a portal: with what the examples make, and with things that have other names than any spy's."""
    await ground.furnish(world)
    await _play(world, ground)
    await _define(world, ground.token)
    await world.operate("POST", "/teams", {"name": DARK, "portal": ground.portal, "members": [OWNER]})
    made = Victim(ground, await _create(world, ground.token))
    await _change(world, made)
    await _put_off(world, made)
    await _look(world, made)
    return made


async def _play(world: World, ground: Ground) -> None:
    """All examples, so that what an operation leaves behind is here, too; some take away what others need."""
    for row in OPERATIONS:
        for draft in drafts(row, row.versions[0]):
            if row.verb is not None:
                reply = await world.send(draft.sent(ground.token, ground.names))
                assert reply.status < 500, reply.text


async def _define(world: World, token: str) -> None:
    own = {"groupName": "kept_group", "type": "string", "fieldType": "text", "label": DARK}
    await world.call(token, "POST", f"{PROPERTIES}/groups", {"name": "kept_group", "label": DARK})
    await world.call(token, "POST", f"{PROPERTIES}/groups", {"name": "kept_empty", "label": DARK})
    await world.call(token, "POST", PROPERTIES, own | {"name": "kept_key", "hasUniqueValue": True})
    for name in ("kept_note", "kept_gone"):
        await world.call(token, "POST", PROPERTIES, own | {"name": name})
    await world.call(token, "DELETE", f"{PROPERTIES}/kept_gone")
    stage = {"stageId": "kept_stage", "label": DARK, "displayOrder": 0, "metadata": {"probability": "0.5"}}
    flow = {"pipelineId": "kept_pipe", "label": DARK, "displayOrder": 9, "stages": [stage]}
    await world.call(token, "POST", "/crm/v3/pipelines/deals", flow)
    limit = {"category": "HUBSPOT_DEFINED", "typeId": 27, "maxToObjectIds": 40_000}
    limits = "/crm/v4/associations/definitions/configurations/deals/tickets/batch/create"
    await world.call(token, "POST", limits, {"inputs": [limit]})
    prop = {"name": "kept_title", "label": DARK}
    schema = {"name": "kept_object", "labels": {"singular": DARK, "plural": DARK}, "properties": [prop]}
    lists = {"requiredProperties": [], "searchableProperties": ["kept_title"], "associatedObjects": ["contacts"]}
    await world.call(token, "POST", "/crm-object-schemas/v3/schemas", schema | lists)
    await world.call(token, "POST", "/crm/v3/objects/kept_object", {"properties": {"kept_title": DARK}})
    listed = {"name": "kept_list", "objectTypeId": "0-48", "processingType": "MANUAL", "customProperties": {DARK: DARK}}
    await world.call(token, "POST", "/crm/v3/lists", listed)
    await world.call(token, "POST", "/crm/v3/lists/folders", {"name": DARK})
    rule = {"ruleArguments": [DARK], "shouldApplyNormalization": True}
    await world.call(token, "PUT", "/crm/v3/property-validations/calls/kept_note/rule-type/REGEX", rule)


async def _create(world: World, token: str) -> int:
    """Contacts and calls with the same ids, tied to each other."""
    probe = await world.call(token, "POST", OBJECTS, {"properties": {"hs_timestamp": AT}})
    first = int(json.loads(probe.body)["id"]) + 1
    for start in range(0, RECORDS + 50, 50):
        contacts = [{"properties": {"email": f"{n}@{DARK}.example"}} for n in range(start, start + 50)]
        await world.call(token, "POST", "/crm/v3/objects/contacts/batch/create", {"inputs": contacts})
    for start in range(0, RECORDS, 50):
        calls = [_call(n, first + n) for n in range(start, start + 50)]
        await world.call(token, "POST", f"{OBJECTS}/batch/create", {"inputs": calls})
    return first


def _call(number: int, contact: int) -> dict[str, Any]:
    properties = {"hs_timestamp": AT, "call_key": kept(number), "kept_key": kept(number), "hs_call_title": DARK}
    properties |= {"kept_note": DARK, "hs_call_body": f"{DARK} {number}"}
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 194}]
    return {"properties": properties, "associations": [{"to": {"id": str(contact)}, "types": types}]}


async def _change(world: World, made: Victim) -> None:
    """A past of some, and records that are archived, merged and erased."""
    token, first = made.ground.token, made.first
    await world.call(token, "PATCH", f"{OBJECTS}/{first + NAMED}", {"properties": {"hs_call_title": f"{DARK} twice"}})
    await world.call(token, "DELETE", f"{OBJECTS}/{first + NAMED + 1}")
    merge = {"primaryObjectId": str(first + NAMED + 2), "objectIdToMerge": str(first + NAMED + 3)}
    await world.call(token, "POST", f"{OBJECTS}/merge", merge)
    erase = "/crm/objects/2025-09/calls/gdpr-delete"
    await world.call(token, "POST", erase, {"objectId": str(first + NAMED + 4)})
    ids = {"live": NAMED, "archived": NAMED + 1, "merged": NAMED + 3, "erased": NAMED + 4}
    made.names += [Name(f"the id of a record that is {what}", str(first + n)) for what, n in ids.items()]
    made.names += [
        Name("a unique value", kept(NAMED)),
        Name("the unique value of an archived record", kept(NAMED + 1)),
        Name("a unique property", "kept_key"),
        Name("a property", "kept_note"),
        Name("an archived property", "kept_gone"),
        Name("a group", "kept_group"),
        Name("an empty group", "kept_empty"),
        Name("a pipeline", "kept_pipe"),
        Name("the name of a list", "kept_list"),
        Name("a stage", "kept_stage"),
        Name("a custom object", "kept_object"),
        Name("a custom object by its full name", f"p{made.ground.portal}_kept_object"),
        Name("the number of the portal", str(made.ground.portal)),
    ]


async def _put_off(world: World, made: Victim) -> None:
    """Batches to be carried out later: one that tells much and is done, and one that is still to be done."""
    token = made.ground.token
    read = {"inputs": [{"id": str(made.first + NAMED)}], "properties": ["hs_call_title"]}
    done = (await world.call(token, "POST", f"{OBJECTS}/batch/read", read, **LATER)).header("location")
    await world.carry_out(made.ground.portal, done)
    archive = {"inputs": [{"id": str(made.first + NAMED + 5)}]}
    still = (await world.call(token, "POST", f"{OBJECTS}/batch/archive", archive, **LATER)).header("location")
    made.links += [done, still]
    made.names += [Name("a batch that is done", job_of(done)), Name("a batch that is open", job_of(still))]
    made.things |= {"$JOB": job_of(done), "call_key": "kept_key", "old_note": "kept_note", "old_group": "kept_group"}


async def _look(world: World, made: Victim) -> None:
    """Where pages of lists and searches go on, and what a request was called."""
    page = await world.call(made.ground.token, "GET", OBJECTS)
    body = {"limit": 50, "after": 150, "filterGroups": [{"filters": [_FILTER]}]}
    found = await world.call(made.ground.token, "POST", f"{OBJECTS}/search", body)
    made.names += [
        Name("where a page of a list starts", _after(page.body)),
        Name("where a page of a search starts", _after(found.body)),
        Name("a correlation id", page.header("x-hubspot-correlation-id")),
    ]


_FILTER = {"propertyName": "kept_key", "operator": "HAS_PROPERTY"}


def _after(body: bytes) -> str:
    return str(json.loads(body)["paging"]["next"]["after"])
