"""The requests that this process answered lately, with their answers and what they changed."""

import os
import re
from collections.abc import Sequence

import msgspec

from trunkline.bench.exchange import Error, Exchange, Exchanges, Message, Sought
from trunkline.crm.values import moment
from trunkline.errors import InvalidParameter, RecordNotFound
from trunkline.http.control.asked import Asked, Shown
from trunkline.http.control.changes import MOST, described

USUAL = 100
"""Requests of one answer, unless another number is asked for."""

_STATUS = re.compile(r"0|[1-5]\d\d|[1-5]xx", re.ASCII)


async def list_all(asked: Asked) -> Shown:
    """Lists the requests that this process answered lately, the newest last, without their bodies."""
    log = asked.state.requests or Exchanges(0, 0)
    limit = asked.number("limit", USUAL)
    if not 0 < limit <= 100_000:
        raise InvalidParameter("query", "limit")
    found = log.some(_sought(asked), limit, _after(asked, log))
    return {"process": os.getpid(), "results": [_summary(one) for one in found]}


async def show(asked: Asked) -> Shown:
    """Tells all of one request: headers and bodies of both directions, and the changes that it made."""
    one = (asked.state.requests or Exchanges(0, 0)).find(asked.request.path_params["correlation_id"])
    if one is None:
        raise RecordNotFound
    return {
        **_summary(one),
        "steps": {step: round(time / 1e6, 3) for step, time in one.steps.items()},
        "request": _message(one.request),
        "answer": _message(one.answer),
        "errors": [_error(error) for error in one.errors],
        "changes": await _changes(asked, one),
    }


async def clear(asked: Asked) -> None:
    """Forgets the requests, or those of a portal, or those of nobody with them."""
    log = asked.state.requests or Exchanges(0, 0)
    portal = asked.number("portal", 0) or None
    log.clear(portal)
    if portal is not None and _flag(asked, "nobodys"):
        log.clear(0)


def _sought(asked: Asked) -> Sought:
    given = asked.request.query_params
    status, method = given.get("status"), given.get("method")
    if status is not None and not _STATUS.fullmatch(status):
        raise InvalidParameter("query", "status")
    return Sought(
        portal=asked.number("portal", 0) or None,
        app=asked.number("app", 0) or None,
        status=status,
        path=given.get("path"),
        method=method.upper() if method else None,
        **{name: _flag(asked, name) for name in ("nobodys", "failed", "warned")},
    )


def _flag(asked: Asked, name: str) -> bool:
    text = asked.request.query_params.get(name, "false")
    if text not in ("true", "false"):
        raise InvalidParameter("query", name)
    return text == "true"


def _after(asked: Asked, log: Exchanges) -> int | None:
    """The number of the request that is named, by its number or its correlation id."""
    text = asked.request.query_params.get("after")
    if not text:
        return None
    if text.isdigit():
        return asked.number("after", 0)
    found = log.find(text)
    if found is None:
        raise InvalidParameter("query", "after")
    return found.number


def _summary(one: Exchange) -> dict[str, object]:
    return {
        "number": one.number,
        "correlationId": one.correlation_id,
        "at": moment(one.at),
        "method": one.method,
        "path": one.path + (f"?{one.query}" if one.query else ""),
        "route": one.template,
        "status": one.status,
        "portal": one.portal or None,
        "app": one.app or None,
        "duration": round(one.duration / 1e6, 3),
        "fault": one.fault,
        "warnings": [msgspec.to_builtins(warning) for warning in one.warnings],
        "error": one.errors[0].message if one.errors else None,
        "errorCount": len(one.errors),
        "changeCount": sum(last - first + 1 for first, last in one.spans),
    }


def _error(error: Error) -> dict[str, object]:
    return {
        "code": error.kind,
        "message": error.message,
        "in": error.at,
        "position": error.position,
        "context": error.context,
        "details": [{"message": message, "in": at} for message, at in error.details],
    }


def _message(message: Message) -> dict[str, object]:
    return {
        "headers": [[name.decode("latin-1"), value.decode("latin-1")] for name, value in message.headers],
        "body": _shown(message.body),
        "size": message.size,
        "cut": len(message.body) < message.size,
    }


def _shown(body: bytes) -> object:
    """A body as JSON where it is JSON, else as text."""
    if not body:
        return None
    try:
        msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return body.decode("utf-8", errors="replace")
    return msgspec.Raw(body)


async def _changes(asked: Asked, one: Exchange) -> Sequence[Shown]:
    """The changes that it made, as far as the journal still has them."""
    bench = asked.state.store.bench
    found = [entry for first, last in one.spans for entry in await bench.journal(one.portal, first - 1, last, MOST)]
    return await described(asked, one.portal, found[:MOST]) if found else []
