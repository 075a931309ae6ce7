"""What holds for every answer, whichever the case."""

from collections.abc import Callable, Iterator
from typing import Any

import specification
from cases.world import Reply

from trunkline.recording.kind import is_id, is_moment, is_uuid

ERROR_ORDER = ["status", "message", "errorType", "correlationId", "errors", "context", "links", "category"]
MOMENTS = ("requestedAt", "startedAt", "completedAt", "createdAt", "updatedAt", "archivedAt")
DATED = ("hs_createdate", "hs_lastmodifieddate", "hs_timestamp", "hs_engagements_last_contacted")

Invariant = Callable[[Reply], Iterator[str]]


def complaints(reply: Reply) -> Iterator[str]:
    """Every rule that an answer breaks; an answer without JSON is only asked whether it may be one."""
    for invariant in ANY if reply.body is None else (*ANY, *JSON):
        yield from (f"{invariant.__name__}: {complaint}" for complaint in invariant(reply))


def correlation(reply: Reply) -> Iterator[str]:
    """Every answer has a correlation id, and an error says the same one in its body (behaviour 6.6)."""
    header = reply.headers.get("X-HubSpot-Correlation-Id")
    if not is_uuid(header):
        yield f"the header is {header!r}"
    if isinstance(reply.body, dict) and reply.body.get("correlationId", header) != header:
        yield f"the body says {reply.body['correlationId']}, the header {header}"


def content_type(reply: Reply) -> Iterator[str]:
    """JSON is labelled without a space; a page comes with 404 and 405 only; else the body is empty (5.7, 6.6)."""
    label = reply.headers.get("Content-Type")
    if reply.body is not None and label != "application/json;charset=utf-8":
        yield f"JSON is labelled {label!r}"
    if reply.body is None and reply.text and not (reply.status in (404, 405) and str(label).startswith("text/html")):
        yield f"{reply.status} with {label!r}: {reply.text[:200]!r}"


def error_order(reply: Reply) -> Iterator[str]:
    """The members of an error come as in the captures (behaviour 4.7)."""
    if reply.status >= 400 and isinstance(reply.body, dict):
        keys = [key for key in reply.body if key in ERROR_ORDER]
        if keys != sorted(keys, key=ERROR_ORDER.index):
            yield f"{list(reply.body)}"


def moments(reply: Reply) -> Iterator[str]:
    """Times are UTC with milliseconds, and without a fraction when those are zero (behaviour 9.1).

    Version 2 of the properties API tells milliseconds since 1970.
    """
    if reply.path.startswith("/properties/v2/"):
        return
    for outer in [reply.body, *reply.records] if isinstance(reply.body, dict) else []:
        yield from (f"{key} is {outer[key]!r}" for key in MOMENTS if key in outer and not is_moment(outer[key]))
    for record in reply.records:
        shown = record["properties"]
        yield from (f"{key} is {shown[key]!r}" for key in DATED if shown.get(key) and not is_moment(shown[key]))


def batch_times(reply: Reply) -> Iterator[str]:
    """A batch does not complete before it starts."""
    if isinstance(reply.body, dict) and {"startedAt", "completedAt"} <= reply.body.keys():
        started, completed = (_padded(reply.body[key]) for key in ("startedAt", "completedAt"))
        if started > completed:
            yield f"started {started}, completed {completed}"


def _padded(moment: str) -> str:
    return moment.removesuffix("Z").ljust(23, "0") if "." in moment else moment.removesuffix("Z") + ".000"


def identity(reply: Reply) -> Iterator[str]:
    """Ids are digits, and the record's own properties repeat its id and its times (behaviour 1.4, 3.2, 9.1)."""
    for record in reply.records:
        shown: dict[str, Any] = record["properties"]
        if not is_id(record["id"]):
            yield f"the id is {record['id']!r}"
        for member, name in (
            ("id", "hs_object_id"),
            ("createdAt", "hs_createdate"),
            ("updatedAt", "hs_lastmodifieddate"),
        ):
            if shown.get(name, record[member]) != record[member]:
                yield f"{member} is {record[member]!r}, {name} is {shown[name]!r}"
        if _padded(record["createdAt"]) > _padded(record["updatedAt"]):
            yield f"created at {record['createdAt']}, updated at {record['updatedAt']}"


def values(reply: Reply) -> Iterator[str]:
    """Properties are texts or null, in alphabetical order (behaviour 9.1, 9.5)."""
    for record in reply.records:
        shown = record["properties"]
        yield from (f"{name} is {value!r}" for name, value in shown.items() if not isinstance(value, str | None))
        if list(shown) != sorted(shown):
            yield f"the order is {list(shown)}"


def specified(reply: Reply) -> Iterator[str]:
    """The body is one that HubSpot's OpenAPI allows, where that is at hand."""
    known = specification.hubspot()
    if known is not None:
        yield from known.complaints(reply.method, reply.path.partition("?")[0], reply.status, reply.body)


ANY: tuple[Invariant, ...] = (correlation, content_type)
JSON: tuple[Invariant, ...] = (error_order, moments, batch_times, identity, values, specified)
