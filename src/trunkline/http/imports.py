"""The operations on imports: files of rows that become records in the background (`trunkline.http.importing`)."""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import BinaryIO
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from trunkline.crm.association import record_number
from trunkline.crm.catalog import Catalog, ObjectType
from trunkline.crm.importing import File, Import, checked
from trunkline.crm.portion import Parting, Portion
from trunkline.crm.rows import Fault
from trunkline.crm.values import moment
from trunkline.errors import InvalidImport, InvalidParameter, LimitOutOfRange, RecordNotFound, UnknownObjectType
from trunkline.http.call import Answer, Call
from trunkline.http.guard import admit
from trunkline.http.importing import Asked, Counters, Outcome, pack, unpack, unpack_counters, unpack_outcome
from trunkline.http.later import MOST_OPEN
from trunkline.http.paging import next_page, start
from trunkline.http.upload import uploaded
from trunkline.http.worker import AT_ONCE
from trunkline.store.protocol import Job, JobState
from trunkline.wire import imports as wire
from trunkline.wire.sheet import UnreadableFile, rows

LARGEST_PAGE = 100
DEFAULT_PAGE = 10
"""Imports, and errors, of one page (chosen: differences)."""

FAULTS = 10_000
"""Errors that one chunk may have, in their ids: two for each cell would be fewer."""

AT_A_TIME = 100
"""Chunks that are looked through for errors before others have a turn."""

STATES: Mapping[JobState, wire.State] = {
    "PENDING": "STARTED",
    "PROCESSING": "PROCESSING",
    "COMPLETE": "DONE",
    "CANCELED": "CANCELED",
    "FAILED": "FAILED",
}


async def start_import(call: Call) -> Answer:
    """Start an import of files."""
    async with uploaded(call) as form:
        sent = form.fields.get("importRequest")
        if sent is None:
            raise InvalidImport("The form needs a field importRequest.", "importRequest")
        catalog = call.state.catalog(call.portal)
        asked = checked(wire.decode(sent.encode()), catalog)
        _require_zone(asked.zone)
        for type_id in asked.types:
            await admit(call.state, call.request, call.caller, catalog.type(type_id).data, "write")
        types = {type_id: catalog.type(type_id) for type_id in asked.types}
        parts = await asyncio.to_thread(_parted, asked, form.files, types)
    imported, chunks, counters, refused = parts
    kept = Asked(
        app=call.caller.app, request=bytes(wire.request_json(sent.encode())), imported=imported, refused=refused
    )
    job = Job(
        portal=call.portal,
        kind="import",
        id="",
        asked=pack(kept),
        state="PENDING",
        chunk=0,
        chunks=len(chunks),
        requested=call.now(),
        progress=pack(counters),
    )
    job = await call.state.store.jobs.enlist(job, chunks, MOST_OPEN)
    call.state.enlisted.set()
    return Answer(call.status, msgspec.json.encode(await _told(call, job)))


async def page(call: Call) -> Answer:
    """List the imports of the account."""
    limit, first = _limit(call), start(call)
    jobs = await call.state.store.jobs.page(call.portal, "import", first, limit + 1)
    paging = next_page(call, int(jobs[limit].id)) if len(jobs) > limit else UNSET
    results = [await _told(call, job) for job in jobs[:limit]]
    return Answer(call.status, msgspec.json.encode(wire.ImportPage(results, paging)))


async def get(call: Call) -> Answer:
    """Tell how far an import is."""
    return Answer(call.status, msgspec.json.encode(await _told(call, await _job(call))))


async def cancel(call: Call) -> Answer:
    """Cancel what is left of an import; what was written stays."""
    job = await _job(call)
    if job.completed is None:
        await call.state.store.jobs.cancel(job.portal, job.id)
        job = await _job(call)
    completed = job.completed or call.now()
    status: wire.ActionStatus = "CANCELED" if job.state == "CANCELED" else "COMPLETE"
    return Answer(call.status, wire.action(status, job.requested, job.started or job.requested, completed))


async def list_errors(call: Call) -> Answer:
    """List what is wrong with the rows of an import, in the order in which they were carried out."""
    limit, first = _limit(call), start(call)
    with_message, with_row = _wish(call, "includeErrorMessage"), _wish(call, "includeRowData")
    job = await _job(call)
    found = await _faults(call, job, first, limit + 1)
    paging = next_page(call, found[limit][0]) if len(found) > limit else UNSET
    catalog = call.state.catalog(call.portal)
    results = [_error(job, one, catalog, with_message, with_row) for one in found[:limit]]
    return Answer(call.status, msgspec.json.encode(wire.ImportErrorPage(results, paging)))


def _require_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, LookupError):
        raise InvalidImport(f"{zone[:100]} is no time zone.", "timeZone") from None


def _limit(call: Call) -> int:
    limit = call.number("limit", DEFAULT_PAGE)
    if not 1 <= limit <= LARGEST_PAGE:
        raise LimitOutOfRange(str(limit), LARGEST_PAGE)
    return limit


def _wish(call: Call, name: str) -> bool:
    """A true or false of the query that is true unless it says otherwise (chosen: differences)."""
    text = (call.request.query_params.get(name) or "true").lower()
    if text not in ("true", "false"):
        raise InvalidParameter("query", name)
    return text == "true"


Parts = tuple[Import, list[bytes], Counters, Sequence[Fault]]
"""An import with the places of its columns, its chunks, its first counters, and why its files cannot be read."""


