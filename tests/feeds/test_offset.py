"""Offsets of the journal of webhooks say where they are to their owner, and nothing to anybody else."""

import hashlib
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as some

from trunkline.feeds import offset as offsets
from trunkline.feeds.offset import BLOCK, CUT_BITS, END_BITS, PORTAL_BITS, Offset


def seal(text: str) -> str:
    return hashlib.sha256(f"key {text}".encode()).hexdigest()


@some.composite
def _offsets(draw: some.DrawFn) -> Offset:
    end = draw(some.integers(0, (1 << END_BITS) - 1))
    span = draw(some.integers(0, min(BLOCK, end)))
    portal, cut = (draw(some.integers(0, (1 << bits) - 1)) for bits in (PORTAL_BITS, CUT_BITS))
    return Offset(portal, end - span, end, cut)


@given(_offsets())
def test_an_offset_is_read_as_it_was_told_by_its_owner_alone(offset: Offset) -> None:
    text = offsets.text(offset, "7", seal)
    assert uuid.UUID(text).version == offsets.VERSION
    assert uuid.UUID(text).variant == uuid.RFC_4122
    assert offsets.read(text, "7", seal) == offset
    assert offsets.read(text, "8", seal) != offset
    assert offsets.read(text, "7", lambda sent: seal(f"other {sent}")) != offset


@pytest.mark.parametrize("sent", ["", "x", "0", str(uuid.UUID(int=0)), str(uuid.UUID(int=(1 << 128) - 1))])
def test_what_is_no_offset_is_none(sent: str) -> None:
    assert offsets.read(sent, "7", seal) is None


def test_what_has_no_room_is_refused() -> None:
    for offset in (Offset(1 << PORTAL_BITS, 0, 1), Offset(1, 0, 1 << END_BITS), Offset(1, 2, 1)):
        with pytest.raises(ValueError, match="bits"):
            offsets.text(offset, "7", seal)
