"""What the workbench has set up in the portals of a server, as the store keeps it."""

from functools import partial

import msgspec

from trunkline.bench.checkpoint import Note
from trunkline.bench.fault import Fault, Kept, Rules
from trunkline.clock import Clock, Hands
from trunkline.http.ledger import Ledger
from trunkline.identity.limit import Policy
from trunkline.store.bench import Bench

CLOCK = "hands"
"""The name of the note that has the hands of a portal's clock."""

FAULTS = Policy(name="FAULTS", slots=1, slot_milliseconds=1 << 60, sources=())
"""How faults are counted: for ever."""

_hands = msgspec.json.Decoder(Hands).decode
_fault = msgspec.json.Decoder(Kept).decode


class Workbench:
    """The notes of all portals as this process knows them; `doubtful` once another process changed some.

    `faults` are the faults of all portals, counted together with other processes where there is a `ledger`.
    """

    def __init__(self, bench: Bench, clock: Clock, ledger: Ledger | None = None) -> None:
        self._bench = bench
        self._clock = clock
        self.faults = Rules() if ledger is None else Rules(partial(ledger.window, FAULTS))
        self.doubtful = True

    def doubt(self) -> None:
        """Has the notes read again before the next request."""
        self.doubtful = True

    async def refresh(self) -> None:
        """Reads the notes again."""
        self.doubtful = False
        try:
            notes = await self._bench.notes()
        except BaseException:
            self.doubtful = True
            raise
        self._clock.put({note.portal: _hands(note.detail) for note in notes if note.kind == "clock"})
        self.faults.put((note.portal, _fault(note.detail)) for note in notes if note.kind == "fault")

    async def turn(self, portal: int, hands: Hands) -> None:
        """Moves the hands of a portal's clock, for all processes and until they are moved again."""
        if hands == Hands():
            await self._bench.drop(portal, "clock", CLOCK)
        else:
            await self._bench.keep(Note(portal, "clock", CLOCK, msgspec.json.encode(hands).decode()))
        await self.refresh()

    async def add(self, portal: int, fault: Fault) -> Fault:
        """Adds a fault to a portal, for all processes and until it is taken away; another of its name goes."""
        kept = self.faults.placed(portal, fault, self._clock.real())
        await self._bench.keep(Note(portal, "fault", kept.fault.name, msgspec.json.encode(kept).decode()))
        await self.refresh()
        return kept.fault

    async def clear(self, portal: int, name: str | None = None) -> int:
        """Takes one fault of a portal away, or all of them, and says how many there were."""
        cleared = await self._bench.drop(portal, "fault", name)
        await self.refresh()
        return cleared
