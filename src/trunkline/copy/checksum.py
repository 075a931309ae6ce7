"""A checksum of rows that does not depend on their order, since each engine has an order of its own."""

from collections.abc import Iterable
from hashlib import blake2b

import msgspec

from trunkline.copy.table import Row

BYTES = 16
"""The size of a checksum."""

_MODULUS = 1 << (8 * BYTES)
_encode = msgspec.msgpack.Encoder().encode


class Checksum:
    """How many rows there were, and the sum of what each comes to: two tables with the same rows have the same one."""

    def __init__(self, rows: int = 0, digest: str = "0") -> None:
        self.rows = rows
        self._total = int(digest, 16)

    @property
    def digest(self) -> str:
        """The checksum, in hexadecimal digits."""
        return f"{self._total:0{2 * BYTES}x}"

    def add(self, rows: Iterable[Row]) -> None:
        """Takes in some more rows."""
        total = self._total
        for row in rows:
            total += int.from_bytes(blake2b(_encode(row), digest_size=BYTES).digest())
            self.rows += 1
        self._total = total % _MODULUS

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Checksum) and (self.rows, self._total) == (other.rows, other._total)

    def __hash__(self) -> int:
        return hash((self.rows, self._total))
