"""What written records are to be tied to: finding it, and tying it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from trunkline.load.account import SHIPPED, TIES, Account, parts
from trunkline.load.exported import Kind, Tie
from trunkline.load.mapping import Call
from trunkline.load.stopped import Stopped
from trunkline.load.verdict import Json, readable

REMEMBERED = 100_000
"""Keys of other ends whose record ids are remembered."""


class Link(NamedTuple):
    """A record that a call is to be tied to, which is there, and how."""

    call: Call
    type: str
    id: str
    types: list[Json]


Loose = tuple[Call, str]
"""A call, and why it is not tied to something."""


class Tying:
    """Ties records of a type. `same` means that the file's record ids are those of this account.

    Otherwise the other ends are found by the keys that the file tells, and those without one are not tied: a record of
    the same id may be anybody here.
    """

    def __init__(self, account: Account, type_: str, same: bool, note: Callable[[str], None]) -> None:
        self._account = account
        self._type = type_
        self._same = same
        self._note = note
        self._ids: dict[tuple[str, str, str], str | None] = {}
        self._labels: dict[str, dict[tuple[str, str | None], int]] = {}
        self._lacking: set[tuple[str, str | None]] = set()
        self.unkeyed = 0

    async def links(self, calls: Sequence[Call]) -> tuple[list[Link], list[Loose]]:
        """What the ties of calls lead to, and what they lead to not."""
        if not self._same:
            await self._learn(_keyed(calls))
        links: list[Link] = []
        loose: list[Loose] = []
        for call in calls:
            for type_, tie in call.ties:
                id_ = self._id(type_, tie)
                if id_ is not None:
                    links.append(Link(call, type_, id_, await self._types(type_, tie.types)))
                elif not tie.property:
                    self.unkeyed += 1
                else:
                    loose.append((call, f"not tied to {type_}: there is none with {tie.property} {tie.key or 'empty'}"))
        return links, loose

    async def tie(self, ids: dict[int, str], links: Sequence[Link]) -> tuple[int, list[Loose]]:
        """Ties records, whose ids are given by line; says how many are tied, and what went wrong."""
        made, loose = 0, []
        for type_ in dict.fromkeys(link.type for link in links):
            some = [link for link in links if link.type == type_]
            for part in parts(some, TIES):
                failed = await self._make(type_, part, ids)
                made += len(part) - len(failed)
                loose += failed
        return made, loose

    async def _make(self, type_: str, links: Sequence[Link], ids: dict[int, str]) -> list[Loose]:
        inputs = [
            {"from": {"id": ids[link.call.row.line]}, "to": {"id": link.id}, "types": link.types} for link in links
        ]
        why = await self._account.tied(self._type, type_, inputs)
        if why is None:
            return []
        if len(links) == 1:
            return [(links[0].call, f"not tied to {type_} {links[0].id}: {readable(why)}")]
        middle = len(links) // 2
        return [*await self._make(type_, links[:middle], ids), *await self._make(type_, links[middle:], ids)]

    def _id(self, type_: str, tie: Tie) -> str | None:
        if self._same:
            return tie.id
        if not tie.property or not isinstance(tie.key, str):
            return None
        return self._ids.get((type_, tie.property, tie.key))

    async def _learn(self, keyed: Iterable[tuple[str, str, str]]) -> None:
        if len(self._ids) > REMEMBERED:
            self._ids.clear()
        new = [one for one in dict.fromkeys(keyed) if one not in self._ids]
        for type_, by in dict.fromkeys((type_, by) for type_, by, _ in new):
            keys = [key for of, name, key in new if (of, name) == (type_, by)]
            self._ids |= {(type_, by, key): None for key in keys}
            for held in await self._account.read(type_, keys, [by], by):
                self._ids[type_, by, held.properties.get(by) or ""] = held.id

    async def _types(self, type_: str, kinds: Sequence[Kind]) -> list[Json]:
        """The ways in which two records are tied, as this account numbers them: an account's own go by their labels."""
        types = {
            (kind.category, kind.type_id if kind.category == SHIPPED else await self._labelled(type_, kind))
            for kind in kinds
        }
        return [
            {"associationCategory": category, "associationTypeId": number}
            for category, number in sorted(types, key=str)
            if number is not None
        ] or [await self._plain(type_)]

    async def _labelled(self, type_: str, kind: Kind) -> int | None:
        number = (await self._known(type_)).get((kind.category, kind.label))
        if number is None and (type_, kind.label) not in self._lacking:
            self._lacking.add((type_, kind.label))
            self._note(f"Not tied as {kind.label!r} to {type_}: the account has no such label. Tied without it.")
        return number

    async def _plain(self, type_: str) -> Json:
        for (category, label), number in (await self._known(type_)).items():
            if label is None:
                return {"associationCategory": category, "associationTypeId": number}
        raise Stopped(f"{self._account.url} tells no way to associate {self._type} with {type_} without a label.")

    async def _known(self, type_: str) -> dict[tuple[str, str | None], int]:
        if type_ not in self._labels:
            answer = await self._account.ask("GET", f"/crm/v4/associations/{self._type}/{type_}/labels")
            self._labels[type_] = {
                (one["category"], one.get("label")): one["typeId"] for one in answer.get("results", ())
            }
        return self._labels[type_]


def _keyed(calls: Iterable[Call]) -> Iterator[tuple[str, str, str]]:
    for call in calls:
        for type_, tie in call.ties:
            if tie.property and isinstance(tie.key, str):
                yield type_, tie.property, tie.key
