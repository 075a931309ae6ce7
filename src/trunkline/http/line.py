"""The straight line of one request: authorise, read, handle, answer. What it raises on the way is rendered here."""

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from trunkline.crm.catalog import Verb
from trunkline.errors import Refusal
from trunkline.http.body import read_body
from trunkline.http.call import Answer, Call, Handler, State
from trunkline.http.frame import JSON
from trunkline.wire import error

CONTENT_TYPE = JSON.decode()

DETAIL = "x-trunkline-detail"
"""The header that asks for fuller errors, with the value `full`."""


class Line:
    """The endpoint of one operation. `verb` picks the scopes of the object type that the path names."""

    def __init__(self, state: State, handler: Handler, verb: Verb, *, takes_body: bool) -> None:
        self._state = state
        self._handler = handler
        self._verb = verb
        self._takes_body = takes_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        full = request.headers.get(DETAIL, "").lower() == "full"
        try:
            answer = await self._handle(request, full)
        except Refusal as refusal:
            answer = Answer(refusal.status, error.body(refusal, scope["correlation_id"], full))
        except ClientDisconnect:
            return
        await _response(answer)(scope, receive, send)

    async def _handle(self, request: Request, full: bool) -> Answer:
        state = self._state
        caller = state.gate.caller(request.headers.get("authorization"))
        type_ = state.catalog(caller.portal).type(request.path_params["type"])
        caller.require(type_.data.scopes[self._verb])
        body = await read_body(request, state.settings) if self._takes_body else b""
        return await self._handler(Call(state, caller, request.path_params, request, body, full))


def _response(answer: Answer) -> Response:
    if answer.body is None:
        return Response(status_code=answer.status)
    return Response(answer.body, answer.status, {"content-type": CONTENT_TYPE})
