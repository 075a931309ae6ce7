"""What was changed here and is not sent on yet: a copy of the other side leaves it alone."""

from collections.abc import Mapping, Sequence

from trunkline.load.account import Account
from trunkline.mirror import REMOTE_ID
from trunkline.mirror.gathered import Gathered


class Pending:
    """The changes of a stretch of the journal that waits to be sent on."""

    def __init__(self, waiting: Gathered) -> None:
        self._waiting = waiting

    async def names(self, local: Account, type_: str, remote_ids: Sequence[str]) -> Mapping[str, frozenset[str]]:
        """By the ids there of some records, the properties that wait to be sent on."""
        if not any(of == type_ for of, _ in self._waiting.changed):
            return {}
        held = await local.read(type_, remote_ids, [REMOTE_ID], REMOTE_ID)
        return {
            str(one.properties[REMOTE_ID]): frozenset(self._waiting.changed.get((type_, one.id), ())) for one in held
        }
