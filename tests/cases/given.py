"""The steps that a case takes before its request. Each is one object whose first key names the step."""

import time
from collections.abc import Callable
from typing import Any

from cases.world import KEY, TYPE, World

WHEN = "2025-04-24T20:01:33Z"
"""The `hs_timestamp` of records that a case does not date itself."""

Step = Callable[[World, dict[str, Any]], None]


def take(world: World, step: dict[str, Any]) -> None:
    """Takes one step; raises AssertionError when the server refuses it."""
    STEPS[next(iter(step))](world, world.fill(step))


def define(world: World, step: dict[str, Any]) -> None:
    """`{"property": {...}}`: a custom property of calls, a line of text where the definition says no more."""
    definition = {"type": "string", "fieldType": "text", "groupName": "callinformation", **step["property"]}
    definition.setdefault("label", definition["name"])
    world.ask_well("POST", "/crm/v3/properties/calls", definition)
    world.defined.add(definition["name"])


def record(world: World, step: dict[str, Any]) -> None:
    """`{"record": "A1", "properties": {...}}`: the call whose key is A1, created, or changed when it is there."""
    if KEY not in world.defined:
        define(world, {"property": {"name": KEY, "hasUniqueValue": True}})
    name = step["record"]
    started = {} if name in world.records else {"hs_timestamp": WHEN}
    input_ = {"id": name, "idProperty": KEY, "properties": {**started, **step.get("properties", {})}}
    [world.records[name]] = world.upsert(input_)


def archived(world: World, step: dict[str, Any]) -> None:
    """`{"archived": "A9"}`: the call A9, created unless it is there, then archived."""
    name = step["archived"]
    if name not in world.records:
        record(world, {"record": name, "properties": step.get("properties", {})})
    world.ask_well("DELETE", f"{TYPE}/{world.id(name)}")


def count(world: World, step: dict[str, Any]) -> None:
    """`{"count": 12}`: so many calls, their keys n-1, n-2 and so on."""
    if KEY not in world.defined:
        define(world, {"property": {"name": KEY, "hasUniqueValue": True}})
    keys = [f"n-{n}" for n in range(1, step["count"] + 1)]
    world.upsert(*({"id": key, "idProperty": KEY, "properties": {"hs_timestamp": WHEN}} for key in keys))


def thing(world: World, step: dict[str, Any]) -> None:
    """`{"object": "C1", "type": "contacts", "properties": {...}}`: a record of any type, created alone."""
    path = f"/crm/v3/objects/{step['type']}"
    world.records[step["object"]] = world.ask_well("POST", path, {"properties": step["properties"]}).body


def associated(world: World, step: dict[str, Any]) -> None:
    """`{"associated": ["calls", "A1", "contacts", "C1"]}`: two records, linked as is usual for their types."""
    from_type, from_name, to_type, to_name = step["associated"]
    path = f"/crm/v4/objects/{from_type}/{world.id(from_name)}/associations/default/{to_type}/{world.id(to_name)}"
    world.ask_well("PUT", path)


def archived_property(world: World, step: dict[str, Any]) -> None:
    """`{"archived_property": "colour"}`: a custom property of calls that was defined is archived."""
    world.ask_well("DELETE", f"/crm/v3/properties/calls/{step['archived_property']}")


def tick(world: World, step: dict[str, Any]) -> None:
    """`{"tick": true}`: the millisecond of the last write is over, so that a later write shows a later time."""
    last = time.time_ns() // 1_000_000
    while time.time_ns() // 1_000_000 <= last:
        pass


def scopes(world: World, step: dict[str, Any]) -> None:
    """`{"scopes": [...]}`: the request is sent with a token of just these scopes."""
    world.authorization = f"Bearer {world.server.make_token(step['scopes'])}"


def authorization(world: World, step: dict[str, Any]) -> None:
    """`{"authorization": "Bearer x"}`: the request is sent with this Authorization header."""
    world.authorization = step["authorization"]


def no_token(world: World, step: dict[str, Any]) -> None:
    """`{"no_token": true}`: the request is sent without an Authorization header."""
    world.authorization = None


STEPS: dict[str, Step] = {
    "property": define,
    "record": record,
    "archived": archived,
    "count": count,
    "object": thing,
    "associated": associated,
    "archived_property": archived_property,
    "tick": tick,
    "scopes": scopes,
    "authorization": authorization,
    "no_token": no_token,
}
