"""The types of association that an account made itself, and those of another one that are called the same."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from trunkline.load.account import Account
from trunkline.load.stopped import Stopped

OWN = "USER_DEFINED"
"""The category of the types of association that an account made itself."""

LONGEST = 40
"""Characters of the name that a label is given here, but for its number."""

_UNNAMED = re.compile(r"[^A-Za-z0-9]+")


class Labels:
    """Finds the labels of one account in another one, and makes those that are not there, if it may."""

    def __init__(self, source: Account, target: Account, told: Callable[[str], None], *, make: bool) -> None:
        self._source = source
        self._target = target
        self._told = told
        self._may_make = make
        self._known: dict[tuple[str, str], Mapping[int, int]] = {}

    async def between(self, source: str, target: str) -> Mapping[int, int]:
        """The types in the target by those in the source, from one object type to another."""
        if (source, target) not in self._known:
            for one, other in {(source, target), (target, source)}:
                self._known[one, other] = {}
            try:
                await self._find(source, target)
            except Stopped as cause:
                self._told(f"Labels between {source} and {target} become the plain association: {cause}")
        return self._known[source, target]

    async def _find(self, source: str, target: str) -> None:
        there = {way: await _own(self._source, *way) for way in ((source, target), (target, source))}
        if not any(there.values()):
            return
        here = await _own(self._target, source, target)
        if source != target and self._may_make:
            for label, inverse in neighbours(there[source, target], there[target, source]):
                if label not in here.values():
                    await self._make(source, target, label, inverse)
        for way, labels in there.items():
            by_text = {label: id_ for id_, label in (await _own(self._target, *way)).items()}
            self._known[way] = {id_: by_text[label] for id_, label in labels.items() if label in by_text}

    async def _make(self, source: str, target: str, label: str, inverse: str) -> None:
        path = f"/crm/v4/associations/{source}/{target}/labels"
        told = {"label": label, "name": named(label, source, target)}
        await self._target.ask("POST", path, told | ({} if inverse == label else {"inverseLabel": inverse}))


async def _own(account: Account, source: str, target: str) -> dict[int, str]:
    """The labels of an account's own from one object type to another."""
    answer = await account.ask("GET", f"/crm/v4/associations/{source}/{target}/labels")
    found: Sequence[Any] = answer["results"]
    return {int(one["typeId"]): str(one["label"]) for one in found if one["category"] == OWN and one.get("label")}


def neighbours(there: Mapping[int, str], back: Mapping[int, str]) -> Iterator[tuple[str, str]]:
    """The labels of both directions that belong together: their numbers are neighbours (behaviour 16.2)."""
    left = {
        **{id_: (label, True) for id_, label in there.items()},
        **{id_: (text, False) for id_, text in back.items()},
    }
    for id_ in sorted(left):
        label, forward = left.pop(id_, ("", True))
        if label and left.get(id_ + 1, ("", forward))[1] is not forward:
            other, _ = left.pop(id_ + 1)
            yield (label, other) if forward else (other, label)


def named(label: str, source: str, target: str) -> str:
    """A name for a label, which has no hyphen and begins with no digit (behaviour 16.13)."""
    return _UNNAMED.sub("_", f"{source}_{target}_{label}")[:LONGEST].strip("_").lower()
