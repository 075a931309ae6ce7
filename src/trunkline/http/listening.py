"""Keeping what passes: each request with its answer goes into the log, without its secrets."""

from collections.abc import Sequence

import msgspec
from starlette.types import Message, Receive, Scope

from trunkline import footprint
from trunkline.bench import exchange
from trunkline.bench.exchange import Error, Exchange, Exchanges
from trunkline.footprint import Span
from trunkline.http import masking
from trunkline.http.gate import NOBODY, Caller
from trunkline.http.severing import STRUCK
from trunkline.stopwatch import Stopwatch
from trunkline.wire import error
from trunkline.wire.error import Told

LARGEST = 256 * 1024
"""Bytes of a body that are kept at most."""

MOST_ERRORS = 100
"""Errors of one answer that are kept."""

PAGES = b"text/html"


class Body:
    """A body that passes in pieces, and as much of it as is kept."""

    __slots__ = ("_pieces", "kept", "size")

    def __init__(self) -> None:
        self.size = self.kept = 0
        self._pieces: list[bytes | memoryview] = []

    def add(self, piece: bytes | memoryview) -> None:
        """Takes in the next piece."""
        self.size += len(piece)
        if piece and self.kept < LARGEST:
            kept = piece if self.kept + len(piece) <= LARGEST else piece[: LARGEST - self.kept]
            self._pieces.append(kept)
            self.kept += len(kept)

    def content(self) -> bytes:
        """What is kept."""
        return bytes(self._pieces[0]) if len(self._pieces) == 1 else b"".join(self._pieces)


class Listener:
    """Hears one request and its answer, from when it is made until `tell`."""

    def __init__(self, scope: Scope, at: int) -> None:
        self._scope = scope
        self._at = at
        self._path: str = scope["path"]
        self._asked, self._answered = Body(), Body()
        self._headers: Sequence[tuple[bytes, bytes]] = ()
        self._spans: list[Span] = []
        self._told: list[Told] = []
        self._tokens = footprint.start(self._spans), error.telling.set(self._told)

    def hearing(self, receive: Receive) -> Receive:
        """Receives the same, and hears it."""
        take = self._asked.add

        async def heard() -> Message:
            message = await receive()
            if message["type"] == "http.request":
                take(message.get("body", b""))
            return message

        return heard

    def sent(self, message: Message) -> None:
        """Hears a part of the answer."""
        if message["type"] == "http.response.start":
            self._headers = message["headers"]
        else:
            self._answered.add(message.get("body", b""))

    def stop(self) -> None:
        """The request is over."""
        footprint.stop(self._tokens[0])
        error.telling.reset(self._tokens[1])
        # A timer of the request's leads here until it would have gone off, and refusals lead to all of the request.
        self._told.clear()

    def tell(self, log: Exchanges, status: int, template: str | None, spent: int, watch: Stopwatch) -> None:
        """Keeps all of it in a log."""
        scope = self._scope
        caller: Caller = scope.get("caller", NOBODY)
        plain = masking.is_plain(template, status)
        asked, answered = self._contents(status, plain=plain)
        query = scope["query_string"]
        log.add(
            Exchange(
                number=log.number(),
                correlation_id=scope["correlation_id"],
                at=self._at,
                method=scope["method"],
                path=self._path if plain else masking.path(self._path),
                query=masking.query(query.decode("latin-1")) if query else "",
                template=template,
                status=status,
                portal=caller.portal,
                app=caller.app,
                duration=spent,
                steps=watch.spent,
                request=exchange.Message(masking.headers(scope["headers"]), asked, self._asked.size),
                answer=exchange.Message(masking.headers(self._headers), answered, self._answered.size),
                warnings=scope.get("warnings", ()),
                errors=self._errors(plain=plain) if self._told else (),
                fault=scope.get(STRUCK),
                spans=self._spans,
            )
        )

    def _errors(self, *, plain: bool) -> list[Error]:
        """The errors that the answer tells of. Their refusals are not kept: they lead to all of the request."""
        errors = msgspec.json.encode([_error(told) for told in self._told[:MOST_ERRORS]])
        return msgspec.json.decode(errors if plain else masking.body(errors, self._path), type=list[Error])

    def _contents(self, status: int, *, plain: bool) -> tuple[bytes, bytes]:
        """Both bodies. Of pages on which people sign in or consent none is kept."""
        if not plain and self._path.startswith(masking.OAUTH) and self._is_page(status):
            return b"", b""
        asked, answered = self._asked.content(), self._answered.content()
        if plain:
            return asked, answered
        return masking.body(asked, self._path), masking.body(answered, self._path)

    def _is_page(self, status: int) -> bool:
        return 300 <= status < 400 or any(
            name == b"content-type" and value.startswith(PAGES) for name, value in self._headers
        )


def _error(told: Told) -> Error:
    refusal = told.refusal
    return Error(
        kind=error.code(type(refusal)),
        message=refusal.message,
        at=refusal.path,
        position=told.position,
        context={**told.context, **(refusal.context or {})},
        details=[(detail.message, detail.path) for detail in refusal.details],
    )
