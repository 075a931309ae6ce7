"""What is written, as it is written: server-sent events, which go on from the last one that a client has seen."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from trunkline.bench.checkpoint import Entry
from trunkline.errors import InvalidParameter, RecordNotFound, Refusal, Unauthenticated
from trunkline.http.call import State
from trunkline.http.control.asked import Asked, admit
from trunkline.http.control.changes import described
from trunkline.http.control.reply import refused

LOOK = 1.0
"""Seconds after which what other processes wrote is looked for."""

BEAT = 15.0
"""Seconds of silence after which a client is told that the stream lives."""

AT_ONCE = 50
"""Changes that are read at once."""

HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}

_PLACES = re.compile(r"\d{1,18}:\d{1,18}(,\d{1,18}:\d{1,18})*")
_encode = msgspec.json.Encoder().encode


class Wanted(Struct, frozen=True):
    """What a client wants to hear of: one portal or all, one object type or all, after which positions by portal."""

    portal: int
    type: str
    after: Mapping[int, int] | None


def stream(state: State) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of the stream, which opens to who has the control secret."""

    async def listen(request: Request) -> Response:
        asked = Asked(state, request, b"")
        try:
            await admit(state, request)
            wanted = await _wanted(asked)
        except Refusal as refusal:
            return refused(refusal, request)
        return StreamingResponse(_events(asked, wanted), headers=HEADERS, media_type="text/event-stream")

    return listen


async def _wanted(asked: Asked) -> Wanted:
    """Raises `InvalidParameter`, `RecordNotFound` for a portal that is not there, `UnknownObjectType`."""
    portal, query = asked.number("portal", 0), asked.request.query_params
    portals = await asked.state.store.portals()
    if portal and portal not in portals:
        raise RecordNotFound
    alias = query.get("type", "")
    type_ = (await asked.state.load(portal or portals[0])).type(alias).id if alias else ""
    seen = asked.request.headers.get("last-event-id") or query.get("after", "")
    if seen and not _PLACES.fullmatch(seen):
        raise InvalidParameter("query", "after")
    places = (place.split(":") for place in seen.split(",")) if seen else ()
    return Wanted(portal, type_, {int(of): int(position) for of, position in places} if seen else None)


async def _events(asked: Asked, wanted: Wanted) -> AsyncIterator[bytes]:
    """All that is written from now on, or after the places that a client names; a portal that is new from its start."""
    state, loop = asked.state, asyncio.get_running_loop()
    after = dict(wanted.after) if wanted.after is not None else await _ends(state, wanted)
    yield f"retry: 2000\nid: {_places(after)}\n\n".encode()
    told = loop.time()
    while not state.stopping.is_set():
        moved, level = False, state.tide.level
        for portal in await _portals(state, wanted):
            some, more = await state.breath.counted(_page(asked, wanted, portal, after))
            moved = moved or more
            for event in some:
                yield event
                told = loop.time()
            await state.breath.rest()
        if loop.time() - told > BEAT:
            yield b": alive\n\n"
            told = loop.time()
        if not moved:
            await state.tide.wait(LOOK, level)


async def _page(asked: Asked, wanted: Wanted, portal: int, after: dict[int, int]) -> tuple[list[bytes], bool]:
    """What a client is told next of a portal, and whether there was anything; `after` is moved on."""
    entries, end = await _next(asked.state, portal, after.setdefault(portal, 0))
    some = [entry for entry in entries if wanted.type in ("", entry.type)]
    events = []
    for entry, shown in zip(some, await described(asked, portal, some) if some else (), strict=True):
        after[portal] = entry.position
        events.append(_event(portal, entry, shown, after))
    # What lies between is of other portals, and need not be looked at again.
    after[portal] = end
    return events, bool(entries)


async def _portals(state: State, wanted: Wanted) -> list[int]:
    there = await state.store.portals()
    return [portal for portal in there if wanted.portal in (0, portal)]


async def _ends(state: State, wanted: Wanted) -> dict[int, int]:
    return {portal: await state.store.bench.end(portal) for portal in await _portals(state, wanted)}


async def _next(state: State, portal: int, after: int) -> tuple[Sequence[Entry], int]:
    """The next changes of a portal, and up to which position they are all; none of one that was removed meanwhile."""
    bench = state.store.bench
    try:
        end = await bench.end(portal)
        found = await bench.journal(portal, after, end, AT_ONCE) if end > after else ()
    except Unauthenticated:
        return (), after
    return found, found[-1].position if len(found) == AT_ONCE else max(end, after)


def _event(portal: int, entry: Entry, shown: Mapping[str, object], after: Mapping[int, int]) -> bytes:
    data = _encode({"portal": portal, **shown}).decode()
    return f"id: {_places(after)}\nevent: {entry.kind}\ndata: {data}\n\n".encode()


def _places(after: Mapping[int, int]) -> str:
    return ",".join(f"{portal}:{position}" for portal, position in after.items())
