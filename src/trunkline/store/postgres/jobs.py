"""The work to carry out later: each job is a row of `job`, its chunks are rows of `job_chunk`.

A chunk is kept apart from the job, so that a step rewrites a short row however large the batch is. Whoever changes an
open job has the lock of its portal.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import get_args

from msgspec.structs import replace

from trunkline.crm.plan import Plan
from trunkline.crm.record import Moment
from trunkline.errors import TooManyJobs, Unauthenticated
from trunkline.store.jobs import COLUMNS, end_of, job_of, job_row
from trunkline.store.numbers import LAST_ID
from trunkline.store.postgres.database import Connection, Database
from trunkline.store.postgres.news import TELL, News
from trunkline.store.protocol import Job, JobKind, JobMoved, JobState, Notice, Step

THERE = "EXISTS (SELECT 1 FROM head WHERE head.portal = job.portal)"
ONE = f"SELECT {COLUMNS} FROM job WHERE portal = $1 AND id = $2 AND {THERE}"
OPEN = f"SELECT {COLUMNS} FROM job WHERE completed IS NULL ORDER BY requested, id"
PAGE = (
    f"SELECT {COLUMNS} FROM job WHERE portal = $1 AND kind = $2 AND {{number}} >= $3 AND {THERE} "
    "ORDER BY {number} LIMIT $4"
).format(number="CASE WHEN kind = $2 THEN id::bigint END")
"""Jobs of other kinds may have ids that are no numbers."""

AHEAD = (
    "SELECT count(*) FROM job WHERE portal = $1 AND kind = $2 AND completed IS NULL "
    "AND CASE WHEN kind = $2 THEN id::bigint END < $3"
)
COUNT = "SELECT count(*) FROM job WHERE portal = $1 AND kind = $2 AND completed IS NULL"
TALLY = "SELECT kind, count(*) FROM job WHERE completed IS NULL GROUP BY kind"
NUMBER = (
    "INSERT INTO counter AS c (portal, name, last) VALUES ($1, 'job', 1) "
    "ON CONFLICT (portal, name) DO UPDATE SET last = c.last + 1 RETURNING last"
)
INSERT = f"INSERT INTO job ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
INSERT_CHUNK = "INSERT INTO job_chunk (portal, job, chunk, inputs) VALUES ($1, $2, $3, $4)"
INPUTS = "SELECT inputs FROM job_chunk WHERE portal = $1 AND job = $2 AND chunk = $3 AND inputs IS NOT NULL"
OUTCOMES = (
    "SELECT outcome FROM job_chunk WHERE portal = $1 AND job = $2 AND chunk >= $3 AND outcome IS NOT NULL "
    "ORDER BY chunk LIMIT $4"
)
HOLDERS = (
    "SELECT c.job, c.chunk, position($5::bytea IN coalesce(c.outcome, '')) > 0 AS holds FROM job_chunk AS c "
    "JOIN job AS j ON j.portal = $1 AND j.id = c.job AND j.kind = $2 "
    "WHERE c.portal = $1 AND (c.job, c.chunk) > ($3, $4) ORDER BY c.job, c.chunk LIMIT $6"
)
OUTCOME = "SELECT outcome FROM job_chunk WHERE portal = $1 AND job = $2 AND chunk = $3 AND outcome IS NOT NULL"
AMEND = "UPDATE job_chunk SET outcome = $4 WHERE portal = $1 AND job = $2 AND chunk = $3"
DUE = "SELECT chunk + 1 = chunks FROM job WHERE portal = $1 AND id = $2 AND chunk = $3 AND completed IS NULL"
KEEP = (
    "INSERT INTO job_chunk (portal, job, chunk, outcome) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT (portal, job, chunk) DO UPDATE SET inputs = NULL, outcome = excluded.outcome"
)
"""A job of which nobody knew how many chunks it would have has no rows for them before."""
ADVANCE = (
    "UPDATE job SET state = $3, progress = $4, chunk = chunk + 1, "
    "started = coalesce(started, greatest($5, requested)), "
    "completed = CASE WHEN $6::bigint IS NOT NULL THEN greatest($6, requested, started) END "
    "WHERE portal = $1 AND id = $2"
)
CANCEL = (
    "UPDATE job SET state = $3, completed = greatest($4, requested, started) "
    "WHERE portal = $1 AND id = $2 AND completed IS NULL RETURNING id"
)
DROP_INPUTS = "UPDATE job_chunk SET inputs = NULL WHERE portal = $1 AND job = $2 AND inputs IS NOT NULL"
OLDEST = "SELECT portal, id FROM job WHERE completed < $1 LIMIT 1"
FORGET = "DELETE FROM job WHERE portal = $1 AND id = $2"

AT_ONCE = 10
"""Outcomes that are read in one go; each may be large."""


class PostgresJobs:
    """See `trunkline.store.protocol.Jobs`."""

    def __init__(self, database: Database, now: Callable[[int], Moment], news: News) -> None:
        self._database = database
        self._now = now
        self._news = news

    async def enlist(self, job: Job, chunks: Sequence[bytes], limit: int) -> Job:
        """Keeps a new job and what each chunk of it shall do; raises `TooManyJobs` and `Unauthenticated`."""

        async def work(connection: Connection, version: int) -> Job:
            if await connection.fetchval(COUNT, job.portal, job.kind) >= limit:
                raise TooManyJobs(limit, job.kind)
            kept = job if job.id else replace(job, id=str(await connection.fetchval(NUMBER, job.portal)))
            await connection.execute(INSERT, *job_row(kept))
            rows = [(job.portal, kept.id, number, inputs) for number, inputs in enumerate(chunks)]
            await connection.executemany(INSERT_CHUNK, rows)
            await connection.execute(TELL, self._news.text(Notice("job", job.portal)))
            return kept

        return await self._database.locked(job.portal, work)

    async def get(self, portal: int, id_: str) -> Job | None:
        """A job as it stands."""
        row = await self._database.one(ONE, portal, id_)
        return None if row is None else job_of(row)

    async def open(self) -> list[Job]:
        """The jobs of all portals that are not completed, the oldest first."""
        return [job_of(row) for row in await self._database.fetch(OPEN)]

    async def tally(self) -> dict[JobKind, int]:
        """How many jobs of each kind are not completed, in all portals."""
        rows = await self._database.fetch(TALLY)
        return dict.fromkeys(get_args(JobKind), 0) | {row[0]: row[1] for row in rows}

    async def page(self, portal: int, kind: JobKind, first: int, limit: int) -> list[Job]:
        """The jobs of a portal and of a kind that has numbers, at most `limit` from a number on, in their order."""
        rows = await self._database.fetch(PAGE, portal, kind, min(first, LAST_ID), limit)
        return [job_of(row) for row in rows]

    async def ahead(self, job: Job) -> int:
        """How many open jobs of the same portal and kind, which has numbers, came before this one."""
        ((count,),) = await self._database.fetch(AHEAD, job.portal, job.kind, int(job.id))
        return int(count)

    async def chunk(self, job: Job) -> bytes:
        """What the next chunk of a job shall do; raises `JobMoved` when it is not kept any more."""
        row = await self._database.one(INPUTS, job.portal, job.id, job.chunk)
        if row is None:
            raise JobMoved
        return bytes(row[0])

    async def outcomes(self, portal: int, id_: str) -> list[bytes]:
        """What was kept of each chunk that was carried out, in order."""
        found: list[bytes] = []
        while True:
            some = await self.some_outcomes(portal, id_, len(found), AT_ONCE)
            found += some
            if len(some) < AT_ONCE:
                return found

    async def some_outcomes(self, portal: int, id_: str, first: int, limit: int) -> list[bytes]:
        """What was kept of at most `limit` chunks from one on."""
        return [outcome for (outcome,) in await self._database.fetch(OUTCOMES, portal, id_, first, limit)]

    async def amend(self, portal: int, kind: JobKind, holding: bytes, change: Callable[[bytes], bytes]) -> None:
        """Changes the outcomes of a portal's jobs of one kind that hold some bytes."""

        async def work(job: str, chunk: int, connection: Connection, version: int) -> None:
            outcome = await connection.fetchval(OUTCOME, portal, job, chunk)
            if outcome is not None:
                await connection.execute(AMEND, portal, job, chunk, change(outcome))

        last = "", 0
        while True:
            rows = await self._database.fetch(HOLDERS, portal, kind, *last, holding, AT_ONCE)
            for job, chunk, holds in rows:
                if holds:
                    await self._database.locked(portal, partial(work, job, chunk))
            if len(rows) < AT_ONCE:
                return
            last = rows[-1][0], rows[-1][1]

    async def advance(self, step: Step, plan: Plan) -> None:
        """Makes a step that writes no record; raises `JobMoved`."""

        async def work(connection: Connection, version: int) -> None:
            last = await self.due(connection, step)
            await self.keep(connection, step, last, step.outcome(plan), step.progress(plan))

        try:
            await self._database.locked(step.portal, work)
        except Unauthenticated:
            raise JobMoved from None

    async def cancel(self, portal: int, id_: str, state: JobState = "CANCELED") -> None:
        """Completes an open job before its end, as canceled; one that is completed stays as it is."""

        async def work(connection: Connection, version: int) -> None:
            if await connection.fetchval(CANCEL, portal, id_, state, self._now(portal)) is not None:
                await connection.execute(DROP_INPUTS, portal, id_)

        with suppress(Unauthenticated):
            await self._database.locked(portal, work)

    async def forget(self, before: Moment) -> None:
        """Removes the jobs that were completed before a moment, each in a transaction of its own: they may be large."""
        while (row := await self._database.one(OLDEST, before)) is not None:
            await self._database.call(partial(_forget, *row))

    async def due(self, connection: Connection, step: Step) -> bool:
        """Whether a step is the last of its job; raises `JobMoved` unless it is due.

        Inside a transaction that has the lock of the portal, as `keep` is.
        """
        last = await connection.fetchval(DUE, step.portal, step.job, step.chunk)
        if last is None:
            raise JobMoved
        return bool(last)

    async def keep(self, connection: Connection, step: Step, last: bool, outcome: bytes, progress: bytes) -> None:
        """Keeps the outcome of a chunk and makes the step."""
        ends = end_of(step, last)
        completed = max(self._now(step.portal), step.started) if ends else None
        await connection.execute(KEEP, step.portal, step.job, step.chunk, outcome)
        bound = (ends or "PROCESSING", progress, step.started, completed)
        await connection.execute(ADVANCE, step.portal, step.job, *bound)
        if step.ends:
            await connection.execute(DROP_INPUTS, step.portal, step.job)


async def _forget(portal: int, id_: str, connection: Connection) -> None:
    await connection.execute(FORGET, portal, id_)
