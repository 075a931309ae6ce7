"""What every storage engine must do for batches that are carried out later. Its own tests subclass this, too."""

import asyncio
from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace
from store.conformance import CALLS, Test, create

from trunkline.crm.plan import Found, Plan, Wanted
from trunkline.errors import TooManyJobs
from trunkline.store.protocol import Job, JobKind, JobMoved, StaleCatalog, Step, Store

LIMIT = 100


NUMBERED: tuple[JobKind, ...] = ("import", "import", "export")


def job(portal: int, id_: str = "j", *, chunks: int = 2, requested: int = 1_000, kind: JobKind = "batch") -> Job:
    asked = b"\0asked\xff"
    return Job(
        portal=portal, kind=kind, id=id_, asked=asked, state="PENDING", chunk=0, chunks=chunks, requested=requested
    )


def step(job: Job, chunk: int, *, started: int = 2_000) -> Step:
    """A step whose outcome is the number of the records that its chunk makes."""
    return Step(job.portal, job.id, chunk, started, lambda plan: str(len(plan.creates)).encode())


def said(what: bytes, plan: Plan) -> bytes:
    return what


async def enlist(store: Store, job: Job) -> Job:
    await store.jobs.enlist(job, [f"inputs {n}".encode() for n in range(job.chunks)], LIMIT)
    return job


async def write(store: Store, step: Step, *refs: str, version: int = 1) -> Plan:
    return await store.write(step.portal, CALLS, version, Wanted(room=len(refs)), create(*refs), step)


async def stored(store: Store, portal: int, *refs: str) -> list[str]:
    return [r.properties["ref"] for r in await store.read(portal, CALLS, [], [("ref", ref) for ref in refs])]


