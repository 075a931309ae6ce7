"""What was changed here and is not sent on yet: a copy of the other side leaves it alone."""

from collections.abc import Mapping, Sequence

from trunkline.load.account import Account
from trunkline.mirror import REMOTE_ID
from trunkline.mirror.gathered import Gathered, Key, gather
from trunkline.mirror.journal import Journal


class Pending:
    """What waits to be sent on: what changed after `sent`, but for what the mirror's `own` app wrote.

    Nothing is when that is None, since nothing was ever sent on.
    """

    def __init__(self, journal: Journal, sent: int | None, own: int) -> None:
        self._journal = journal
        self._position = sent
        self._own = own
        self._waiting = Gathered()
        self.renew()

    def renew(self) -> None:
        """Looks what came since it was looked before."""
        more = self._position is not None
        while more and self._position is not None:
            stretch = self._journal.after(self._position)
            gather(self._waiting, stretch.changes, self._own)
            self._position = stretch.last if stretch.changes else self._position
            more = stretch.more and bool(stretch.changes)

    def ties(self, one: Key, other: Key) -> bool:
        """Whether it waits to be sent on that these two are tied."""
        return any({tie.source, tie.target} == {one, other} for tie in self._waiting.tied)

    def parts(self, one: Key, other: Key) -> bool:
        """Whether it waits to be sent on that these two were parted."""
        return (one, other) in self._waiting.parted or (other, one) in self._waiting.parted

    async def names(self, local: Account, type_: str, remote_ids: Sequence[str]) -> Mapping[str, frozenset[str]]:
        """By the ids there of some records, the properties that wait to be sent on."""
        if not any(of == type_ for of, _ in self._waiting.changed):
            return {}
        held = await local.read(type_, remote_ids, [REMOTE_ID], REMOTE_ID)
        return {
            str(one.properties[REMOTE_ID]): frozenset(self._waiting.changed.get((type_, one.id), ())) for one in held
        }
