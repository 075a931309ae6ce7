"""Copying what ties the records that were copied."""

from collections.abc import Iterable, Sequence
from typing import Any

from trunkline.load.account import SHIPPED, Account, parts
from trunkline.load.verdict import Json
from trunkline.mirror import REMOTE_ID


class Ties:
    """The associations of the records of some types. Types of an account's own become the plain one here."""

    def __init__(self, remote: Account, local: Account, types: Sequence[str]) -> None:
        self._remote = remote
        self._local = local
        self._types = types
        self._seen: dict[str, list[str]] = {}
        self._known: dict[tuple[str, str], str] = {}

    def note(self, type_: str, ids: Iterable[str]) -> None:
        """These records, by their ids there, were copied."""
        self._seen.setdefault(type_, []).extend(ids)

    async def make(self) -> int:
        """Ties all that is tied there and here on both ends; says how many pairs."""
        made = 0
        for source, ids in self._seen.items():
            for target in self._types:
                for some in parts(ids):
                    made += await self._tie(source, target, some)
        return made

    async def _tie(self, source: str, target: str, ids: Sequence[str]) -> int:
        body = {"inputs": [{"id": id_} for id_ in ids]}
        answer = await self._remote.ask("POST", f"/crm/v4/associations/{source}/{target}/batch/read", body)
        pairs = [(one["from"]["id"], to) for one in answer.get("results", ()) for to in one["to"]]
        if not pairs:
            return 0
        await self._learn(source, [str(id_) for id_, _ in pairs])
        await self._learn(target, [str(to["toObjectId"]) for _, to in pairs])
        inputs = [found for id_, to in pairs if (found := self._input(source, target, str(id_), to)) is not None]
        await self._local.tie(source, target, inputs)
        return len(inputs)

    async def _learn(self, type_: str, ids: Sequence[str]) -> None:
        """Learns which records here are those there."""
        new = [id_ for id_ in ids if (type_, id_) not in self._known]
        for one in await self._local.read(type_, new, [REMOTE_ID], REMOTE_ID):
            self._known[type_, str(one.properties[REMOTE_ID])] = one.id

    def _input(self, source: str, target: str, id_: str, to: Any) -> Json | None:
        one, other = self._known.get((source, id_)), self._known.get((target, str(to["toObjectId"])))
        types = [
            {"associationCategory": SHIPPED, "associationTypeId": kind["typeId"]}
            for kind in to["associationTypes"]
            if kind["category"] == SHIPPED
        ]
        if one is None or other is None or not types:
            return None
        return {"from": {"id": one}, "to": {"id": other}, "types": types}