class JobsConformance:
    """The behaviour that `trunkline.store.protocol.Jobs` promises."""

    def run(self, test: Test) -> None:
        raise NotImplementedError

    def test_a_job_is_kept_as_it_was_enlisted(self) -> None:
        async def test(store: Store, portal: int) -> None:
            kept = await enlist(store, job(portal))
            assert await store.jobs.get(portal, "j") == kept
            assert await store.jobs.get(portal, "other") is None
            assert await store.jobs.get(portal + 1, "j") is None
            assert await store.jobs.chunk(kept) == b"inputs 0"
            assert await store.jobs.chunk(replace(kept, chunk=1)) == b"inputs 1"
            assert await store.jobs.outcomes(portal, "j") == []

        self.run(test)

    def test_open_jobs_come_oldest_first(self) -> None:
        async def test(store: Store, portal: int) -> None:
            for id_, requested in (("late", 30), ("early", 10), ("middle", 20), ("done", 5), ("canceled", 6)):
                await enlist(store, job(portal, id_, chunks=1, requested=requested))
            await write(store, step(job(portal, "done"), 0))
            await store.jobs.cancel(portal, "canceled")
            assert [job.id for job in await store.jobs.open()] == ["early", "middle", "late"]

        self.run(test)

    def test_a_step_and_what_its_chunk_writes_are_kept_together(self) -> None:
        async def test(store: Store, portal: int) -> None:
            kept = await enlist(store, job(portal))
            await write(store, step(kept, 0, started=2_000), "A", "B")
            first = await store.jobs.get(portal, "j")
            assert first == replace(kept, state="PROCESSING", chunk=1, started=2_000)
            await write(store, step(kept, 1, started=3_000), "C")
            last = await store.jobs.get(portal, "j")
            assert last is not None and last.completed is not None and last.completed > 3_000
            assert last == replace(first, state="COMPLETE", chunk=2, completed=last.completed)
            assert await store.jobs.outcomes(portal, "j") == [b"2", b"1"]
            assert await stored(store, portal, "A", "B", "C") == ["A", "B", "C"]
            assert await store.jobs.open() == []

        self.run(test)

    def test_a_job_never_starts_before_it_was_requested(self) -> None:
        async def test(store: Store, portal: int) -> None:
            late = 2**45
            kept = await enlist(store, job(portal, chunks=1, requested=late))
            await write(store, step(kept, 0, started=7), "A")
            done = await store.jobs.get(portal, "j")
            assert done is not None and (done.started, done.completed) == (late, late)

        self.run(test)

    @pytest.mark.parametrize("chunk", [0, 2])
    def test_a_step_that_is_not_due_writes_nothing(self, chunk: int) -> None:
        async def test(store: Store, portal: int) -> None:
            kept = await enlist(store, job(portal, chunks=3))
            await write(store, step(kept, 0), "A")
            before = await store.jobs.get(portal, "j")
            with pytest.raises(JobMoved):
                await write(store, step(kept, chunk), "B")
            with pytest.raises(JobMoved):
                await store.jobs.advance(step(kept, chunk), Plan(1, 5))
            assert await stored(store, portal, "B") == []
            assert await store.jobs.get(portal, "j") == before

        self.run(test)

    def test_of_two_that_make_the_same_step_one_does(self) -> None:
        async def test(store: Store, portal: int) -> None:
            kept = await enlist(store, job(portal))
            results: list[Any] = await asyncio.gather(
                *(write(store, step(kept, 0), ref) for ref in "ABCDE"), return_exceptions=True
            )
            assert sorted(type(result).__name__ for result in results) == ["JobMoved"] * 4 + ["Plan"]
            assert len(await stored(store, portal, *"ABCDE")) == 1
            assert await store.jobs.outcomes(portal, "j") == [b"1"]

        self.run(test)

    def test_a_step_of_nobodys_job_writes_nothing(self) -> None:
        async def test(store: Store, portal: int) -> None:
            with pytest.raises(JobMoved):
                await write(store, step(job(portal), 0), "A")
            assert await stored(store, portal, "A") == []

        self.run(test)

    def test_a_step_without_records(self) -> None:
        async def test(store: Store, portal: int) -> None:
            kept = await enlist(store, job(portal, chunks=1))
            await store.jobs.advance(step(kept, 0), Plan(1, 5))
            done = await store.jobs.get(portal, "j")
            assert done is not None and done.state == "COMPLETE"
            assert await store.jobs.outcomes(portal, "j") == [b"0"]

        self.run(test)

    def test_a_chunk_that_fails_is_not_a_step(self) -> None:
        async def test(store: Store, portal: int) -> None:
            kept = await enlist(store, job(portal))
            await store.write(portal, CALLS, 1, Wanted(room=1), create("taken"))

            def fail(plan: Plan) -> bytes:
                raise ZeroDivisionError

            def refuse(found: Found) -> Plan:
                raise ZeroDivisionError

            with pytest.raises(ZeroDivisionError):
                await write(store, Step(portal, "j", 0, 1, fail), "A")
            with pytest.raises(ZeroDivisionError):
                await store.write(portal, CALLS, 1, Wanted(), refuse, step(kept, 0))
            with pytest.raises(ZeroDivisionError):
                await store.jobs.advance(Step(portal, "j", 0, 1, fail), Plan(1, 5))
            with pytest.raises(Exception, match=r"(?i)unique"):
                await write(store, step(kept, 0), "B", "taken")
            with pytest.raises(StaleCatalog):
                await write(store, step(kept, 0), "C", version=7)
            assert await store.jobs.get(portal, "j") == kept
            assert await stored(store, portal, "A", "B", "C") == []
            await write(store, step(kept, 0), "A")
            assert await store.jobs.outcomes(portal, "j") == [b"1"]

        self.run(test)

    def test_a_canceled_job_keeps_what_was_done(self) -> None:
        async def test(store: Store, portal: int) -> None:
            kept = await enlist(store, job(portal, chunks=3))
            await write(store, step(kept, 0), "A")
            await store.jobs.cancel(portal, "j")
            canceled = await store.jobs.get(portal, "j")
            assert canceled is not None and canceled.completed is not None and canceled.completed > 2_000
            assert canceled == replace(kept, state="CANCELED", chunk=1, started=2_000, completed=canceled.completed)
            with pytest.raises(JobMoved):
                await write(store, step(kept, 1), "B")
            with pytest.raises(JobMoved):
                await store.jobs.chunk(canceled)
            await store.jobs.cancel(portal, "j")
            assert await store.jobs.get(portal, "j") == canceled
            assert await store.jobs.outcomes(portal, "j") == [b"1"]
            assert await stored(store, portal, "A", "B") == ["A"]

        self.run(test)

    def test_a_step_and_a_cancel_at_once_leave_one_or_the_other(self) -> None:
        async def test(store: Store, portal: int) -> None:
            for first in (True, False):
                kept = await enlist(store, job(portal, str(first)))
                parts = [write(store, step(kept, 0), kept.id), store.jobs.cancel(portal, kept.id)]
                results = await asyncio.gather(*(parts if first else reversed(parts)), return_exceptions=True)
                made = [isinstance(result, Plan) for result in results].count(True)
                assert [isinstance(result, JobMoved) for result in results].count(True) == 1 - made
                canceled = await store.jobs.get(portal, kept.id)
                assert canceled is not None and (canceled.state, canceled.chunk) == ("CANCELED", made)
                assert await store.jobs.outcomes(portal, kept.id) == [b"1"] * made
                assert await stored(store, portal, kept.id) == [kept.id] * made

        self.run(test)

    def test_a_job_without_an_id_gets_the_next_number_of_its_portal(self) -> None:
        async def test(store: Store, portal: int) -> None:
            made = [await store.jobs.enlist(job(portal, "", kind=kind), [b"i"] * 2, LIMIT) for kind in NUMBERED]
            assert [(one.id, one.kind) for one in made] == [("1", "import"), ("2", "import"), ("3", "export")]
            assert [await store.jobs.get(portal, one.id) for one in made] == made
            await enlist(store, job(portal, "named"))
            assert await store.jobs.page(portal, "import", 0, 9) == made[:2]
            assert await store.jobs.page(portal, "import", 2, 9) == made[1:2]
            assert await store.jobs.page(portal, "import", 0, 1) == made[:1]
            assert await store.jobs.page(portal + 1, "import", 0, 9) == []
            assert [await store.jobs.ahead(one) for one in made] == [0, 1, 0]
            await store.jobs.cancel(portal, "1", "FAILED")
            failed = await store.jobs.get(portal, "1")
            assert failed is not None and failed.state == "FAILED"
            assert [await store.jobs.ahead(one) for one in made] == [0, 0, 0]
            await store.jobs.forget(2**62)
            assert (await store.jobs.enlist(job(portal, "", kind="export"), [b"i"], LIMIT)).id == "4"

        self.run(test)

    def test_each_kind_has_a_limit_of_its_own(self) -> None:
        async def test(store: Store, portal: int) -> None:
            for kind in NUMBERED:
                await store.jobs.enlist(job(portal, "", kind=kind), [b"i"], 2)
            with pytest.raises(TooManyJobs, match="2 imports"):
                await store.jobs.enlist(job(portal, "", kind="import"), [b"i"], 2)
            await store.jobs.enlist(job(portal, "", kind="export"), [b"i"], 2)

        self.run(test)

    def test_a_job_of_unknown_length_ends_with_the_step_that_says_so(self) -> None:
        async def test(store: Store, portal: int) -> None:
            kept = await store.jobs.enlist(job(portal, "", chunks=0, kind="export"), [], LIMIT)
            for chunk in range(3):
                made = Step(portal, kept.id, chunk, 5_000, partial(said, b"%d" % chunk), partial(said, b"p%d" % chunk))
                await store.jobs.advance(made, Plan(1, 5))
            told = await store.jobs.get(portal, kept.id)
            assert told is not None and (told.state, told.chunk, told.progress) == ("PROCESSING", 3, b"p2")
            await store.jobs.advance(Step(portal, kept.id, 3, 6_000, lambda plan: b"3", ends="COMPLETE"), Plan(1, 5))
            told = await store.jobs.get(portal, kept.id)
            assert told is not None and (told.state, told.chunk) == ("COMPLETE", 4) and told.completed is not None
            assert await store.jobs.outcomes(portal, kept.id) == [b"0", b"1", b"2", b"3"]
            assert await store.jobs.some_outcomes(portal, kept.id, 1, 2) == [b"1", b"2"]

        self.run(test)

    def test_a_job_may_end_before_its_last_chunk(self) -> None:
        async def test(store: Store, portal: int) -> None:
            kept = await enlist(store, job(portal, chunks=3))
            await store.jobs.advance(Step(portal, "j", 0, 5_000, lambda plan: b"no", ends="FAILED"), Plan(1, 5))
            told = await store.jobs.get(portal, "j")
            assert told is not None and (told.state, told.chunk) == ("FAILED", 1)
            with pytest.raises(JobMoved):
                await store.jobs.chunk(replace(kept, chunk=1))
            assert await store.jobs.open() == []

        self.run(test)

    def test_outcomes_that_hold_something_are_amended(self) -> None:
        async def test(store: Store, portal: int) -> None:
            for id_ in ("one", "two"):
                kept = await enlist(store, job(portal, id_, chunks=12))
                for chunk in range(11):
                    await write(store, step(kept, chunk), *(f"{id_}-{chunk}-{n}" for n in range(chunk)))
            await store.jobs.amend(portal + 1, "batch", b"1", lambda outcome: b"never")
            await store.jobs.amend(portal, "export", b"1", lambda outcome: b"never")
            await store.jobs.amend(portal, "batch", b"1", lambda outcome: outcome + b"!")
            await store.jobs.amend(portal, "batch", b"7", lambda outcome: b"")
            for id_ in ("one", "two"):
                expected = [b"0", b"1!", *(str(n).encode() for n in range(2, 7)), b"", b"8", b"9", b"10!"]
                assert await store.jobs.outcomes(portal, id_) == expected
            assert len(await store.jobs.open()) == 2

        self.run(test)

    def test_a_completed_job_cannot_be_canceled(self) -> None:
        async def test(store: Store, portal: int) -> None:
            kept = await enlist(store, job(portal, chunks=1))
            await write(store, step(kept, 0), "A")
            before = await store.jobs.get(portal, "j")
            await store.jobs.cancel(portal, "j")
            await store.jobs.cancel(portal, "nobody's")
            assert await store.jobs.get(portal, "j") == before

        self.run(test)

    def test_a_portal_has_so_many_open_jobs(self) -> None:
        async def test(store: Store, portal: int) -> None:
            for id_ in ("a", "b"):
                await store.jobs.enlist(job(portal, id_, chunks=1), [b""], 2)
            with pytest.raises(TooManyJobs):
                await store.jobs.enlist(job(portal, "c"), [b""], 2)
            assert await store.jobs.get(portal, "c") is None
            await store.jobs.cancel(portal, "a")
            await store.jobs.enlist(job(portal, "c", chunks=1), [b""], 2)
            assert sorted(job.id for job in await store.jobs.open()) == ["b", "c"]

        self.run(test)

    def test_old_jobs_are_forgotten_and_open_ones_are_not(self) -> None:
        async def test(store: Store, portal: int) -> None:
            for id_ in ("open", "done", "canceled"):
                await enlist(store, job(portal, id_, chunks=1))
            await write(store, step(job(portal, "done"), 0), "A")
            await store.jobs.cancel(portal, "canceled")
            await store.jobs.forget(2_000)
            assert await store.jobs.get(portal, "done") is not None
            await store.jobs.forget(2**50)
            assert [await store.jobs.get(portal, id_) for id_ in ("done", "canceled")] == [None, None]
            assert await store.jobs.outcomes(portal, "done") == []
            assert await store.jobs.get(portal, "open") is not None
            assert await stored(store, portal, "A") == ["A"]

        self.run(test)
