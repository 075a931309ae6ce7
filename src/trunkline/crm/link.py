"""The types of association that HubSpot defines: how two records may be tied, each in one direction.

Two records are tied in both directions at once; `inverse` names the type that the other one sees. Ids are the same in
every portal, and those of object types too, so the table also has types whose objects are not served yet.
"""

from collections.abc import Iterable
from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct

HUBSPOT_DEFINED = "HUBSPOT_DEFINED"
"""The category of the types that come with HubSpot; a portal's own would be USER_DEFINED."""


class LinkType(Struct, frozen=True, rename={"source": "from", "target": "to"}):
    """One way in which a record of one object type is tied to a record of another.

    `source` and `target` are object type ids, `name` is what version 3 calls the type (behaviour 3.12), `label` what
    version 4 shows, None for the plain tie. `inverse` is the id of the type in the other direction, which is the same
    one where the tie has no direction, and None where no source tells it. `default` marks the type that is meant when
    two records are tied without saying how.
    """

    id: int
    source: str
    target: str
    name: str
    label: str | None = None
    primary: bool = False
    inverse: int | None = None
    default: bool = False
    category: str = HUBSPOT_DEFINED


class Links:
    """The association types by what they are asked for by."""

    def __init__(self, types: Iterable[LinkType] | None = None) -> None:
        known = shipped_links() if types is None else tuple(types)
        self._by_id = {(type_.category, type_.id): type_ for type_ in known}
        self._between: dict[tuple[str, str], tuple[LinkType, ...]] = {}
        for type_ in known:
            ends = type_.source, type_.target
            self._between[ends] = (*self._between.get(ends, ()), type_)
        self._default = {(type_.source, type_.target): type_ for type_ in known if type_.default}

    def by_id(self, category: str, id_: int) -> LinkType | None:
        """The type of this id, which is unique within its category; None where there is none."""
        return self._by_id.get((category, id_))

    def between(self, source: str, target: str) -> tuple[LinkType, ...]:
        """All types from one object type to another, given by their ids, in the order of the types' ids."""
        return self._between.get((source, target), ())

    def default(self, source: str, target: str) -> LinkType | None:
        """The type of a tie that says nothing of itself; None where records of these types cannot be tied."""
        return self._default.get((source, target))


@cache
def shipped_links() -> tuple[LinkType, ...]:
    """The association types that come with Trunkline, by id, read once from their data file."""
    text = (files("trunkline") / "data" / "associations.json").read_bytes()
    return msgspec.json.decode(text, type=tuple[LinkType, ...])


@cache
def shipped() -> Links:
    """The association types of a portal that has none of its own."""
    return Links()
