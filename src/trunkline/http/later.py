"""Batches that are carried out later: taking them, telling how far they are, and canceling them.

A client asks for it with `Prefer: respond-async` (RFC 7240). `trunkline.http.worker` carries them out.
"""

import re
from collections.abc import Iterable
from functools import partial

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from trunkline.crm import oversight
from trunkline.crm.batch import Batch, Operation, check_later
from trunkline.crm.catalog import Catalog, ObjectType
from trunkline.crm.values import moment
from trunkline.crm.warning import Warning
from trunkline.crm.write import Write
from trunkline.errors import RecordNotFound
from trunkline.http.asked import Asked, asked, decoded
from trunkline.http.call import Answer, Call, State, with_catalog
from trunkline.http.carrying import work_of
from trunkline.store.protocol import Job
from trunkline.wire import exports
from trunkline.wire import later as wire
from trunkline.wire.batch import BatchResponse, encode
from trunkline.wire.record import place

PREFERENCE = "respond-async"

CHUNK = 100
"""Inputs that are carried out together, in one transaction."""

LOOKED_AT = 500
"""Inputs whose values are looked at when a batch is taken, for warnings alone."""

MOST_OPEN = 100
"""Batches of one portal that may wait or be under way."""

_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')

pack = msgspec.msgpack.Encoder().encode
unpack = msgspec.msgpack.Decoder(Asked).decode


def is_wanted(call: Call) -> bool:
    """Whether one of the preferences of a request is `respond-async`, in any case; the first of that name counts."""
    header = ",".join(call.request.headers.getlist("prefer"))
    plain = _QUOTED.sub(lambda quoted: "quoted" if quoted[1] else "", header)
    for preference in plain.split(","):
        name, _, value = preference.partition(";")[0].partition("=")
        if name.strip().lower() == PREFERENCE:
            return not value.strip()
    return False


async def enlist(call: Call, operation: Operation) -> Answer:
    """Keeps a batch for later, once it is read and checked as a whole."""
    request = asked(call, operation)
    batch = decoded(request, call.body)

    async def check(catalog: Catalog, type_: ObjectType) -> None:
        check_later(batch, type_)

    await with_catalog(call, check)
    call.warnings += _warnings(replace(batch, each=True), call.type, call.state.catalog(call.portal))
    past = list(batch.past) if operation == "read" else []
    kept = replace(request, names=list(batch.names), past=past, id_property=batch.id_property, size=CHUNK)
    chunks = wire.split(call.body, CHUNK)
    job = Job(
        portal=call.portal,
        id=call.state.clock.identifier(),
        asked=pack(kept),
        state="PENDING",
        chunk=0,
        chunks=len(chunks),
        requested=call.now(),
    )
    await call.state.store.jobs.enlist(job, chunks, MOST_OPEN)
    call.state.enlisted.set()
    link = _link(call, call.request.url.path.rpartition("/")[0] + f"/requests/{job.id}")
    return Answer(202, encode(_told(job, link)), {"preference-applied": PREFERENCE, "location": link})


def _warnings(batch: Batch, type_: ObjectType, catalog: Catalog) -> list[Warning]:
    """What is told of a batch when it is taken: who makes a mistake with values makes it with the first ones, too."""
    found = oversight.of_batch(batch, type_) + oversight.of_names([*batch.names, *batch.past], type_)
    if batch.operation in ("create", "update", "upsert"):
        work = work_of(replace(batch, inputs=batch.inputs[:LOOKED_AT]), type_, catalog)
        found += oversight.of_values(work.checked) if isinstance(work, Write) else ()
    return found


async def show(call: Call) -> Answer:
    """Tell how far a batch is that is carried out later, and once it is done, what became of its inputs."""
    return await _shown(call, await _job(call))


async def cancel(call: Call) -> Answer:
    """Cancel what is left of a batch that is carried out later, and tell what was done of it."""
    job = await _job(call)
    if job.completed is None:
        await call.state.store.jobs.cancel(job.portal, job.id)
        job = await _job(call)
    return await _shown(call, job)


async def erase(state: State, portal: int, type_: ObjectType, ids: Iterable[int]) -> None:
    """Takes all that batches told of these records out of their results, and the records out of files of exports.

    All of that goes before its `job_days` are over.
    """
    for id_ in ids:
        end = place(type_, id_)
        sought = f'{end}"'.encode()
        await state.store.jobs.amend(portal, "batch", sought, partial(wire.without, url_end=end))
        await state.store.jobs.amend(portal, "export", sought, partial(exports.without, url_end=end))


async def _job(call: Call) -> Job:
    """The job that the path means; raises `RecordNotFound`, and `MissingScopes` as the batch itself would."""
    job = await call.state.store.jobs.get(call.portal, call.path["job"])
    if job is None or job.kind != "batch":
        raise RecordNotFound
    try:
        request = unpack(job.asked)
    except msgspec.MsgspecError as cause:
        raise RecordNotFound from cause
    if request.type != call.type.id:
        raise RecordNotFound
    call.caller.require(call.type.data.scopes["read" if request.operation == "read" else "write"])
    return job


async def _shown(call: Call, job: Job) -> Answer:
    """A job's state; its results come when it is done, so that asking how far it is stays cheap."""
    outcomes = await call.state.store.jobs.outcomes(job.portal, job.id) if job.completed is not None else []
    return Answer(call.status, wire.listing(_told(job, _link(call, call.request.url.path)), outcomes))


def _told(job: Job, link: str) -> BatchResponse:
    return BatchResponse(
        status="CANCELED" if job.state == "FAILED" else job.state,
        results=(),
        requested_at=moment(job.requested),
        started_at=UNSET if job.started is None else moment(job.started),
        completed_at=UNSET if job.completed is None else moment(job.completed),
        links={"status": link},
    )


def _link(call: Call, path: str) -> str:
    return str(call.request.url.replace(path=path, query=""))
