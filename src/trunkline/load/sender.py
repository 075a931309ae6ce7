"""Writing batches, and finding out what became of each row."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import NamedTuple

from trunkline.load.batches import SIZE
from trunkline.load.mapping import Call
from trunkline.load.named import RECORD_ID
from trunkline.load.remote import Remote
from trunkline.load.stopped import Stopped
from trunkline.load.tying import Link, Loose, Tying
from trunkline.load.verdict import Batch, Json, Refused, Verdicts, Written


class Verb(StrEnum):
    """What is done with the rows: upsert by a unique property, update by record id, or create."""

    UPSERT = "upsert"
    UPDATE = "update"
    CREATE = "create"


class Fate(NamedTuple):
    """What became of some rows, and how many associations of theirs were made; `untied` says which were not."""

    created: int = 0
    updated: int = 0
    rejected: Sequence[tuple[Call, str]] = ()
    tied: int = 0
    untied: Sequence[Loose] = ()


class Sender:
    """Sends records of a type by their `key`, and tells `told` the fate of every one of them.

    A row is told of once, in as many portions as it takes. Each input carries the number of its line as trace id.
    """

    def __init__(
        self, remote: Remote, type_: str, key: str | None, told: Callable[[Fate], None], tying: Tying | None = None
    ) -> None:
        self._remote = remote
        self._key = key
        self._verb = Verb.CREATE if key is None else Verb.UPDATE if key == RECORD_ID else Verb.UPSERT
        self._path = f"/crm/v3/objects/{type_}/batch/{self._verb}"
        self._told = told
        self._tying = tying
        self._landed = 0

    async def send(self, calls: Sequence[Call]) -> None:
        """Writes up to 100 records with keys that all differ, and ties them.

        Raises Stopped for an answer that every row would get; also when a full batch is refused row by row for one and
        the same reason before anything has gone in.
        """
        rows = {str(call.row.line): call for call in calls}
        links, loose = await self._tying.links(calls) if self._tying else ([], [])
        inputs = {trace: self._input(call, links) for trace, call in rows.items()}
        found: Verdicts = {}
        async for portion in Batch(self._remote, self._path, inputs).verdicts():
            self._tell(rows, portion)
            found |= portion
        self._require_hope(found)
        if links or loose:
            await self._tie(links, loose, {rows[trace].row.line: one for trace, one in found.items()})

    def _require_hope(self, found: Verdicts) -> None:
        reasons = [one.why for one in found.values() if isinstance(one, Refused) and one.alone]
        if SIZE <= len(found) == len(reasons) and len(set(reasons)) == 1 and not self._landed:
            raise Stopped(f"{self._remote.url} refuses every row: {reasons[0]}")

    async def _tie(self, links: Sequence[Link], loose: Sequence[Loose], found: dict[int, Written | Refused]) -> None:
        """Ties those that are in, but for new ones, which were tied as they were made."""
        ids = {line: one.id for line, one in found.items() if isinstance(one, Written)}
        links = [link for link in links if link.call.row.line in ids]
        unknown = "the service does not say which record it is"
        untied = [one for one in loose if one[0].row.line in ids]
        made = len(links)
        if self._tying is not None and self._verb is not Verb.CREATE:
            untied += [(link.call, f"not tied: {unknown}") for link in links if not ids[link.call.row.line]]
            made, failed = await self._tying.tie(ids, [link for link in links if ids[link.call.row.line]])
            untied += failed
        self._told(Fate(tied=made, untied=untied))

    def _tell(self, rows: dict[str, Call], portion: Verdicts) -> None:
        rejected = [(rows[trace], one.why) for trace, one in portion.items() if isinstance(one, Refused)]
        written = len(portion) - len(rejected)
        created = sum(not isinstance(one, Refused) and one.new for one in portion.values())
        created = written if self._verb is Verb.CREATE else created
        self._landed += written
        self._told(Fate(created, written - created, rejected))

    def _input(self, call: Call, links: Sequence[Link]) -> Json:
        if self._verb is Verb.UPSERT:
            return {"idProperty": self._key, "id": call.key, "properties": call.properties}
        if self._verb is Verb.UPDATE:
            return {"id": call.key, "properties": call.properties}
        own = [link for link in links if link.call.row.line == call.row.line]
        ties = [{"to": {"id": link.id}, "types": link.types} for link in own]
        return {"properties": call.properties} | ({"associations": ties} if ties else {})
