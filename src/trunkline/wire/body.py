"""From the bytes of a body to its message struct, or to the words in which the real service would refuse them."""

from contextvars import ContextVar
from itertools import islice
from typing import Generic, TypeVar

import msgspec

from trunkline.crm.warning import MOST_KEPT, Warning, quoted
from trunkline.errors import MalformedBody
from trunkline.wire.diagnosis import diagnose
from trunkline.wire.shape import Container
from trunkline.wire.unknown import twin, unknown

T = TypeVar("T")

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""Taken off the start of a body: the real service's JSON library passes over it as well."""

LONGEST_LOOK = 200_000
"""Parts of a refused body that are looked at for a reason; a batch has a few thousand, and a look holds up others."""

noticed: ContextVar[list[Warning] | None] = ContextVar("noticed", default=None)
"""Where the warnings of the request go whose body is read; without a request they are not made.

What reads a body returns what it means, to handlers of every kind: only this way is none of them concerned.
"""


class Reader(Generic[T]):
    """Reads bodies of one kind: fast when they are good, exact about the place when they are not."""

    def __init__(self, kind: type[T], shape: Container) -> None:
        self.kind = kind
        self._decoder = msgspec.json.Decoder(kind)
        self._strict: msgspec.json.Decoder[T] = msgspec.json.Decoder(twin(kind))
        self._shape = shape

    def read(self, body: bytes) -> T:
        """The body as its struct; raises `MalformedBody` (behaviour 5.1 to 5.5).

        Members that nobody looks at are warned of, and else ignored (behaviour 1.21).
        """
        try:
            return self._strict.decode(body.removeprefix(BYTE_ORDER_MARK))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return self._read(body)

    def _read(self, body: bytes) -> T:
        try:
            sent = self._decoder.decode(body.removeprefix(BYTE_ORDER_MARK))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as cause:
            raise MalformedBody(self.explain(body)) from cause
        warnings = noticed.get()
        if warnings is not None:
            found = unknown(body.removeprefix(BYTE_ORDER_MARK), self.kind)
            warnings += [_unknown(where, name) for where, name in islice(found, MOST_KEPT)]
        return sent

    def explain(self, body: bytes) -> str:
        """What is wrong with a body, with line and column."""
        return diagnose(body.removeprefix(BYTE_ORDER_MARK), self._shape, max_steps=LONGEST_LOOK)


def _unknown(where: str, name: str) -> Warning:
    return Warning("unknown-member", f"has a member {quoted(name)} that nobody looks at", where or "the body")
