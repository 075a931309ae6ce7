"""From the bytes of a body to its message struct, or to the words in which the real service would refuse them."""

from typing import Generic, TypeVar

import msgspec

from trunkline.errors import MalformedBody
from trunkline.wire.diagnosis import diagnose
from trunkline.wire.shape import Container

T = TypeVar("T")

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""Taken off the start of a body: the real service's JSON library passes over it as well."""

LONGEST_LOOK = 200_000
"""Parts of a refused body that are looked at for a reason; a batch has a few thousand, and a look holds up others."""


class Reader(Generic[T]):
    """Reads bodies of one kind: fast when they are good, exact about the place when they are not."""

    def __init__(self, kind: type[T], shape: Container) -> None:
        self._decoder = msgspec.json.Decoder(kind)
        self._shape = shape

    def read(self, body: bytes) -> T:
        """The body as its struct; raises `MalformedBody` (behaviour 5.1 to 5.5)."""
        try:
            return self._decoder.decode(body.removeprefix(BYTE_ORDER_MARK))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as cause:
            raise MalformedBody(self.explain(body)) from cause

    def explain(self, body: bytes) -> str:
        """What is wrong with a body, with line and column."""
        return diagnose(body.removeprefix(BYTE_ORDER_MARK), self._shape, max_steps=LONGEST_LOOK)
