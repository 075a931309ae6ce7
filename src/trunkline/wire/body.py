"""From the bytes of a body to its message struct, or to the words in which the real service would refuse them."""

from typing import Generic, TypeVar

import msgspec

from trunkline.errors import MalformedBody
from trunkline.wire.diagnosis import diagnose
from trunkline.wire.shape import Object

T = TypeVar("T")


class Reader(Generic[T]):
    """Reads bodies of one kind: fast when they are good, exact about the place when they are not."""

    def __init__(self, kind: type[T], shape: Object) -> None:
        self._decoder = msgspec.json.Decoder(kind)
        self._shape = shape

    def read(self, body: bytes) -> T:
        """The body as its struct; raises `MalformedBody` (behaviour 5.1 to 5.5)."""
        try:
            return self._decoder.decode(body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as cause:
            raise MalformedBody(self.explain(body)) from cause

    def explain(self, body: bytes) -> str:
        """What is wrong with a body, with line and column."""
        return diagnose(body, self._shape)