def _parted(asked: Import, files: Mapping[str, BinaryIO], types: Mapping[str, ObjectType]) -> Parts:
    """All rows of an import in chunks; nothing of it is carried out where one of the files cannot be read."""
    parting, chunks, placed = Parting(), list[bytes](), list[File]()
    try:
        for number, file in enumerate(asked.files):
            if file.name not in files:
                raise UnreadableFile("FILE_NOT_FOUND", f"No file of the form is called {file.name[:200]}.")
            lines = rows(files[file.name])
            first = next(lines, None)
            if first is None:
                raise UnreadableFile("INVALID_FILE_TYPE", "The file is empty.", 1)
            placed.append(_placed(file, first[1]))
            content = lines if file.has_header else chain([first], lines)
            chunks += [pack(portion) for portion in parting.part(placed[-1], number, content, types)]
    except UnreadableFile as cause:
        return asked, [b""], {}, [Fault(cause.line, cause.code, cause.message)]
    chunks += [pack(portion) for portion in parting.late]
    if not chunks:
        chunks.append(pack(Portion(file=0, phase="write", type=asked.types[0], lines=(), rows=())))
    columns = sum(file.width for file in placed)
    mapped = len({(n, one.place) for n, file in enumerate(placed) for one in file.columns})
    counters = {"TOTAL_ROWS": parting.rows, "MAPPED_COLUMNS": mapped, "UNMAPPED_COLUMNS": columns - mapped}
    return replace(asked, files=placed), chunks, counters, ()


def _placed(file: File, first: Sequence[str]) -> File:
    """A file whose columns know where their cells stand, by its first row; raises `UnreadableFile`.

    Of columns of the same name the first mapping means the first.
    """
    if not file.has_header:
        if len(file.columns) > len(first):
            message = f"The file has {len(first)} columns, fewer than are mapped."
            raise UnreadableFile("INVALID_COLUMN_CONFIGURATION", message, 1)
        columns = [replace(one, place=n) for n, one in enumerate(file.columns)]
        return replace(file, columns=columns, width=len(first))
    places: dict[str, list[int]] = {}
    for place, name in enumerate(first):
        places.setdefault(name.strip(), []).append(place)
    columns = []
    for one in file.columns:
        found = places.get(one.name.strip())
        if not found:
            message = f"The file has no column {one.name[:200]}, or fewer than are mapped."
            raise UnreadableFile("INVALID_COLUMN_CONFIGURATION", message, 1)
        columns.append(replace(one, place=found.pop(0)))
    return replace(file, columns=columns, width=len(first))


async def _job(call: Call) -> Job:
    """The import that the path means; raises `RecordNotFound`."""
    number = record_number(call.path["import"])
    job = await call.state.store.jobs.get(call.portal, str(number))
    if job is None or job.kind != "import":
        raise RecordNotFound
    return job


async def _told(call: Call, job: Job) -> wire.PublicImportResponse:
    asked = unpack(job.asked)
    state = STATES[job.state]
    if state == "STARTED" and await call.state.store.jobs.ahead(job) >= AT_ONCE["import"]:
        state = "DEFERRED"
    counters = {} if job.state == "PENDING" else unpack_counters(job.progress)
    return wire.PublicImportResponse(
        state=state,
        import_request_json=msgspec.Raw(asked.request),
        created_at=moment(job.requested),
        updated_at=moment(job.completed or job.started or job.requested),
        metadata=wire.ImportMetadata(
            counters=counters,
            file_ids=[str(_file_id(job, n)) for n in range(len(asked.imported.files))],
        ),
        import_name=asked.imported.name,
        mapped_object_type_ids=asked.imported.types,
        id=job.id,
    )


def _file_id(job: Job, number: int) -> int:
    """An id for a file: nothing can be done with it, but errors name it."""
    return int(job.id) * 100 + number + 1


Told = tuple[int, Fault, Outcome]
"""A fault with its number in the import, and the outcome that has it."""


async def _faults(call: Call, job: Job, first: int, limit: int) -> list[Told]:
    """At most so many faults of an import from a number on; a number says the chunk and the place in it."""
    found: list[Told] = []
    chunk = first // FAULTS
    while len(found) < limit and chunk < min(job.chunk, job.chunks):
        outcomes = await call.state.store.jobs.some_outcomes(job.portal, job.id, chunk, AT_A_TIME)
        if not outcomes:
            break
        for number, kept in enumerate(outcomes, chunk):
            outcome = unpack_outcome(kept)
            numbered = ((number * FAULTS + n, fault, outcome) for n, fault in enumerate(outcome.faults[:FAULTS]))
            found += [one for one in numbered if one[0] >= first]
        chunk += len(outcomes)
        await asyncio.sleep(0)
    return found[:limit]


def _error(job: Job, told: Told, catalog: Catalog, with_message: bool, with_row: bool) -> wire.PublicImportError:
    number, fault, outcome = told
    line, cells = outcome.rows[fault.row]
    return wire.PublicImportError(
        id=str(number),
        created_at=job.started or job.requested,
        error_type=fault.code,
        error_message=fault.message if with_message else UNSET,
        invalid_value=fault.value or UNSET,
        invalid_value_to_display=fault.value or UNSET,
        known_column_number=fault.place if fault.place >= 0 else UNSET,
        object_type=_type_name(outcome.type, catalog),
        object_type_id=outcome.type,
        source_data=wire.ImportRow(
            file_id=_file_id(job, outcome.file), line_number=line, row_data=cells if with_row else ()
        ),
    )


def _type_name(type_id: str, catalog: Catalog) -> str | msgspec.UnsetType:
    """What errors call a type of HubSpot's own; a portal's own types have none, and may be gone."""
    try:
        return catalog.type(type_id).name if type_id.startswith("0-") else UNSET
    except UnknownObjectType:
        return UNSET
