"""What a checkpoint costs: writes with and without one, and the way back, in a store of a given size.

    python benchmarks/rewind.py --records 100000 --changes 20000 [--data postgresql://…]

Writes go to the store itself, in batches of 100 calls with ten properties, half of them new and half updates.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from trunkline.clock import Clock
from trunkline.crm.plan import Found, Plan, Update, Wanted
from trunkline.crm.record import Change, Record
from trunkline.store.postgres.store import PostgresStore
from trunkline.store.protocol import Store
from trunkline.store.sqlite.store import SqliteStore

CALLS = "0-48"
BATCH = 100


def values(number: int) -> dict[str, str]:
    """What a call has."""
    return {"ref": f"call-{number}", **{f"property_{n}": f"value {n} of {number}" for n in range(9)}}


def created(first: int) -> Callable[[Found], Plan]:
    """A plan of new calls."""

    def decide(found: Found) -> Plan:
        plan = Plan(found.now, 1)
        for n in range(BATCH):
            id_ = found.next_id + n
            own = values(first + n)
            plan.creates.append(Record(id=id_, properties=own, created=found.now, updated=found.now, app=1))
            plan.claimed.append((("ref", own["ref"]), id_))
        return plan

    return decide


def changed(text: str) -> Callable[[Found], Plan]:
    """A plan that updates one property of all that is found."""

    def decide(found: Found) -> Plan:
        plan = Plan(found.now, 1)
        for record in found.records.values():
            told: dict[str, tuple[str | None, str]] = {"property_1": (record.properties["property_1"], text)}
            after = Record(
                id=record.id,
                properties=record.properties | {"property_1": text},
                created=record.created,
                updated=found.now,
                app=1,
            )
            plan.updates.append(Update(after, Change(at=found.now, app=1, values=told, previous=record.last_change)))
        return plan

    return decide


async def fill(store: Store, portal: int, first: int, count: int) -> list[int]:
    """New calls, by id; four batches are under way at once."""
    ids: list[int] = []
    for start in range(first, first + count, 4 * BATCH):
        starts = range(start, min(start + 4 * BATCH, first + count), BATCH)
        plans = await asyncio.gather(
            *(store.write(portal, CALLS, 1, Wanted(room=BATCH), created(one)) for one in starts)
        )
        ids += [record.id for plan in plans for record in plan.creates]
    return ids


async def update(store: Store, portal: int, ids: list[int], text: str) -> None:
    """Updates calls, four batches at once."""
    batches = [ids[start : start + BATCH] for start in range(0, len(ids), BATCH)]
    for start in range(0, len(batches), 4):
        await asyncio.gather(
            *(store.write(portal, CALLS, 1, Wanted(ids=some), changed(text)) for some in batches[start : start + 4])
        )


async def measure(data: str, records: int, changes: int) -> None:
    """Prints a line for each figure."""
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "calls.db")
        store: Store = PostgresStore(data, Clock()) if data else SqliteStore(file, Clock())
        await store.open()
        portal = (await store.portals())[0]
        ids = await fill(store, portal, 0, records)
        half = changes // 2
        chosen = ids[:: max(records // half, 1)][:half]
        for name, marked in (("without a checkpoint", False), ("with a checkpoint", True)):
            if marked:
                began = time.perf_counter()
                await store.bench.mark(portal, "x", 0)
                _tell("checkpoint", (time.perf_counter() - began) * 1000, "ms")
            began = time.perf_counter()
            await fill(store, portal, records + (half if marked else 0), half)
            _tell(f"new, {name}", half / (time.perf_counter() - began), "records/s")
            began = time.perf_counter()
            await update(store, portal, chosen, name)
            _tell(f"updates, {name}", half / (time.perf_counter() - began), "records/s")
        began = time.perf_counter()
        done = await store.bench.rewind(portal, "x", 0)
        _tell(f"rewind of {done.records if done else 0} records", (time.perf_counter() - began) * 1000, "ms")
        await store.close()


def _tell(what: str, figure: float, unit: str) -> None:
    print(f"{what:40} {figure:12,.1f} {unit}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="", help="the address of an empty database (a file)")
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--changes", type=int, default=20_000)
    given = parser.parse_args()
    asyncio.run(measure(given.data, given.records, given.changes))
