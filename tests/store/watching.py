"""What every storage engine must tell of itself: whether it is ready, what it commits, and where the time goes."""

import asyncio
from contextlib import AbstractAsyncContextManager

import pytest
from store.conformance import CALLS, Test, change, create
from store.jobs import enlist, job

from trunkline.crm.catalog import Catalog
from trunkline.crm.plan import Wanted
from trunkline.crm.query import Query
from trunkline.stopwatch import Stopwatch, start, stop
from trunkline.store.protocol import Store, StoreRefused


class WatchingConformance:
    """What is told to those who run a server."""

    def opened(self) -> AbstractAsyncContextManager[Store]:
        """A new, empty, opened store."""
        raise NotImplementedError

    def run(self, test: Test) -> None:
        raise NotImplementedError

    def test_an_opened_store_is_ready_and_a_closed_one_says_why_not(self) -> None:
        async def test() -> None:
            async with self.opened() as store:
                await store.ready()
            with pytest.raises(StoreRefused):
                await store.ready()

        asyncio.run(test())

    def test_each_batch_is_in_one_commit_that_is_told(self) -> None:
        async def test(store: Store, portal: int) -> None:
            told: list[int] = []
            store.watch(told.append)
            await asyncio.gather(*(store.write(portal, CALLS, 1, Wanted(room=1), create(str(n))) for n in range(5)))
            assert sum(told) >= 5, told
            assert all(batches > 0 for batches in told)

        self.run(test)

    def test_what_is_open_is_counted(self) -> None:
        async def test(store: Store, portal: int) -> None:
            before = await store.figures()
            assert dict(before.jobs) == {"batch": 0, "import": 0, "export": 0}
            await enlist(store, job(portal, "a"))
            await enlist(store, job(portal, "b"))
            await enlist(store, job(portal, "7", kind="import"))
            await store.jobs.cancel(portal, "b")
            assert dict((await store.figures()).jobs) == {"batch": 1, "import": 1, "export": 0}

        self.run(test)

    def test_how_far_searches_are_behind_is_told(self) -> None:
        async def test(store: Store, portal: int) -> None:
            await store.write(portal, CALLS, 1, Wanted(room=1), create("A"))
            assert (await store.figures()).lag["search"] >= 0
            await store.search(Catalog(portal, await store.definitions(portal)).type(CALLS), portal, Query())
            assert dict((await store.figures()).lag) == {"search": 0}

        self.run(test)

    def test_the_steps_of_a_write_and_of_a_read_are_timed(self) -> None:
        async def test(store: Store, portal: int) -> None:
            watch = Stopwatch()
            token = start(watch)
            await store.write(portal, CALLS, 1, Wanted(room=1), create("A"))
            assert {"wait", "find", "plan", "apply"} <= set(watch.spent)
            await store.write(portal, CALLS, 1, Wanted([("ref", "A")]), change(more="x"))
            spent = watch.spent["find"]
            await store.read(portal, CALLS, [], [("ref", "A")])
            stop(token)
            assert watch.spent["find"] > spent
            assert sum(watch.spent.values()) == watch.total()

        self.run(test)
