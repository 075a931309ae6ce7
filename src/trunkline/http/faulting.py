"""Faults at work: what becomes of a request of a portal that one strikes."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from trunkline.bench.fault import KINDS, Fault, KindName, Met, drawn
from trunkline.crm.values import moment
from trunkline.errors import ExpiredToken, RateLimited, Refusal, Unexpected
from trunkline.http.call import Answer, Call, Handler
from trunkline.http.meter import DAILY_REMAINING, REMAINING, SECONDLY_REMAINING
from trunkline.http.operation import Operation
from trunkline.http.severing import STRUCK
from trunkline.identity.limit import shipped_limits
from trunkline.wire import error

Marks = list[tuple[bytes, bytes]]
"""Headers of an answer that do not depend on what it says."""

FAULT = b"x-trunkline-fault"
"""The header with the name of the fault that struck a request."""

AGO = 75_000
"""Milliseconds since a token is told to have expired."""

PAGE = """<html>
<head><title>{title}</title></head>
<body>
<center><h1>{title}</h1></center>
<hr><center>cloudflare</center>
</body>
</html>
"""

ORIGIN = {520: "Web server is returning an unknown error", 524: "A timeout occurred"}
"""What Cloudflare's own statuses are called."""

BREAKING: frozenset[KindName] = frozenset(("reset", "truncated", "commit-then-drop"))
"""What the connection does not survive."""

SPENT: Mapping[KindName, frozenset[bytes]] = {
    "rate-limit": frozenset((REMAINING, SECONDLY_REMAINING)),
    "daily-limit": frozenset((DAILY_REMAINING,)),
}
"""The headers of limits that say that nothing is left."""

_LIMITS = shipped_limits()
POLICIES: Mapping[KindName, str] = {
    "rate-limit": _LIMITS.burst.name,
    "daily-limit": _LIMITS.daily.name,
    "search-limit": _LIMITS.search.name,
}


def striking(call: Call, operation: Operation) -> Fault | None:
    """The fault that strikes a request, if one does."""
    rules = call.state.bench.faults.of(call.portal)
    if not rules:
        return None
    scope = call.request.scope
    writes = operation.method != "GET" and operation.verb != "read" and not operation.search
    template = scope["route"].path
    return drawn(rules, Met(scope["method"], scope["path"], template, call.caller.app, operation.search, writes))


async def struck(fault: Fault, call: Call, handler: Handler, marks: Marks) -> Answer:
    """The answer to a request that a fault strikes.

    Raises `Refusal`, `Cut` when the connection breaks, and `ClientDisconnect` when the client waits no longer.
    """
    call.request.scope[STRUCK] = fault.name
    marks.append((FAULT, fault.name.encode()))
    answer = await _carried_out(call, handler) if fault.late else None
    if fault.seconds:
        await _wait(fault.seconds, call.request.receive)
    if fault.kind in BREAKING:
        raise Cut(fault, answer if fault.kind == "truncated" else None)
    if answer is not None and fault.kind == "slow":
        return answer
    return _failure(fault.kind, call, marks)


class Cut(Exception):
    """Ends a request whose connection breaks, with the answer of which half is sent, if any is."""

    def __init__(self, fault: Fault, answer: Answer | None) -> None:
        self.fault = fault
        self.answer = answer


async def _carried_out(call: Call, handler: Handler) -> Answer:
    """The answer that there would be without the fault, a refusal included."""
    try:
        return await handler(call)
    except Refusal as refusal:
        refusal.__traceback__ = None  # as in `Line`: nothing else would free what it leads to
        return Answer(refusal.status, error.body(refusal, call.request.scope["correlation_id"], call.full))


async def _wait(seconds: float, receive: Receive) -> None:
    """Lets some time pass, unless the client hangs up before; raises `ClientDisconnect`."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass
            raise ClientDisconnect


def _failure(kind: KindName, call: Call, marks: Marks) -> Answer:
    """What the client is told in the place of an answer; raises what is told as a `Refusal`."""
    if kind in POLICIES:
        spent = SPENT.get(kind, frozenset())
        marks[:] = [(name, b"0" if name in spent else value) for name, value in marks]
        raise RateLimited(POLICIES[kind])
    if kind == "expired-token":
        raise ExpiredToken(AGO, moment(call.now() - AGO))
    if kind == "server-error":
        raise Unexpected
    return _page(KINDS[kind].status or 500)


def _page(status: int) -> Answer:
    """The page of the gateway, which knows nothing of the service's errors."""
    title = f"{status} {ORIGIN.get(status) or HTTPStatus(status).phrase}"
    headers = {"content-type": "text/html; charset=UTF-8", "server": "cloudflare", "cache-control": "no-store"}
    return Answer(status, PAGE.format(title=title).encode(), headers)
