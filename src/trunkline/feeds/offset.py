"""The offset of an entry in the journal of webhooks: a UUID that says where the entry is, to this server alone.

What it holds is enciphered with the server's own secret and the app's number, in a Feistel network of four rounds, so
that a reader learns nothing of how much is written elsewhere. It opens nothing: what an app may read is looked up anew.
"""

import uuid
from collections.abc import Callable

from msgspec import Struct

BLOCK = 256
"""Positions of the journal that one entry spans at most: it ends where a block of so many does."""

PORTAL_BITS, END_BITS, SPAN_BITS, CUT_BITS, CHECK_BITS = 34, 36, 9, 27, 16
HALF_BITS = (PORTAL_BITS + END_BITS + SPAN_BITS + CUT_BITS + CHECK_BITS) // 2
HALF = (1 << HALF_BITS) - 1
VERSION = 8
"""That of UUIDs whose bits mean what their maker wants (RFC 9562)."""

Seal = Callable[[str], str]
"""Makes hexadecimal digits of a text that nobody else can make."""


class Offset(Struct, frozen=True):
    """The entry of a portal after `start` and up to `end`; `cut` says how far the reader was in other portals.

    A `cut` of 0 says that nothing of theirs was read yet.
    """

    portal: int
    start: int
    end: int
    cut: int = 0


def text(offset: Offset, owner: str, seal: Seal) -> str:
    """An offset as its owner is told it; raises `ValueError` for a portal or a position that is too large."""
    number = 0
    fields = (
        (offset.portal, PORTAL_BITS),
        (offset.end, END_BITS),
        (offset.end - offset.start, SPAN_BITS),
        (offset.cut, CUT_BITS),
        (0, CHECK_BITS),
    )
    for value, bits in fields:
        if not 0 <= value < 1 << bits:
            raise ValueError(f"{value} has more than {bits} bits")
        number = number << bits | value
    left, right = number >> HALF_BITS, number & HALF
    for turn in range(4):
        left, right = right, left ^ _mixed(owner, turn, right, seal)
    return _uuid(left << HALF_BITS | right)


def read(sent: str, owner: str, seal: Seal) -> Offset | None:
    """The offset that an owner was told; None for any other text."""
    number = _number(sent)
    if number is None:
        return None
    left, right = number >> HALF_BITS, number & HALF
    for turn in reversed(range(4)):
        left, right = right ^ _mixed(owner, turn, left, seal), left
    number = left << HALF_BITS | right
    values = []
    for bits in (CHECK_BITS, CUT_BITS, SPAN_BITS, END_BITS, PORTAL_BITS):
        values.append(number & ((1 << bits) - 1))
        number >>= bits
    check, cut, span, end, portal = values
    return None if check or span > min(BLOCK, end) else Offset(portal, end - span, end, cut)


def _mixed(owner: str, turn: int, half: int, seal: Seal) -> int:
    return int(seal(f"offset {owner} {turn} {half}")[:16], 16) & HALF


def _uuid(number: int) -> str:
    """122 bits as a UUID, around those of its version and its variant."""
    high, middle, low = number >> 74, number >> 62 & 0xFFF, number & ((1 << 62) - 1)
    return str(uuid.UUID(int=high << 80 | VERSION << 76 | middle << 64 | 0b10 << 62 | low))


def _number(sent: str) -> int | None:
    try:
        number = uuid.UUID(sent).int
    except ValueError:
        return None
    if number >> 76 & 0xF != VERSION or number >> 62 & 0b11 != 0b10:
        return None
    return number >> 80 << 74 | (number >> 64 & 0xFFF) << 62 | number & ((1 << 62) - 1)
