"""The limits that a portal sets on associations, held against what is to be tied (behaviour 16.8)."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from trunkline.crm.association import End, Held
from trunkline.crm.catalog import ObjectType
from trunkline.crm.link import Links, LinkType

Way = tuple[End, End, LinkType]
"""Two records, and the type of association that leads from the first to the second."""


class Passed(Struct, frozen=True):
    """A limit that an association would pass: the record that is full, the type of association, and how many it may."""

    end: End
    type: LinkType
    most: int

    def told(self, types: Iterable[ObjectType]) -> str:
        """The same in words."""
        names = {type_.id: type_.name for type_ in types}
        one, other = names.get(self.end[0], self.end[0]), names.get(self.type.target, self.type.target)
        return (
            f"{one}={self.end[1]} is associated with {self.most} {other} records by {self.type.category}="
            f"{self.type.id}, which is the limit"
        )


def limited(ways: Iterable[Way], links: Links) -> list[Held]:
    """What has to be known of the records to hold the portal's limits: nothing where it set none."""
    if not links.limits:
        return []
    return [(source, link) for way in ways for source, _, link in _both(way, links) if links.most(link) is not None]


class Count:
    """The records that others are tied to, as if all that was let pass so far had been written."""

    def __init__(self, held: Mapping[Held, frozenset[int]], links: Links) -> None:
        self._links = links
        self._held = {key: set(ids) for key, ids in held.items()}

    def passed(self, ways: Iterable[Way]) -> Passed | None:
        """The limit that some associations would pass, which are then not counted; None where they are let pass.

        What is tied already passes none: a limit does not undo what was there before it.
        """
        if not self._links.limits:
            return None
        counted: list[tuple[set[int], int]] = []
        for source, target, link in (both for way in ways for both in _both(way, self._links)):
            most = self._links.most(link)
            there = self._held.setdefault((source, link), set())
            if most is None or target[1] in there:
                continue
            if len(there) >= most:
                for ids, id_ in counted:
                    ids.remove(id_)
                return Passed(source, link, most)
            there.add(target[1])
            counted.append((there, target[1]))
        return None


def _both(way: Way, links: Links) -> tuple[Way, ...]:
    """An association from both its ends."""
    source, target, link = way
    back = links.inverse(link)
    return (way,) if back is None else (way, (target, source, back))
