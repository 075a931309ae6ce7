"""The straight line of one request: authorise, read, handle, answer. What it raises on the way is rendered here."""

from collections.abc import AsyncIterator, Iterable

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from trunkline.errors import Refusal
from trunkline.http.body import read_body
from trunkline.http.call import Answer, Call, State
from trunkline.http.frame import JSON
from trunkline.http.operation import Operation
from trunkline.wire import error

CONTENT_TYPE = JSON.decode()

DETAIL = "x-trunkline-detail"
"""The header that asks for fuller errors, with the value `full`."""


class Line:
    """The endpoint of one operation in one version of the API.

    The operation's verb picks the scopes of the object type that the path names, or the operation itself.
    """

    def __init__(self, state: State, operation: Operation, version: str) -> None:
        self._state = state
        self._operation = operation
        self._status = operation.status_in(version)
        self._partial = operation.partial_in(version)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        full = request.headers.get(DETAIL, "").lower() == "full"
        try:
            answer = await self._handle(request, full)
        except Refusal as refusal:
            answer = Answer(refusal.status, error.body(refusal, scope["correlation_id"], full))
            # It leads to the inputs of the request, which hold the refusal: none of them would ever be freed.
            refusal.__traceback__ = None
        except ClientDisconnect:
            return
        await _response(answer)(scope, receive, send)

    async def _handle(self, request: Request, full: bool) -> Answer:
        state, operation = self._state, self._operation
        caller = state.gate.caller(request.headers.get("authorization"))
        path = {**operation.fixed, **request.path_params}
        type_ = state.catalog(caller.portal).type(path["type"])
        scopes = type_.data.scopes
        caller.require(scopes[operation.verb] + (scopes[operation.also] if operation.also else ()))
        body = await read_body(request, state.settings) if operation.body is not None else b""
        call = Call(state, caller, path, request, body, full, self._status, self._partial)
        return await operation.handler(call)


def _response(answer: Answer) -> Response:
    if answer.body is None:
        return Response(status_code=answer.status)
    headers = {"content-type": CONTENT_TYPE, **answer.headers}
    if isinstance(answer.body, bytes):
        return Response(answer.body, answer.status, headers)
    headers["content-length"] = str(sum(map(len, answer.body)))
    return StreamingResponse(_each(answer.body), answer.status, headers)


async def _each(pieces: Iterable[bytes | memoryview]) -> AsyncIterator[bytes | memoryview]:
    for piece in pieces:
        yield piece
