"""Copying what ties the records that were copied: ties here become as they are there."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from trunkline.load.account import SHIPPED, Account, parts
from trunkline.load.verdict import Json
from trunkline.mirror import REMOTE_ID
from trunkline.mirror.labels import OWN, Labels
from trunkline.mirror.pending import Pending

Type = tuple[str, int]
"""A type of association: its category, and its number."""

Pairs = dict[tuple[str, str], set[Type]]
"""By which types records are tied, by the ids of both."""


class Ties(Struct):
    """The associations of the records of some types: what was made and parted so far.

    A type of association that is there and not here becomes the plain one. What waits to be sent on is left alone.
    """

    remote: Account
    local: Account
    types: Sequence[str]
    pending: Pending
    told: Callable[[str], None]
    made: int = 0
    parted: int = 0
    here: dict[tuple[str, str], str] = field(default_factory=dict)
    there: dict[tuple[str, str], str] = field(default_factory=dict)

    async def copy(self, type_: str, ids: Sequence[str]) -> None:
        """Ties here what is tied there of these records, by their ids there, and parts what is not."""
        labels = Labels(self.remote, self.local, self.told, make=True)
        for target in self.types:
            known = await labels.between(type_, target)
            for some in parts(ids):
                await self._compare(type_, target, some, known)

    async def _compare(self, source: str, target: str, ids: Sequence[str], labels: Mapping[int, int]) -> None:
        there = await _pairs(self.remote, source, target, ids)
        await self._learn(source, ids, REMOTE_ID)
        await self._learn(target, [other for _, other in there], REMOTE_ID)
        wanted = self._wanted(source, target, there, labels)
        mine = [known for id_ in ids if (known := self.here.get((source, id_))) is not None]
        here = await _pairs(self.local, source, target, mine)
        await self._learn(target, [other for _, other in here])
        # What was tied here by now is in the journal by now.
        self.pending.renew()
        await self._tie(source, target, wanted, here)
        await self._part(source, target, wanted, here)

    def _wanted(self, source: str, target: str, there: Pairs, labels: Mapping[int, int]) -> Pairs:
        """The same by the ids and the types here, of those records that are here."""
        found: Pairs = {}
        for (id_, other), types in there.items():
            one, two = self.here.get((source, id_)), self.here.get((target, other))
            if one is not None and two is not None:
                own = {(OWN, labels[number]) for category, number in types if category == OWN and number in labels}
                found[one, two] = own | {type_ for type_ in types if type_[0] == SHIPPED}
        return found

    async def _tie(self, source: str, target: str, wanted: Pairs, here: Pairs) -> None:
        lacking = {
            pair: types - here.get(pair, set())
            for pair, types in wanted.items()
            if not self.pending.parts((source, pair[0]), (target, pair[1]))
        }
        inputs = [_input(pair, types) for pair, types in lacking.items() if types]
        await self.local.tie(source, target, inputs)
        self.made += len(inputs)

    async def _part(self, source: str, target: str, wanted: Pairs, here: Pairs) -> None:
        gone, less = [], []
        for pair, types in here.items():
            if (target, pair[1]) not in self.there or self.pending.ties((source, pair[0]), (target, pair[1])):
                continue
            if not wanted.get(pair):
                gone.append({"from": {"id": pair[0]}, "to": [{"id": pair[1]}]})
            elif more := types - wanted[pair]:
                less.append(_input(pair, more))
        path = f"/crm/v4/associations/{source}/{target}/batch"
        for where, all_ in ((f"{path}/archive", gone), (f"{path}/labels/archive", less)):
            for some in parts(all_):
                await self.local.ask("POST", where, {"inputs": list(some)})
        self.parted += len(gone) + len(less)

    async def _learn(self, type_: str, ids: Iterable[str], by: str | None = None) -> None:
        """Learns which records here are which there, by their ids there or here."""
        known = self.here if by else self.there
        new = [id_ for id_ in dict.fromkeys(ids) if (type_, id_) not in known]
        for one in await self.local.read(type_, new, [REMOTE_ID], by):
            if there := one.properties.get(REMOTE_ID):
                self.here[type_, there] = one.id
                self.there[type_, one.id] = there


async def _pairs(account: Account, source: str, target: str, ids: Sequence[str]) -> Pairs:
    """What some records of an account are tied to."""
    found: Pairs = {}
    inputs: list[Json] = [{"id": id_} for id_ in ids]
    while inputs:
        answer = await account.ask("POST", f"/crm/v4/associations/{source}/{target}/batch/read", {"inputs": inputs})
        inputs = []
        for one in answer.get("results", ()):
            id_ = str(one["from"]["id"])
            for to in one["to"]:
                found[id_, str(to["toObjectId"])] = {
                    (kind["category"], kind["typeId"]) for kind in to["associationTypes"]
                }
            if after := ((one.get("paging") or {}).get("next") or {}).get("after"):
                inputs.append({"id": id_, "after": after})
    return found


def _input(pair: tuple[str, str], types: Iterable[Type]) -> Json:
    told: list[Any] = [{"associationCategory": category, "associationTypeId": number} for category, number in types]
    return {"from": {"id": pair[0]}, "to": {"id": pair[1]}, "types": told}
