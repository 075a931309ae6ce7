"""Asking the store how it is, for what cannot be counted as it happens."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from trunkline.http.call import State

PAUSE = 5.0
"""Seconds between two samples of a process that is one of several: another one may be asked for what it tells."""

PATIENCE = 2.0
"""Seconds that the store has to say how it is."""

log = structlog.get_logger(__name__)


async def sample(state: State) -> None:
    """Measures how the store is, and how far behind apps are; what cannot be had now stays as it was."""
    state.measures.behind({key: lag() for key, lag in state.hooks.behind.items()})
    try:
        async with asyncio.timeout(PATIENCE):
            figures = await state.store.figures()
    except Exception as cause:
        log.warning("the store does not say how it is", cause=repr(cause))
    else:
        state.measures.sampled(figures)


@asynccontextmanager
async def sampling(state: State) -> AsyncIterator[None]:
    """Measures it now and then for as long as the block runs, in a process that is one of several."""
    task = asyncio.create_task(_sample(state), name="sampling") if state.measures.gathers else None
    try:
        yield
    finally:
        if task is not None:
            task.cancel()
            await asyncio.wait([task])


async def _sample(state: State) -> None:
    while True:
        await sample(state)
        await asyncio.sleep(PAUSE)
