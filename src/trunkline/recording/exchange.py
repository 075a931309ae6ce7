"""What was asked and answered once, and the case that is made of it."""

from typing import Any
from urllib.parse import parse_qsl

import httpx
import msgspec
from msgspec import Struct

from trunkline.recording.case import Case, Request
from trunkline.recording.mask import Mask

ASKED = ("accept", "content-type", "prefer", "x-properties-source")
ANSWERED = (
    "allow",
    "content-type",
    "location",
    "preference-applied",
    "retry-after",
    "www-authenticate",
)
"""The headers that a case has, of those that were there; all others depend on the client, the network or the moment."""

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
REFUSED = 401
NOT_KEPT = "The body of the {} is not kept: it is {}."


class Exchange(Struct, frozen=True):
    """One request and its answer, with the bodies as they are without compression. `target` is path and query."""

    method: str
    target: str
    headers: httpx.Headers
    body: bytes
    status: int
    answered: httpx.Headers
    answer: bytes


def case_of(exchange: Exchange, mask: Mask, number: int, source: str) -> Case:
    """The case that says what this answer was, with nothing in it that is not masked."""
    mask.begin()
    token = exchange.headers.get("authorization", "").partition(" ")[2].strip()
    asked, answered = _decoded(exchange.headers, exchange.body), _decoded(exchange.answered, exchange.answer)
    _learn(exchange, mask, token, asked, answered)
    path = mask.path(exchange.target)
    notes = [
        NOT_KEPT.format(name, what)
        for name, what in (
            ("request", _unkept(asked)),
            ("answer", _unkept(answered)),
        )
        if what
    ]
    return Case(
        id=f"{number:04} {exchange.method} {path.partition('?')[0]}",
        area="recorded",
        needs=[],
        request=_request(exchange, mask, path, asked, token),
        expect=_expect(exchange, mask, answered),
        source=source,
        confidence="recorded",
        given=[] if token else [{"no_token": True}],
        note=" ".join(notes),
    )


def _learn(exchange: Exchange, mask: Mask, token: str, *bodies: Any) -> None:
    if token:
        mask.learn_secret(token)
    mask.learn_path(exchange.target)
    for body in bodies:
        if isinstance(body, _Form):
            mask.learn_form(body.text)
        elif not isinstance(body, _Unkept):
            mask.learn(body)


def _request(exchange: Exchange, mask: Mask, path: str, asked: Any, token: str) -> Request:
    headers = {name.title(): exchange.headers[name] for name in ASKED if name in exchange.headers}
    if headers.get("Accept") in ("*/*", JSON):
        del headers["Accept"]
    if _is_json(exchange.headers) or not exchange.body:
        headers.pop("Content-Type", None)
    if token and exchange.status == REFUSED:
        # Who was refused is refused again: no service knows the pseudonym of a token.
        headers["Authorization"] = f"Bearer {mask.value(token, 'token')}"
    request = Request(exchange.method, path, headers)
    if isinstance(asked, _Form):
        request.raw_body = mask.form(asked.text)
    elif not isinstance(asked, _Unkept) and exchange.body:
        request.body = mask.value(asked)
    return request


def _expect(exchange: Exchange, mask: Mask, answered: Any) -> dict[str, Any]:
    expect: dict[str, Any] = {"status": exchange.status}
    headers = {name.title(): mask.value(exchange.answered[name]) for name in ANSWERED if name in exchange.answered}
    if headers:
        expect["header_equals"] = headers
    if not exchange.answer:
        expect["body_empty"] = True
    elif not isinstance(answered, _Unkept | _Form):
        expect["body_equals"] = mask.value(answered)
    return expect


class _Form(Struct, frozen=True):
    text: str


class _Unkept(Struct, frozen=True):
    why: str


def _decoded(headers: httpx.Headers, body: bytes) -> Any:
    """What a body says: JSON, a form, or why neither."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if not body:
        return None
    try:
        if kind == FORM:
            text = body.decode()
            return _Form(text) if parse_qsl(text) else _Unkept("no form")
        return msgspec.json.decode(body) if kind == JSON else _Unkept(kind or "of no kind")
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _Unkept(f"not what {kind} is")


def _is_json(headers: httpx.Headers) -> bool:
    return bool(headers.get("content-type", "").partition(";")[0].strip().lower() == JSON)


def _unkept(body: Any) -> str:
    return body.why if isinstance(body, _Unkept) else ""
