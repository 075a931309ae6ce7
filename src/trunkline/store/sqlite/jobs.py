"""The work to carry out later: each job is a row of `job`, its chunks are rows of `job_chunk`.

A chunk is kept apart from the job, so that a step rewrites a short row however large the batch is.
"""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, get_args

import apsw
from msgspec.structs import replace

from trunkline.crm.plan import Plan
from trunkline.crm.record import Moment
from trunkline.errors import TooManyJobs
from trunkline.store.jobs import COLUMNS, end_of, job_of, job_row
from trunkline.store.protocol import Job, JobKind, JobMoved, JobState, Step
from trunkline.store.sqlite.definitions import version
from trunkline.store.sqlite.writer import Writer

THERE = "EXISTS (SELECT 1 FROM portal WHERE portal.id = job.portal AND removed IS NULL)"
ONE = f"SELECT {COLUMNS} FROM job WHERE portal = ? AND id = ? AND {THERE}"
OPEN = f"SELECT {COLUMNS} FROM job WHERE completed IS NULL ORDER BY requested, id"
PAGE = (
    f"SELECT {COLUMNS} FROM job WHERE portal = ? AND kind = ? AND CAST(id AS INTEGER) >= ? AND {THERE} "
    "ORDER BY CAST(id AS INTEGER) LIMIT ?"
)
AHEAD = (
    "SELECT count(*) FROM job WHERE portal = ? AND kind = ? AND completed IS NULL "
    "AND CAST(id AS INTEGER) < CAST(? AS INTEGER)"
)
COUNT = "SELECT count(*) FROM job WHERE portal = ? AND kind = ? AND completed IS NULL"
TALLY = "SELECT kind, count(*) FROM job WHERE completed IS NULL GROUP BY kind"
NUMBER = (
    "INSERT INTO counter (portal, name, last) VALUES (?, 'job', 1) "
    "ON CONFLICT (portal, name) DO UPDATE SET last = last + 1 RETURNING last"
)
INSERT = f"INSERT INTO job ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
INSERT_CHUNK = "INSERT INTO job_chunk (portal, job, chunk, inputs) VALUES (?, ?, ?, ?)"
INPUTS = "SELECT inputs FROM job_chunk WHERE portal = ? AND job = ? AND chunk = ?"
OUTCOMES = (
    "SELECT outcome FROM job_chunk WHERE portal = ? AND job = ? AND chunk >= ? AND outcome IS NOT NULL "
    "ORDER BY chunk LIMIT ?"
)
HOLDERS = (
    "SELECT c.rowid, instr(coalesce(c.outcome, x''), ?) FROM job_chunk AS c "
    "JOIN job AS j ON j.portal = c.portal AND j.id = c.job AND j.kind = ? "
    "WHERE c.portal = ? AND c.rowid > ? ORDER BY c.rowid LIMIT ?"
)
OUTCOME = "SELECT outcome FROM job_chunk WHERE rowid = ? AND outcome IS NOT NULL"
AMEND = "UPDATE job_chunk SET outcome = ? WHERE rowid = ?"
DUE = "SELECT chunk + 1 = chunks FROM job WHERE portal = ? AND id = ? AND chunk = ? AND completed IS NULL"
KEEP = (
    "INSERT INTO job_chunk (outcome, portal, job, chunk) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (portal, job, chunk) DO UPDATE SET inputs = NULL, outcome = excluded.outcome"
)
"""A job of which nobody knew how many chunks it would have has no rows for them before."""
ADVANCE = (
    "UPDATE job SET state = ?, progress = ?, chunk = chunk + 1, started = coalesce(started, max(?, requested)), "
    "completed = max(?, requested, coalesce(started, 0)) WHERE portal = ? AND id = ?"
)
CANCEL = (
    "UPDATE job SET state = ?, completed = max(?, requested, coalesce(started, 0)) "
    "WHERE portal = ? AND id = ? AND completed IS NULL"
)
DROP_INPUTS = "UPDATE job_chunk SET inputs = NULL WHERE portal = ? AND job = ? AND inputs IS NOT NULL"
OLDEST = "SELECT portal, id FROM job WHERE completed < ? LIMIT 1"
FORGET = "DELETE FROM job WHERE portal = ? AND id = ?"

AT_ONCE = 10
"""Outcomes that are read in one go; each may be large, and nobody else is served meanwhile."""


