"""Upserting batches, and finding out what became of each row."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from trunkline.load.batches import SIZE
from trunkline.load.mapping import Call
from trunkline.load.remote import Remote
from trunkline.load.stopped import Stopped
from trunkline.load.verdict import Batch, Json, Refused, Verdicts

PATH = "/crm/v3/objects/calls/batch/upsert"


class Fate(NamedTuple):
    """What became of some rows."""

    created: int = 0
    updated: int = 0
    rejected: Sequence[tuple[Call, str]] = ()


class Sender:
    """Sends calls to the service's upsert, by the property `key`, and tells `told` the fate of every one of them.

    A call is told of once, in as many portions as it takes. Each input carries the number of its line as trace id.
    """

    def __init__(self, remote: Remote, key: str, told: Callable[[Fate], None]) -> None:
        self._remote = remote
        self._key = key
        self._told = told
        self._landed = 0

    async def upsert(self, calls: Sequence[Call]) -> None:
        """Writes up to 100 calls with keys that all differ.

        Raises Stopped for an answer that every row would get; also when a full batch is refused row by row for one and
        the same reason before anything has gone in.
        """
        rows = {str(call.row.line): call for call in calls}
        reasons = []
        async for portion in Batch(self._remote, PATH, {trace: self._input(rows[trace]) for trace in rows}).verdicts():
            self._tell(rows, portion)
            reasons += [one.why for one in portion.values() if isinstance(one, Refused) and one.alone]
        if len(calls) >= SIZE and len(reasons) == len(calls) and len(set(reasons)) == 1 and not self._landed:
            raise Stopped(f"{self._remote.url} refuses every row: {reasons[0]}")

    def _tell(self, rows: dict[str, Call], portion: Verdicts) -> None:
        rejected = [(rows[trace], one.why) for trace, one in portion.items() if isinstance(one, Refused)]
        written = len(portion) - len(rejected)
        created = sum(not isinstance(one, Refused) and one.new for one in portion.values())
        self._landed += written
        self._told(Fate(created, written - created, rejected))

    def _input(self, call: Call) -> Json:
        return {"idProperty": self._key, "id": call.key, "properties": call.properties}
