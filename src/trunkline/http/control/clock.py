"""The clock of a portal, as a test stops, sets and moves it."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from trunkline.clock import Clock, Hands
from trunkline.crm.values import Unfit, milliseconds, moment
from trunkline.errors import InvalidParameter
from trunkline.http.control.asked import Asked, Shown

LAST = 253_402_300_799_999
"""The last millisecond of the year 9999."""

Instant = Annotated[str, Meta(max_length=40)]


class Turn(Struct, frozen=True, forbid_unknown_fields=True):
    """One thing to do with a clock: `freeze` it, at a time or where it is; `set`, `advance` (seconds), `release` it."""

    freeze: Instant | Literal[True] | UnsetType = UNSET
    set: Instant | UnsetType = UNSET
    advance: Annotated[float, Meta(ge=-1e11, le=1e11)] | UnsetType = UNSET
    release: Literal[True] | UnsetType = UNSET


async def show(asked: Asked) -> Shown:
    """Tells what time it is in a portal."""
    return _shown(asked, await asked.own_portal())


async def turn(asked: Asked) -> Shown:
    """Freezes, sets, advances or releases the clock of a portal."""
    portal, asked_turn = await asked.own_portal(), asked.read(Turn)
    clock = asked.state.clock
    hands = _turned(clock, clock.hands(portal), asked_turn)
    if not 0 <= hands.at(clock.now()) <= LAST:
        raise InvalidParameter("body", "advance")
    await asked.state.bench.turn(portal, hands)
    return _shown(asked, portal)


def _turned(clock: Clock, hands: Hands, asked: Turn) -> Hands:
    given = [name for name in asked.__struct_fields__ if getattr(asked, name) is not UNSET]
    if len(given) != 1:
        raise InvalidParameter("body", "freeze")
    real = clock.now()
    if isinstance(asked.advance, int | float):
        return hands.moved(round(asked.advance * 1000))
    if isinstance(asked.set, str):
        return hands.set(_moment(asked.set, "set"), real)
    if asked.release is True:
        return Hands()
    stopped = hands.stopped(real)
    return stopped.set(_moment(asked.freeze, "freeze"), real) if isinstance(asked.freeze, str) else stopped


def _moment(text: str, name: str) -> int:
    try:
        return milliseconds(text)
    except Unfit as cause:
        raise InvalidParameter("body", name) from cause


def _shown(asked: Asked, portal: int) -> Shown:
    clock = asked.state.clock
    hands = clock.hands(portal)
    return {"now": moment(clock.now(portal)), "frozen": hands.frozen is not None, "offset": hands.offset}
