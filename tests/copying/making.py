"""Stores to copy, in files, and what they answer."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from copying.carrying import opened
from copying.telling import told
from msgspec.structs import replace
from store.accounts import CLIENT, PERSON, credential, event, found
from store.conformance import CALLS
from store.jobs import LIMIT, job
from store.removing import fill, remove

from trunkline.bench.checkpoint import Note
from trunkline.crm.plan import Found, Plan, Wanted
from trunkline.crm.record import Record
from trunkline.identity.moves import Moves
from trunkline.store.protocol import Store

T = TypeVar("T")

LARGE = 60_000
"""Characters of a text of which few fill a chunk, so that a table is copied in several."""


def used(where: object, use: Callable[[Store], Awaitable[T]]) -> T:
    """What comes of using the store at an address; a file is made if it is not there."""

    async def run() -> T:
        store = opened(where)
        await store.open()
        try:
            return await use(store)
        finally:
            await store.close()

    return asyncio.run(run())


def answers(where: object) -> dict[str, Any]:
    """All that the store at an address tells."""
    return used(where, told)


async def full(store: Store) -> None:
    """Puts something of each kind into two portals of three, in turns, and removes the third."""
    (first,) = await store.portals()
    second, third = (await found(store, "second")).id, (await found(store, "third")).id
    for portal, word in ((second, "two"), (third, "three"), (first, "one")):
        await fill(store, portal, word)
    for portal in (first, second, first, second):
        await large(store, portal, 100)
    installed = credential("installed", portal=second, family="family", expires=9, user=3)
    app = await store.accounts.register(CLIENT, Moves(credentials=(installed,)))
    await store.accounts.keep(Moves(events=(event("app.changed", app=app.id, detail="d", address="::1", count=3),)))
    await store.jobs.enlist(replace(job(first, ""), kind="import"), [b"\0\xff", b""], LIMIT)
    await store.bench.keep(Note(second, "webhook", "1/subscription/1", f'{{"id":1,"since":{{"{second}":2}}}}'))
    await store.accounts.enrol(replace(PERSON, portals=(first, third)), event("person.created"))
    await remove(store, third)


async def large(store: Store, portal: int, count: int) -> None:
    """Makes calls with long texts."""

    def decide(found: Found) -> Plan:
        plan = Plan(found.now, 5)
        for id_ in range(found.next_id, found.next_id + count):
            values = {"ref": f"large {id_}", "hs_call_body": f"{id_} " * (LARGE // 13)}
            plan.creates.append(Record(id=id_, properties=values, created=found.now, updated=found.now, app=5))
            plan.claimed.append((("ref", values["ref"]), id_))
        return plan

    await store.write(portal, CALLS, await store.version(portal), Wanted(room=count), decide)
