"""Sending on what was changed here: gathered by record, in batches, each as it is now."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct

from trunkline.load.account import SHIPPED, Account, Held, parts
from trunkline.load.verdict import Json, Refused
from trunkline.mirror import REMOTE_ID
from trunkline.mirror.dead import Letters
from trunkline.mirror.gathered import Gathered, Key, Tie, gathered
from trunkline.mirror.journal import Journal, Stretch
from trunkline.mirror.labels import OWN, Labels
from trunkline.mirror.saved import Saved
from trunkline.mirror.schema import definitions, ensure_remembered, writable

AT_ONCE = 2000
"""Records that are gathered before they are sent."""

READ = 200
"""Changes that are read of the journal at once; one may list a hundred records."""


class Counts(Struct):
    """What became of what was changed, and how far behind the other side is."""

    sent: int = 0
    archived: int = 0
    tied: int = 0
    dead: int = 0
    waiting: int = 0
    lag: float = 0.0


class Forward:
    """Sends changes on. `keys` has the unique property by type by which a new record is found there.

    A record is sent with its values as they are when it is sent, so a later change may arrive with an earlier one, and
    never the other way round. The position is kept after a stretch was sent: what is sent twice changes nothing.
    """

    def __init__(
        self,
        remote: Account,
        local: Account,
        journal: Journal,
        saved: Saved,
        app: int,
        keys: Mapping[str, str],
        letters: Letters,
        told: Callable[[str], None],
    ) -> None:
        self._remote = remote
        self._local = local
        self._journal = journal
        self._saved = saved
        self._app = app
        self._keys = keys
        self._letters = letters
        self._told = told
        self._names: dict[str, list[str]] = {}
        self._read = Stretch([], False)
        self._labels = Labels(local, remote, told, make=False)
        self.counts = Counts()

    async def step(self) -> bool:
        """Sends one stretch of the journal on; False when there was none."""
        state = self._saved.state
        read = self._read if self._read.changes else self._journal.after(state.sent or 0, READ)
        self.counts.waiting, self.counts.lag = len(read.changes), read.age()
        stretch, self._read = read.split(AT_ONCE)
        if not stretch.changes:
            return False
        await self.send(gathered(stretch.changes, self._app))
        state.sent = stretch.last
        self._saved.save()
        self.counts.waiting, self.counts.lag = 0, 0.0
        return True

    async def again(self) -> None:
        """Sends on what was refused before."""
        dead = self._letters.take()
        await self.send(Gathered(created={(one.type, one.id): None for one in dead}))

    async def send(self, found: Gathered) -> None:
        """Sends on what a stretch comes to: records first, then what ties them, last what is gone."""
        for what in found.passed:
            self._told(f"Not sent on: {what}.")
        batches = [batch for type_ in self._types(found) for batch in await self._batches(type_, found)]
        await asyncio.gather(*batches)
        await self._tie(found)
        await self._archive(found)

    def _types(self, found: Gathered) -> list[str]:
        known = {type_ for type_, _ in (*found.created, *found.changed)}
        return [type_ for type_ in self._keys if type_ in known]

    async def _batches(self, type_: str, found: Gathered) -> list["asyncio.Task[None]"]:
        names = await self._writable(type_)
        new = [id_ for of, id_ in found.created if of == type_]
        changed = {
            id_: some for (of, id_), some in found.changed.items() if of == type_ and (of, id_) not in found.created
        }
        held = await self._local.read(type_, [*new, *changed], [*names, REMOTE_ID])
        updates, upserts = [], []
        for one in held:
            there = one.properties.get(REMOTE_ID)
            chosen = [name for name in names if name in changed[one.id]] if one.id in changed and there else names
            values = _values(one, chosen, clears=one.id in changed)
            if there:
                updates.append((one, {"id": there, "properties": values}))
            elif key := one.properties.get(self._keys[type_]):
                upserts.append((one, {"idProperty": self._keys[type_], "id": key, "properties": values}))
            else:
                self._dead(type_, one.id, f"it has no {self._keys[type_]}, by which it could be found there")
        return [
            asyncio.create_task(self._send(type_, verb, some))
            for verb, all_ in (("update", updates), ("upsert", upserts))
            for some in parts([pair for pair in all_ if pair[1]["properties"]])
        ]

    async def _send(self, type_: str, verb: str, some: Sequence[tuple[Held, Json]]) -> None:
        outcomes = await self._remote.write(type_, verb, [input_ for _, input_ in some])
        born = []
        for (one, _), outcome in zip(some, outcomes, strict=True):
            if isinstance(outcome, Refused):
                self._dead(type_, one.id, outcome.why)
                continue
            self.counts.sent += 1
            if verb == "upsert" and outcome.id:
                born.append({"id": one.id, "properties": {REMOTE_ID: outcome.id}})
        if born:
            await self._local.write(type_, "update", born)

    async def _writable(self, type_: str) -> list[str]:
        """The properties that both sides have and the other one lets be written."""
        if type_ not in self._names:
            here = await ensure_remembered(self._local, type_)
            self._names[type_] = [name for name in writable(await definitions(self._remote, type_)) if name in here]
        return self._names[type_]

    async def _tie(self, found: Gathered) -> None:
        ends = {end for tie in found.tied for end in (tie.source, tie.target)}
        there = await self._remote_ids([*ends, *(end for pair in found.parted for end in pair)])
        by_types: dict[tuple[str, str], list[Json]] = {}
        for tie in found.tied:
            type_id = await self._type_there(tie) if tie.source in there and tie.target in there else None
            if type_id is not None:
                types = [{"associationCategory": tie.category, "associationTypeId": type_id}]
                pair = {"from": {"id": there[tie.source]}, "to": {"id": there[tie.target]}, "types": types}
                by_types.setdefault((tie.source[0], tie.target[0]), []).append(pair)
        for (source, target), pairs in by_types.items():
            await self._remote.tie(source, target, pairs)
            self.counts.tied += len(pairs)
        await self._part(found, there)

    async def _type_there(self, tie: Tie) -> int | None:
        """The number of a type of association there; None when it is not there."""
        if tie.category == OWN:
            return (await self._labels.between(tie.source[0], tie.target[0])).get(tie.type_id)
        return tie.type_id if tie.category == SHIPPED else None

    async def _part(self, found: Gathered, there: Mapping[Key, str]) -> None:
        for source, target in found.parted:
            if source in there and target in there:
                body = {"inputs": [{"from": {"id": there[source]}, "to": [{"id": there[target]}]}]}
                await self._remote.ask("POST", f"/crm/v4/associations/{source[0]}/{target[0]}/batch/archive", body)

    async def _remote_ids(self, keys: Iterable[Key], *, archived: bool = False) -> dict[Key, str]:
        """The ids there of live or archived records here, of those that are known there."""
        by_type: dict[str, list[str]] = {}
        for type_, id_ in dict.fromkeys(keys):
            if type_ in self._keys:
                by_type.setdefault(type_, []).append(id_)
        found: dict[Key, str] = {}
        for type_, ids in by_type.items():
            await self._writable(type_)
            for one in await self._local.read(type_, ids, [REMOTE_ID], archived=archived):
                if there := one.properties.get(REMOTE_ID):
                    found[type_, one.id] = there
        return found

    async def _archive(self, found: Gathered) -> None:
        by_type: dict[str, list[str]] = {}
        for (type_, _), there in (await self._remote_ids(found.archived, archived=True)).items():
            by_type.setdefault(type_, []).append(there)
        for type_, ids in by_type.items():
            await self._remote.archive(type_, ids)
            self.counts.archived += len(ids)

    def _dead(self, type_: str, id_: str, why: str) -> None:
        self._letters.add(type_, id_, why)
        self.counts.dead += 1
        self._told(f"{type_} {id_}: {why}")


def _values(one: Held, names: Iterable[str], *, clears: bool) -> dict[str, str]:
    """What is sent of a record; what is not set is left out of a new one, and cleared in one that changed."""
    values = {name: one.properties.get(name) for name in names}
    return {name: value or "" for name, value in values.items() if value or clears}
