"""Jobs as rows of every engine: the columns of `job` are the members of a `Job`."""

from collections.abc import Iterable
from typing import Any

from msgspec.structs import astuple

from trunkline.store.protocol import Job, JobState, Step

COLUMNS = ", ".join(Job.__struct_fields__)


def job_of(row: Iterable[Any]) -> Job:
    """A job of a row of `COLUMNS`."""
    return Job(**dict(zip(Job.__struct_fields__, row, strict=True)))


def job_row(job: Job) -> tuple[Any, ...]:
    """The values of `COLUMNS`."""
    return astuple(job)


def end_of(step: Step, last: bool) -> JobState | None:
    """The state in which a step completes its job, unless more steps follow."""
    return step.ends or ("COMPLETE" if last else None)
