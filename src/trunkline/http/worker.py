"""Carrying out the batches that are kept for later: all that are open take turns, chunk by chunk.

A chunk is one transaction with the progress that it makes, so the server may stop or die at any moment: no input is
applied twice and none is left out.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import structlog
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_exponential

from trunkline.crm.batch import Batch
from trunkline.errors import MalformedBody
from trunkline.http.asked import decoded
from trunkline.http.call import State
from trunkline.http.carrying import carry_chunk
from trunkline.http.later import unpack
from trunkline.store.protocol import Job, JobMoved
from trunkline.wire import later as wire

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 60.0
"""Seconds between two attempts at a chunk that failed; they double from the first to the longest."""

DAY = 86_400_000
"""Milliseconds."""

log = structlog.get_logger(__name__)


@asynccontextmanager
async def working(state: State) -> AsyncIterator[None]:
    """Carries out what is open and what is enlisted for as long as the block runs."""
    task = asyncio.create_task(_work(state, await state.store.jobs.open()), name="worker")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _work(state: State, jobs: list[Job]) -> None:
    turn = asyncio.Lock()
    async with asyncio.TaskGroup() as group:
        for job in jobs:
            group.create_task(_carry_out(state, job, turn))
        while True:
            await _forget(state)
            group.create_task(_carry_out(state, await state.enlisted.get(), turn))


async def _forget(state: State) -> None:
    """Removes the jobs that were completed long ago; what cannot be removed now is removed another time."""
    try:
        await state.store.jobs.forget(state.clock.now() - state.settings.job_days * DAY)
    except Exception as cause:
        log.error("old batches could not be removed", exc_info=cause)


async def _carry_out(state: State, job: Job, turn: asyncio.Lock) -> None:
    """Carries out one job to its end. A chunk that fails is tried again, while other jobs go on."""

    def tell(attempt: RetryCallState) -> None:
        cause = attempt.outcome.exception() if attempt.outcome else None
        log.error("batch is tried again", job=job.id, portal=job.portal, exc_info=cause)

    retrying = AsyncRetrying(
        retry=retry_if_exception_type(Exception),
        wait=wait_exponential(multiplier=FIRST_PAUSE, max=LONGEST_PAUSE),
        before_sleep=tell,
    )
    course = Course(state, job)

    async def step() -> bool:
        # The lock is given in the order in which it was asked for, so that jobs take turns.
        async with turn:
            return await course.step()

    while await retrying(step):
        pass


class Course:
    """One job on its way. It remembers which records the chunks before reached, since a batch means each only once."""

    def __init__(self, state: State, job: Job) -> None:
        self._state = state
        self._key = job.portal, job.id
        self._done = set[int]()
        self._known = 0

    async def step(self) -> bool:
        """Carries out the next chunk; False when there is none."""
        job = await self._state.store.jobs.get(*self._key)
        if job is None or job.completed is not None:
            return False
        if job.chunk != self._known:
            await self._remember(job)
        try:
            batch = await self._batch(job)
            self._done.update(await carry_chunk(self._state, batch, job))
            self._known += 1
        except JobMoved:
            pass
        except (msgspec.MsgspecError, MalformedBody) as cause:
            log.error("batch cannot be read and is canceled", job=job.id, portal=job.portal, exc_info=cause)
            await self._state.store.jobs.cancel(*self._key)
        return True

    async def _remember(self, job: Job) -> None:
        outcomes = await self._state.store.jobs.outcomes(*self._key)
        self._done = {id_ for outcome in outcomes for id_ in wire.ids(outcome)}
        self._known = job.chunk

    async def _batch(self, job: Job) -> Batch:
        """What the next chunk asks; raises `JobMoved`, and what decoding raises when an older format was kept."""
        asked = unpack(job.asked)
        inputs = await self._state.store.jobs.chunk(job)
        return decoded(asked, inputs, each=True, first=job.chunk * asked.size, done=self._done)
