"""What holds for the answer to any request at all, however odd the request."""

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
from cases import invariants
from cases.world import Reply

ALWAYS = {
    "strict-transport-security": "max-age=31536000; includeSubDomains; preload",
    "x-content-type-options": "nosniff",
    "access-control-allow-credentials": "false",
    "vary": "origin",
}
"""Headers of every answer (behaviour 6.6)."""


def reply(method: str, path: str, status: int, headers: httpx.Headers, content: bytes) -> Reply:
    """An answer as the judges of the wire cases take it; `path` is with the query, and percent-encoded."""
    # A slash counts as one, encoded or not, and at the end not at all, as it does for the router.
    plain, mark, query = path.partition("?")
    path = re.sub("%2f", "/", plain, flags=re.IGNORECASE).rstrip("/") + mark + query
    return Reply(method, path, status, headers, content.decode(), _json(headers, content))


def _json(headers: httpx.Headers, content: bytes) -> Any:
    return json.loads(content) if headers.get("content-type", "").startswith("application/json") else None


def complaints(answer: Reply) -> Iterator[str]:
    """Everything that is wrong with an answer, whatever was asked."""
    if answer.status >= 500:
        yield f"a failure of ours: {answer.status} {answer.text[:300]}"
    yield from _headers(answer)
    if answer.status >= 400 and answer.body is not None:
        yield from _refusal(answer)
    yield from (found for found in invariants.complaints(answer) if not _excused(answer, found))


def _excused(answer: Reply, complaint: str) -> bool:
    """Whether it is no complaint: members of definitions may be picked, and only a call must have `hs_createdate`."""
    path, _, query = answer.path.partition("?")
    if complaint.endswith("is a required property"):
        return "/properties/" in path and "properties=" in query
    return complaint.startswith("identity") and complaint.endswith("is None") and "/0-48/" not in answer.text


def _headers(answer: Reply) -> Iterator[str]:
    for name, value in ALWAYS.items():
        if answer.headers.get_list(name) != [value]:
            yield f"{name} is {answer.headers.get_list(name)}"
    for name in ("x-request-id", "x-trace"):
        if not answer.headers.get(name):
            yield f"no {name}"


def _refusal(answer: Reply) -> Iterator[str]:
    """An error is HubSpot's: status, message and correlation id, and nothing of ours shows through (4.7)."""
    body = answer.body
    if isinstance(body, dict) and "error_description" in body:
        return  # the authorization server's own shape, which `documented` judges (10.6)
    if not isinstance(body, dict) or body.get("status") != "error" or "correlationId" not in body:
        yield f"no error of HubSpot's shape: {answer.text[:300]}"
    elif not isinstance(body.get("message"), str) or not body["message"]:
        yield f"an error without a message: {answer.text[:300]}"
    if "Traceback" in answer.text:
        yield f"a traceback: {answer.text[:300]}"
