"""The operations on exports: files of records that are written in the background (`trunkline.http.exporting`)."""

from collections.abc import Mapping
from typing import Literal

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from trunkline.crm.association import record_number
from trunkline.crm.search import compiled
from trunkline.crm.values import moment
from trunkline.errors import ExportForbidden, InvalidExport, RecordNotFound, UnknownObjectType
from trunkline.http.call import Answer, Call
from trunkline.http.download import link
from trunkline.http.exporting import Asked, Progress, pack, unpack, unpack_progress
from trunkline.http.guard import admit
from trunkline.http.later import MOST_OPEN
from trunkline.http.population import Population
from trunkline.store.protocol import Job, JobState
from trunkline.wire import exports as wire

MOST_PROPERTIES = 1_000
MOST_OTHERS = 10
"""Properties, and associated object types, of one export (chosen: differences)."""

Status = Literal["CANCELED", "COMPLETE", "PENDING", "PROCESSING"]
State = Literal["CANCELED", "DONE", "ENQUEUED", "FAILED", "PROCESSING"]

STATUSES: Mapping[JobState, tuple[Status, State]] = {
    "PENDING": ("PENDING", "ENQUEUED"),
    "PROCESSING": ("PROCESSING", "PROCESSING"),
    "COMPLETE": ("COMPLETE", "DONE"),
    "CANCELED": ("CANCELED", "CANCELED"),
    "FAILED": ("CANCELED", "FAILED"),
}
"""By the state of the job, the status of its task, which knows no failure, and the state of the export."""


async def start_export(call: Call) -> Answer:
    """Start an export of records to a file."""
    asked = await _checked(call, wire.decode(call.body))
    job = Job(
        portal=call.portal,
        kind="export",
        id="",
        asked=pack(Asked(app=call.caller.app, export=asked)),
        state="PENDING",
        chunk=0,
        chunks=0,
        requested=call.now(),
        progress=pack(Progress()),
    )
    job = await call.state.store.jobs.enlist(job, [], MOST_OPEN)
    call.state.enlisted.set()
    path = f"{call.request.url.path.rstrip('/')}/tasks/{job.id}/status"
    status = str(call.request.url.replace(path=path, query=""))
    return Answer(call.status, msgspec.json.encode(wire.TaskLocator(job.id, {"status": status})))


async def show_status(call: Call) -> Answer:
    """Tell how far an export is, and once it is done where its file is, for the next minutes."""
    job = await _job(call, call.path["task"])
    if job is None:
        raise ExportForbidden(call.path["task"][:100], call.portal)
    started = job.started or job.requested
    answer = wire.ExportStatus(
        status=STATUSES[job.state][0],
        result=link(call, job) if job.state == "COMPLETE" else UNSET,
        requested_at=moment(job.requested),
        started_at=moment(started),
        # HubSpot's own clients refuse an answer without it, even of what is not completed (behaviour 15.9).
        completed_at=moment(job.completed or max(call.now(), started)),
    )
    return Answer(call.status, msgspec.json.encode(answer))


async def get(call: Call) -> Answer:
    """Tell of an export."""
    job = await _job(call, call.path["export"])
    if job is None:
        raise RecordNotFound
    export = unpack(job.asked).export
    answer = wire.PublicExportResponse(
        id=job.id,
        export_type=export.kind,
        export_name=export.name,
        export_state=STATUSES[job.state][1],
        object_type=call.state.catalog(call.portal).type(export.type).name,
        object_properties=export.properties,
        record_count=unpack_progress(job.progress).count if job.state == "COMPLETE" else UNSET,
        created_at=moment(job.requested),
        updated_at=moment(job.completed or job.started or job.requested),
    )
    return Answer(call.status, msgspec.json.encode(answer))


async def _checked(call: Call, asked: wire.Export) -> wire.Export:
    """The same with each type by its id, once everything in it is known and the caller may read it.

    Raises `InvalidExport`, `UnknownObjectType`, `ListNotFound`, `MissingScopes`, and what a search raises.
    """
    catalog = call.state.catalog(call.portal)
    type_, others = catalog.type(asked.type), [catalog.type(other) for other in asked.others]
    for one in (type_, *others):
        await admit(call.state, call.request, call.caller, one.data, "read")
    if len(asked.properties) > MOST_PROPERTIES:
        raise InvalidExport(f"An export may have at most {MOST_PROPERTIES} properties.", "objectProperties")
    if len(others) > MOST_OTHERS:
        raise InvalidExport(f"An export may have at most {MOST_OTHERS} associated types.", "associatedObjectType")
    unknown = next((name for name in asked.properties if name not in type_.properties), None)
    if unknown is not None:
        raise InvalidExport(f'Property "{unknown[:200]}" does not exist', "objectProperties")
    compiled(wire.decode_search(asked.search), type_, catalog)
    if asked.list and (await Population(call.state, call.portal).shelf()).list(asked.list).type != type_.id:
        raise InvalidExport("The list has records of another object type.", "objectType")
    ids = list(dict.fromkeys(other.id for other in others))
    return replace(asked, type=type_.id, others=ids, properties=list(dict.fromkeys(asked.properties)))


async def _job(call: Call, id_: str) -> Job | None:
    """The export of an id; raises `MissingScopes` for one of what the caller may not read."""
    job = await call.state.store.jobs.get(call.portal, str(record_number(id_)))
    if job is None or job.kind != "export":
        return None
    export, catalog = unpack(job.asked).export, call.state.catalog(call.portal)
    try:
        types = [catalog.type(type_id) for type_id in (export.type, *export.others)]
    except UnknownObjectType:
        return None
    for type_ in types:
        await admit(call.state, call.request, call.caller, type_.data, "read")
    return job