class SqliteJobs:
    """See `trunkline.store.protocol.Jobs`. What it reads is committed; what it writes goes through the writer."""

    def __init__(
        self, connection: apsw.Connection, reader: apsw.Connection, writer: Writer, now: Callable[[int], Moment]
    ) -> None:
        self._connection = connection
        self._reader = reader
        self._writer = writer
        self._now = now

    async def enlist(self, job: Job, chunks: Sequence[bytes], limit: int) -> Job:
        """Keeps a new job and what each chunk of it shall do; raises `TooManyJobs` and `Unauthenticated`."""

        def work() -> Job:
            execute = self._connection.execute
            version(self._connection, job.portal)
            (count,) = _row(execute(COUNT, (job.portal, job.kind)))
            if count >= limit:
                raise TooManyJobs(limit, job.kind)
            kept = job if job.id else replace(job, id=str(_row(execute(NUMBER, (job.portal,)))[0]))
            execute(INSERT, job_row(kept))
            rows = [(job.portal, kept.id, number, inputs) for number, inputs in enumerate(chunks)]
            self._connection.executemany(INSERT_CHUNK, rows)
            return kept

        return await self._writer.submit(work)

    async def get(self, portal: int, id_: str) -> Job | None:
        """A job as it stands."""
        rows = self._reader.execute(ONE, (portal, id_)).fetchall()
        return job_of(rows[0]) if rows else None

    async def open(self) -> list[Job]:
        """The jobs of all portals that are not completed, the oldest first."""
        return [job_of(row) for row in self._reader.execute(OPEN)]

    async def tally(self) -> dict[JobKind, int]:
        """How many jobs of each kind are not completed, in all portals."""
        rows: Any = self._reader.execute(TALLY).fetchall()
        return dict.fromkeys(get_args(JobKind), 0) | dict(rows)

    async def page(self, portal: int, kind: JobKind, first: int, limit: int) -> list[Job]:
        """The jobs of a portal and of a kind that has numbers, at most `limit` from a number on, in their order."""
        return [job_of(row) for row in self._reader.execute(PAGE, (portal, kind, first, limit))]

    async def ahead(self, job: Job) -> int:
        """How many open jobs of the same portal and kind, which has numbers, came before this one."""
        return int(_row(self._reader.execute(AHEAD, (job.portal, job.kind, job.id)))[0])

    async def chunk(self, job: Job) -> bytes:
        """What the next chunk of a job shall do; raises `JobMoved` when it is not kept any more."""
        rows: list[Any] = self._reader.execute(INPUTS, (job.portal, job.id, job.chunk)).fetchall()
        if not rows or rows[0][0] is None:
            raise JobMoved
        return bytes(rows[0][0])

    async def outcomes(self, portal: int, id_: str) -> list[bytes]:
        """What was kept of each chunk that was carried out, in order."""
        found: list[bytes] = []
        while True:
            rows: list[Any] = self._reader.execute(OUTCOMES, (portal, id_, len(found), AT_ONCE)).fetchall()
            found += [outcome for (outcome,) in rows]
            if len(rows) < AT_ONCE:
                return found
            await asyncio.sleep(0)

    async def some_outcomes(self, portal: int, id_: str, first: int, limit: int) -> list[bytes]:
        """What was kept of at most `limit` chunks from one on."""
        rows: list[Any] = self._reader.execute(OUTCOMES, (portal, id_, first, limit)).fetchall()
        return [outcome for (outcome,) in rows]

    async def amend(self, portal: int, kind: JobKind, holding: bytes, change: Callable[[bytes], bytes]) -> None:
        """Changes the outcomes of a portal's jobs of one kind that hold some bytes."""

        def work(row: int) -> None:
            rows: list[Any] = self._connection.execute(OUTCOME, (row,)).fetchall()
            self._connection.executemany(AMEND, [(change(outcome), row) for (outcome,) in rows])

        last = 0
        while True:
            rows: list[Any] = self._reader.execute(HOLDERS, (holding, kind, portal, last, AT_ONCE)).fetchall()
            for row, place in rows:
                if place:
                    await self._writer.submit(partial(work, row))
            if len(rows) < AT_ONCE:
                return
            last = rows[-1][0]
            await asyncio.sleep(0)

    async def advance(self, step: Step, plan: Plan) -> None:
        """Makes a step that writes no record; raises `JobMoved`."""

        def work() -> None:
            last = self.due(step)
            self.keep(step, last, step.outcome(plan), step.progress(plan))

        await self._writer.submit(work)

    async def cancel(self, portal: int, id_: str, state: JobState = "CANCELED") -> None:
        """Completes an open job before its end, as canceled; one that is completed stays as it is."""

        def work() -> None:
            before = self._connection.total_changes()
            self._connection.execute(CANCEL, (state, self._now(portal), portal, id_))
            if self._connection.total_changes() != before:
                self._connection.execute(DROP_INPUTS, (portal, id_))

        await self._writer.submit(work)

    async def forget(self, before: Moment) -> None:
        """Removes the jobs that were completed before a moment, each in a turn of its own: they may be large."""

        def work() -> bool:
            rows = self._connection.execute(OLDEST, (before,)).fetchall()
            self._connection.executemany(FORGET, rows)
            return bool(rows)

        while await self._writer.submit(work):
            pass

    def due(self, step: Step) -> bool:
        """Whether a step is the last of its job; raises `JobMoved` unless it is due. Inside the transaction."""
        rows: list[Any] = self._connection.execute(DUE, (step.portal, step.job, step.chunk)).fetchall()
        if not rows:
            raise JobMoved
        return bool(rows[0][0])

    def keep(self, step: Step, last: bool, outcome: bytes, progress: bytes) -> None:
        """Keeps the outcome of a chunk and makes the step. Inside the transaction."""
        ends = end_of(step, last)
        completed = max(self._now(step.portal), step.started) if ends else None
        self._connection.execute(KEEP, (outcome, step.portal, step.job, step.chunk))
        bound = (ends or "PROCESSING", progress, step.started, completed, step.portal, step.job)
        self._connection.execute(ADVANCE, bound)
        if step.ends:
            self._connection.execute(DROP_INPUTS, (step.portal, step.job))


def _row(cursor: apsw.Cursor) -> Any:
    return cursor.fetchall()[0]
