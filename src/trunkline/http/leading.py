"""What one of several processes does for all, for as long as it leads."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from trunkline.store.protocol import Store


@asynccontextmanager
async def led(store: Store, work: Callable[[], Awaitable[None]], name: str) -> AsyncIterator[None]:
    """Does work for as long as the block runs and this process leads; `name` is that of its task."""
    task = asyncio.create_task(store.lead(work), name=name)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
