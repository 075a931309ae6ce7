"""What every storage engine must do for who would lead, as far as one process shows it. Its own tests subclass this."""

import asyncio

import pytest
from store.conformance import Test

from trunkline.store.protocol import Store

SECONDS = 20


class LeadingConformance:
    """Who is alone leads."""

    def run(self, test: Test) -> None:
        raise NotImplementedError

    def test_who_is_alone_leads_in_all_that_it_does(self) -> None:
        async def test(store: Store, portal: int) -> None:
            begun, ended = asyncio.Semaphore(0), asyncio.Semaphore(0)

            async def work() -> None:
                begun.release()
                try:
                    await asyncio.Event().wait()
                finally:
                    ended.release()

            leading = [asyncio.create_task(store.lead(work)) for _ in range(2)]
            async with asyncio.timeout(SECONDS):
                for _ in leading:
                    await begun.acquire()
                for task in leading:
                    task.cancel()
                    await ended.acquire()
                await asyncio.wait(leading)
            assert all(task.cancelled() for task in leading)

        self.run(test)

    def test_the_lead_ends_as_the_work_does(self) -> None:
        async def test(store: Store, portal: int) -> None:
            async def brief() -> None:
                pass

            async def failing() -> None:
                raise ZeroDivisionError

            async with asyncio.timeout(SECONDS):
                await store.lead(brief)
                with pytest.raises(ZeroDivisionError):
                    await store.lead(failing)

        self.run(test)
