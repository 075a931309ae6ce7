"""Checks that ask the server again: what the request under test left behind."""

from collections.abc import Callable, Iterator
from typing import Any

from cases.matching import mismatches
from cases.world import KEY, TYPE, Reply, World

WHEN = "2025-04-24T20:01:33Z"


def stored(expected: dict[str, Any], reply: Reply, world: World) -> Iterator[str]:
    """By name of a record, what properties it has now."""
    ids = {name: record["id"] for name, record in world.named(reply)} | {n: r["id"] for n, r in world.records.items()}
    for name, wanted in world.fill(expected).items():
        if name not in ids:
            yield f"no record {name} to look at: {reply.text[:600]}"
            continue
        read = world.ask_well("GET", f"{TYPE}/{ids[name]}?properties={','.join(wanted)}")
        yield from mismatches(wanted, read.body["properties"], name)


def not_stored(expected: list[str], reply: Reply, world: World) -> Iterator[str]:
    """Keys that no record has: an upsert by each of them creates one."""
    inputs = [{"id": key, "idProperty": KEY, "properties": {"hs_timestamp": WHEN}} for key in expected]
    for key, result in zip(expected, world.upsert(*inputs), strict=True):
        if not result["new"]:
            yield f"there was a record {key}: {result}"


def unchanged(expected: list[str], reply: Reply, world: World) -> Iterator[str]:
    """Records that are as the steps before the request left them."""
    for name in expected:
        before = world.records[name]
        now = world.ask_well("GET", f"{TYPE}/{before['id']}?properties={','.join(before['properties'])}").body
        wanted = {"updatedAt": before["updatedAt"], "properties": before["properties"], "archived": False}
        yield from mismatches(wanted, now, name)


def updated_at(expected: dict[str, str], reply: Reply, world: World) -> Iterator[str]:
    """By name of a record in the answer, whether its `updatedAt` "moved" or "stays"; `createdAt` never moves."""
    shown = dict(world.named(reply))
    for name, wanted in expected.items():
        before, after = world.records[name], shown.get(name)
        if after is None:
            yield f"no record {name} in the answer: {reply.text[:600]}"
            continue
        moved = after["updatedAt"] != before["updatedAt"]
        if moved != (wanted == "moved") or (moved and after["updatedAt"] < before["updatedAt"]):
            yield f"{name} was updated at {before['updatedAt']}, then at {after['updatedAt']}"
        if after["createdAt"] != before["createdAt"]:
            yield f"{name} was created at {before['createdAt']}, then at {after['createdAt']}"


def readable(expected: dict[str, int], reply: Reply, world: World) -> Iterator[str]:
    """By path, the status that reading it answers now."""
    for path, wanted in world.fill(expected).items():
        again = world.ask("GET", path)
        if again.status != wanted:
            yield f"GET {path} answers {again.status}, expected {wanted}: {again.text[:300]}"


def reads(expected: dict[str, Any], reply: Reply, world: World) -> Iterator[str]:
    """By path, what reading it answers now, at least."""
    for path, wanted in world.fill(expected).items():
        yield from mismatches(wanted, world.ask_well("GET", path).body, path)


def pages(expected: list[int], reply: Reply, world: World) -> Iterator[str]:
    """How many records each page has, this one first, when every link to the next page is followed to the end."""
    ids, sizes = list[int](), list[int]()
    while len(sizes) <= len(expected):
        ids += [int(record["id"]) for record in reply.records]
        sizes.append(len(reply.records))
        if "paging" not in reply.body:
            break
        reply = world.ask_well("GET", reply.body["paging"]["next"]["link"])
    if sizes != expected:
        yield f"pages of {sizes}, expected {expected}"
    if ids != sorted(set(ids)):
        yield f"the ids on all pages are {ids}"


AFTER: dict[str, Callable[[Any, Reply, World], Iterator[str]]] = {
    check.__name__: check for check in (stored, not_stored, unchanged, updated_at, readable, reads, pages)
}
"""The checks of this module by name."""
