"""The audit trail on its way to the store."""

import asyncio

import apsw
import pytest
from idle import idle

from trunkline.http.trail import MOST_GATHERED
from trunkline.identity.event import Event


def refused(address: str, at: int = 1) -> Event:
    return Event(at=at, kind="request.refused", address=address)


def test_what_cannot_be_written_stays_gathered_within_the_bound() -> None:
    async def test() -> None:
        async with idle() as server:
            trail, store = server.state.trail, server.sqlite
            before = len(await store.accounts.events())
            trail.note(refused("a"))
            trail.note(refused("a", 2))
            store._connection.pragma("query_only", True)
            with pytest.raises(apsw.ReadOnlyError):
                await trail.flush()
            trail.note(refused("a", 3))
            for number in range(MOST_GATHERED + 9):
                trail.note(refused(f"b{number}", 4))
            with pytest.raises(apsw.ReadOnlyError):
                await trail.flush()
            store._connection.pragma("query_only", False)
            await trail.flush()
            await trail.flush()
            told = (await store.accounts.events())[before:]
            assert (told[0].address, told[0].count, told[0].at) == ("a", 3, 1)
            assert len(told) == MOST_GATHERED + 1
            assert sum(event.count for event in told) == 3 + MOST_GATHERED + 9

    asyncio.run(test())
