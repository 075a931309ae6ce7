"""What records are tied to."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import TypeVar

import msgspec
from msgspec import Struct, field

from trunkline.export.pages import Paging
from trunkline.export.wanted import Ends
from trunkline.load.account import Account
from trunkline.load.exported import Kind, Parted, Tie, Whole

AT_ONCE = 1000
"""Records whose associations are read in one request."""

REMEMBERED = 100_000
"""Records at the other ends whose key is remembered."""

R = TypeVar("R", Whole, Parted)


class _Id(Struct):
    id: str


class _To(Struct, rename="camel"):
    to_object_id: str | int
    association_types: list[Kind]


class _Of(Struct):
    source: _Id = field(name="from")
    to: list[_To]
    paging: Paging | None = None


class _Answer(Struct):
    results: list[_Of] = []


_answers = msgspec.json.Decoder(_Answer)


class Ties:
    """Tells each record of one type what it is tied to, by the type at the other end."""

    def __init__(self, account: Account, type_: str, ends: Sequence[Ends]) -> None:
        self._account = account
        self._type = type_
        self._ends = ends
        self._keys: dict[tuple[str, str], str | None] = {}

    async def of(self, pages: AsyncIterator[list[R]]) -> AsyncIterator[list[R]]:
        """The pages, put together to as many records as are asked about at once, with their ties."""
        gathered: list[R] = []
        async for page in pages:
            gathered += page
            if len(gathered) >= AT_ONCE:
                yield await self._tied(gathered)
                gathered = []
        if gathered:
            yield await self._tied(gathered)

    async def _tied(self, records: list[R]) -> list[R]:
        found = {one.type: await self._read(one, [record.id for record in records]) for one in self._ends}
        for record in records:
            record.associations = {type_: ties.get(record.id, []) for type_, ties in found.items()}
        return records

    async def _read(self, end: Ends, ids: Sequence[str]) -> Mapping[str, list[Tie]]:
        path = f"/crm/v4/associations/{self._type}/{end.type}/batch/read"
        found: dict[str, list[Tie]] = {}
        inputs: list[dict[str, str]] = [{"id": id_} for id_ in ids]
        while inputs:
            answer = await self._account.told("POST", path, {"inputs": inputs[:AT_ONCE]}, _answers)
            inputs = inputs[AT_ONCE:]
            for of in answer.results if answer else ():
                found.setdefault(of.source.id, []).extend(
                    Tie(str(to.to_object_id), to.association_types) for to in of.to
                )
                if of.paging is not None and of.paging.next is not None:
                    inputs.append({"id": of.source.id, "after": of.paging.next.after})
        if end.key is not None:
            await self._name(end.type, end.key, [tie for ties in found.values() for tie in ties])
        return found

    async def _name(self, type_: str, key: str, ties: Iterable[Tie]) -> None:
        """Adds to ties the other end's key."""
        ties = list(ties)
        new = dict.fromkeys(tie.id for tie in ties if (type_, tie.id) not in self._keys)
        if len(self._keys) > REMEMBERED:
            self._keys.clear()
            new = dict.fromkeys(tie.id for tie in ties)
        for held in await self._account.read(type_, new, [key]):
            self._keys[type_, held.id] = held.properties.get(key)
        for tie in ties:
            tie.property, tie.key = key, self._keys.get((type_, tie.id))
