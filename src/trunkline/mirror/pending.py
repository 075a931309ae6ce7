"""What was changed here and is not sent on yet: a copy of the other side leaves it alone."""

from collections.abc import Callable, Mapping, Sequence

from trunkline.load.account import Account
from trunkline.mirror import REMOTE_ID
from trunkline.mirror.gathered import Gathered, Key


class Pending:
    """What waits to be sent on: `look` says what it is, and is asked again by `renew`."""

    def __init__(self, look: Callable[[], Gathered]) -> None:
        self._look = look
        self._waiting = look()

    def renew(self) -> None:
        """Looks again."""
        self._waiting = self._look()

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
