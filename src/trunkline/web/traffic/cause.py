"""Why a request failed, and what to do: the errors that it was told, each with the input that it is about."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

import msgspec
from msgspec import Struct

from trunkline.bench.exchange import Error, Exchange
from trunkline.errors import Refusal
from trunkline.http.control import refusals
from trunkline.wire import error

MOST_NAMED = 10
"""Ids that are named of an error about many inputs."""


class Cause(Struct, frozen=True, kw_only=True):
    """One error: which inputs it is about, what is wrong, at which fields, what to do, and the code of its kind."""

    inputs: str
    message: str
    at: str
    details: Sequence[tuple[str, str]]
    advice: str
    code: str


def causes(one: Exchange) -> list[Cause]:
    """The errors that a request was told, in their order."""
    inputs = _inputs(one)
    return [_cause(each, inputs) for each in one.errors]


def remarks(one: Exchange) -> Iterator[str]:
    """What else is to be said of how it ended."""
    if one.fault:
        yield (
            f"The fault “{one.fault}” of this portal's workbench struck it: "
            + ("the client had no answer." if not one.status else "the answer is the fault's, or came late or broken.")
        )
    elif not one.status:
        yield "The client hung up before it had an answer. What the request wrote is kept, and told below."
    if one.status == 404 and one.template is None:
        yield (
            "There is no operation at this path. Compare the path, and the version in it, with the reference: each "
            "operation is listed there in all its versions."
        )
    if one.status == 405:
        yield f"There is an operation at this path, but none for {one.method}. The reference has its methods."
    if one.status == 401:
        yield from _unknown(one)
    if one.errors and 200 <= one.status < 300:
        yield from _partly(one)


def counted(one: Exchange) -> int:
    """How many inputs the request's batch has; 0 for what is no batch."""
    return len(_inputs(one))


def _unknown(one: Exchange) -> Iterator[str]:
    """What the request shows of its token, whose text is not kept."""
    sent = next((value for name, value in one.request.headers if name.lower() == b"authorization"), None)
    if sent is None:
        yield "It had no Authorization header."
    elif not sent.lower().startswith(b"bearer "):
        yield "Its Authorization header does not begin with “Bearer ” and a blank."
    elif not any(each.kind == "EXPIRED_TOKEN" for each in one.errors):
        yield "It had a token that this server does not know: of another server, mistyped, revoked, or none of its own."


def _partly(one: Exchange) -> Iterator[str]:
    inputs = counted(one)
    failed = {each.position for each in one.errors if each.position is not None}
    if inputs and failed:
        yield f"{len(failed)} of {inputs} inputs failed; the others were carried out."
    else:
        yield "A part of it failed; the rest was carried out."


def _inputs(one: Exchange) -> Sequence[Mapping[str, object]]:
    """The inputs of the request's batch, as far as they can be read."""
    try:
        body = msgspec.json.decode(one.request.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ()
    inputs = body.get("inputs") if isinstance(body, dict) else None
    return [each if isinstance(each, dict) else {} for each in inputs] if isinstance(inputs, list) else ()


def _cause(each: Error, inputs: Sequence[Mapping[str, object]]) -> Cause:
    kind = _kinds().get(each.kind)
    details = [(message, at or "") for message, at in each.details]
    # Where its parts are told one by one the service puts them into the message as JSON, too.
    message = each.message.partition(": [{")[0] + "." if details and ": [{" in each.message else each.message
    return Cause(
        inputs=_named(each, inputs),
        message=message,
        at=each.at or "",
        details=[] if details == [(each.message, each.at or "")] else details,
        advice=kind.advice if kind is not None else "",
        code=each.kind,
    )


def _named(each: Error, inputs: Sequence[Mapping[str, object]]) -> str:
    """Which inputs an error is about, as `inputs[3], id 4711, trace t3`."""
    traces = [trace for trace in each.context.get("objectWriteTraceId", ()) if trace]
    ids = list(each.context.get("ids", ()))
    if each.position is None:
        return " · ".join(_some(name, some) for name, some in (("id", ids), ("trace", traces)) if some)
    sent = inputs[each.position].get("id") if each.position < len(inputs) else None
    known = [str(sent)] if isinstance(sent, str | int) else ids
    parts = [
        f"inputs[{each.position}]",
        *(_some(name, some) for name, some in (("id", known), ("trace", traces)) if some),
    ]
    return ", ".join(parts)


def _some(name: str, values: Sequence[str]) -> str:
    left = len(values) - MOST_NAMED
    several = f"{name}s" if len(values) > 1 else name
    return f"{several} {', '.join(values[:MOST_NAMED])}" + (f" and {left} more" if left > 0 else "")


@cache
def _kinds() -> Mapping[str, type[Refusal]]:
    return {error.code(kind): kind for kind in refusals()}
