"""Carrying out what is kept for later, batches, imports and exports: all that are open take turns, chunk by chunk.

A chunk is one transaction with the progress that it makes, so the server may stop or die at any moment: no input is
applied twice and none is left out.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from functools import partial
from typing import Protocol

import msgspec
import structlog
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_exponential

from trunkline.crm.batch import Batch
from trunkline.errors import MalformedBody
from trunkline.http.asked import decoded
from trunkline.http.call import State
from trunkline.http.carrying import carry_chunk
from trunkline.http.complaint import Complaint
from trunkline.http.exporting import ExportCarrier
from trunkline.http.importing import ImportCarrier
from trunkline.http.later import unpack
from trunkline.http.leading import led
from trunkline.store.protocol import Job, JobKind, JobMoved, JobState
from trunkline.wire import later as wire

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 60.0
"""Seconds between two attempts at a chunk that failed; they double from the first to the longest."""

LOOK = 5.0
"""Seconds after which jobs are looked for of which no news came."""

DAY = 86_400_000
"""Milliseconds."""

AT_ONCE: Mapping[JobKind, int] = {"import": 3, "export": 1}
"""Jobs of a kind and a portal that are under way at once; others wait for one of them to be done (behaviour 15.4)."""

log = structlog.get_logger(__name__)


@asynccontextmanager
async def working(state: State) -> AsyncIterator[None]:
    """Carries out what is open and what is enlisted for as long as the block runs, while this process leads."""
    async with led(state.store, partial(_work, state), "worker"):
        yield


async def _work(state: State) -> None:
    turn, doors, under_way = asyncio.Lock(), Doors(), set[tuple[int, str]]()
    complaint = Complaint("open jobs could not be found")
    state.leads = True
    try:
        async with asyncio.TaskGroup() as group:
            while True:
                state.enlisted.clear()
                new = [job for job in await _open(state, complaint) if (job.portal, job.id) not in under_way]
                for job in new:
                    group.create_task(_enter(state, job, turn, doors, under_way))
                if new:
                    await _forget(state)
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK):
                        await state.enlisted.wait()
    finally:
        state.leads = False


async def _open(state: State, complaint: Complaint) -> list[Job]:
    """The jobs that are open, as far as that can be known now."""
    try:
        jobs = await state.store.jobs.open()
    except Exception as cause:
        complaint.failed(cause)
        return []
    complaint.worked()
    return jobs


class Doors:
    """What lets only some jobs of a kind and a portal be under way at once, the first that came first."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, JobKind], asyncio.Semaphore] = {}

    def of(self, job: Job) -> AbstractAsyncContextManager[object]:
        """The door that a job goes through; it stays inside until it is done."""
        if job.kind not in AT_ONCE:
            return nullcontext()
        return self._known.setdefault((job.portal, job.kind), asyncio.Semaphore(AT_ONCE[job.kind]))


async def _enter(state: State, job: Job, turn: asyncio.Lock, doors: Doors, under_way: set[tuple[int, str]]) -> None:
    under_way.add((job.portal, job.id))
    try:
        async with doors.of(job):
            await _carry_out(state, job, turn)
    finally:
        under_way.discard((job.portal, job.id))


async def _forget(state: State) -> None:
    """Removes the jobs that were completed long ago; what cannot be removed now is removed another time."""
    try:
        await state.store.jobs.forget(state.clock.now() - state.settings.job_days * DAY)
    except Exception as cause:
        log.error("old jobs could not be removed", exc_info=cause)


async def _carry_out(state: State, job: Job, turn: asyncio.Lock) -> None:
    """Carries out one job to its end. A chunk that fails is tried again, while other jobs go on."""

    def tell(attempt: RetryCallState) -> None:
        cause = attempt.outcome.exception() if attempt.outcome else None
        log.error(f"{job.kind} is tried again", job=job.id, portal=job.portal, exc_info=cause)

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


class Carrier(Protocol):
    """What carries out jobs of one kind."""

    async def carry(self, job: Job) -> None:
        """Carries out the next chunk.

        Raises `JobMoved`, what decoding raises when an older version kept it, and `Unexpected` for another attempt.
        """


class Course:
    """One job on its way."""

    def __init__(self, state: State, job: Job) -> None:
        self._state = state
        self._key = job.portal, job.id
        self._carrier = CARRIERS[job.kind](state)

    async def step(self) -> bool:
        """Carries out the next chunk; False when there is none."""
        job = await self._state.store.jobs.get(*self._key)
        if job is None or job.completed is not None:
            return False
        try:
            await self._carrier.carry(job)
        except JobMoved:
            pass
        except (msgspec.MsgspecError, MalformedBody) as cause:
            end = GIVEN_UP[job.kind]
            told = f"{job.kind} cannot be read and is {end.lower()}"
            log.error(told, job=job.id, portal=job.portal, exc_info=cause)
            await self._state.store.jobs.cancel(*self._key, end)
        return True


class BatchCarrier:
    """Carries out a batch. It remembers which records the chunks before reached, since a batch means each only once."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._done = set[int]()
        self._known = 0

    async def carry(self, job: Job) -> None:
        """Carries out the next chunk."""
        if job.chunk != self._known:
            await self._remember(job)
        batch = await self._batch(job)
        self._done.update(await carry_chunk(self._state, batch, job))
        self._known += 1

    async def _remember(self, job: Job) -> None:
        outcomes = await self._state.store.jobs.outcomes(job.portal, job.id)
        self._done = {id_ for outcome in outcomes for id_ in wire.ids(outcome)}
        self._known = job.chunk

    async def _batch(self, job: Job) -> Batch:
        """What the next chunk asks; raises `JobMoved`, and what decoding raises when an older format was kept."""
        asked = unpack(job.asked)
        inputs = await self._state.store.jobs.chunk(job)
        return decoded(asked, inputs, each=True, first=job.chunk * asked.size, done=self._done)


CARRIERS: Mapping[JobKind, Callable[[State], Carrier]] = {
    "batch": BatchCarrier,
    "import": ImportCarrier,
    "export": ExportCarrier,
}
GIVEN_UP: Mapping[JobKind, JobState] = {"batch": "CANCELED", "import": "FAILED", "export": "FAILED"}
"""In which state a job ends that cannot be read."""
