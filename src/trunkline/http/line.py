"""The straight line of one request: authorise, read, handle, answer. What it raises on the way is rendered here."""

from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from trunkline.crm.catalog import Catalog, ObjectType, TypeData
from trunkline.crm.warning import MOST_KEPT, Warning, headers, quoted
from trunkline.errors import Refusal, UnknownObjectType
from trunkline.http.body import read_body
from trunkline.http.call import Answer, Call, State, with_type
from trunkline.http.faulting import Cut, Marks, striking, struck
from trunkline.http.frame import JSON
from trunkline.http.gate import NOBODY, Caller
from trunkline.http.guard import admit, hold_back, portal_of, require_scopes
from trunkline.http.operation import Operation
from trunkline.http.severing import sever
from trunkline.stopwatch import Stopwatch, stopwatch
from trunkline.wire import error
from trunkline.wire.body import noticed

CONTENT_TYPE = JSON.decode()

API_KEY = b"hapikey="
"""The parameter of the query in which API keys were sent."""

SERVER_TIMING = b"server-timing"
"""The header that tells a browser's tools, and whoever asks, how long the steps took, in milliseconds."""

DETAIL = "x-trunkline-detail"
"""The header that asks for fuller errors, with the value `full`."""


class Line:
    """The endpoint of one operation in one version of the API.

    The operation's verb picks the scopes of the object type that the path names, or the operation itself; `any` picks
    none.
    """

    def __init__(self, state: State, operation: Operation, version: str) -> None:
        self._state = state
        self._operation = operation
        self._status = operation.status_in(version)
        self._partial = operation.partial_in(version)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        full = request.headers.get(DETAIL, "").lower() == "full"
        marks: Marks = []
        warnings: list[Warning] = []
        scope["warnings"] = warnings
        watch, noticing = stopwatch(), noticed.set(warnings)
        try:
            answer = await self._handle(request, full, marks, warnings)
        except Refusal as refusal:
            watch.ask()
            answer = Answer(refusal.status, error.body(refusal, scope["correlation_id"], full))
            # It leads to the inputs of the request, which hold the refusal: none of them would ever be freed.
            refusal.__traceback__ = None
        except Cut as cut:
            response = None if cut.answer is None else _response(cut.answer, marks)
            await sever(cut.fault, response, scope, receive, send)
            return
        except ClientDisconnect:
            return
        finally:
            noticed.reset(noticing)
        watch.lap("render")
        marks.append((SERVER_TIMING, told(watch)))
        if warnings:
            del warnings[MOST_KEPT:]
            marks += headers(warnings)
        await _response(answer, marks)(scope, receive, send)

    async def _handle(self, request: Request, full: bool, marks: Marks, warnings: list[Warning]) -> Answer:
        operation, watch = self._operation, stopwatch()
        path = {**operation.fixed, **request.path_params}
        try:
            caller = await self._let_in(request, marks, path)
        finally:
            watch.lap("auth")
        body = b""
        if operation.body is not None:
            try:
                body = await read_body(request, self._state.settings, operation.media)
            finally:
                watch.lap("read")
        call = Call(self._state, caller, path, request, body, full, self._status, self._partial, warnings)
        if request.scope["query_string"] and operation.verb is not None:
            warnings += unknown_parameters(request.query_params, operation.query)
        fault = striking(call, operation)
        return await (operation.handler(call) if fault is None else struck(fault, call, operation.handler, marks))

    async def _let_in(self, request: Request, marks: Marks, path: Mapping[str, str]) -> Caller:
        """The caller, who may do what the operation does with what the path names."""
        operation = self._operation
        caller = NOBODY if operation.verb is None else await self._admitted(request, marks)
        if operation.verb == "any":
            await self._state.load(caller.portal)
        elif operation.verb is not None:
            type_ = await self._type(caller.portal, path["type"])
            await admit(self._state, request, caller, type_, operation.verb, operation.also, operation.products)
        if operation.scopes:
            await require_scopes(self._state, request, caller, operation.scopes, operation.products)
        return caller

    async def _admitted(self, request: Request, marks: Marks) -> Caller:
        """The caller, whose request is counted; what it has left of its limits goes into the marks."""
        state = self._state
        if state.bench.doubtful:
            await state.bench.refresh()
        try:
            keyed = API_KEY in request.scope["query_string"]
            caller = await state.gate.caller(request.headers.get("authorization"), keyed=keyed)
        except Refusal as refusal:
            await hold_back(state, request, "request.refused", error.code(type(refusal)))
            raise
        # It is known from here on whose the request is, also when it is one too many.
        request.scope["caller"] = caller
        charge = state.meter.charge(
            await portal_of(state, caller),
            caller.app,
            public=caller.public,
            search=self._operation.search,
            now=state.clock.now(caller.portal),
        )
        marks += charge.headers
        if charge.refusal is not None:
            raise charge.refusal
        return caller

    async def _type(self, portal: int, alias: str) -> TypeData:
        """The object type that the path names; one that is not known may have been defined by another process."""
        try:
            return (await self._state.load(portal)).type(alias).data
        except UnknownObjectType:
            return (await with_type(self._state, portal, alias, _itself)).data


def unknown_parameters(sent: Iterable[str], known: Collection[str]) -> Iterator[Warning]:
    """What is told of the parameters of a query that an operation does not have."""
    for name in sent:
        if name not in known:
            choice = f"is none of {', '.join(known)}" if known else "is not looked at"
            yield Warning("unknown-parameter", f"{quoted(name)} {choice}", "the query")


async def _itself(catalog: Catalog, type_: ObjectType) -> ObjectType:
    return type_


def told(watch: Stopwatch) -> bytes:
    """The steps of a request and all of them together, as `Server-Timing` tells them."""
    each = [f"{step};dur={spent / 1e6:.2f}" for step, spent in watch.spent.items()]
    return ", ".join([*each, f"total;dur={watch.total() / 1e6:.2f}"]).encode()


def _response(answer: Answer, marks: Marks) -> Response:
    response = _plain(answer)
    response.raw_headers += marks
    return response


def _plain(answer: Answer) -> Response:
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
