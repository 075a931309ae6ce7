"""The types of association: how two records may be tied, each in one direction.

Two records are tied in both directions at once; `inverse` names the type that the other one sees. The ids of HubSpot's
own types are the same in every portal, and those of object types too, so the table also has types whose objects are
not served yet. A portal's own types are numbered from 1 in a category of their own.
"""

from collections.abc import Iterable
from copy import copy
from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct

HUBSPOT_DEFINED = "HUBSPOT_DEFINED"
"""The category of the types that come with HubSpot."""

USER_DEFINED = "USER_DEFINED"
"""The category of a portal's own types."""

CATEGORIES = (HUBSPOT_DEFINED, USER_DEFINED, "INTEGRATOR_DEFINED", "WORK")
"""All categories, each at the number that stands for it."""


class LinkType(Struct, frozen=True, rename={"source": "from", "target": "to"}):
    """One way in which a record of one object type is tied to a record of another.

    `source` and `target` are object type ids, `name` is what version 3 calls the type (behaviour 3.12), `label` what
    version 4 shows, None for the plain tie. `inverse` is the id of the type in the other direction, which is the same
    one where the tie has no direction, and None where no source tells it. `default` marks the type that is meant when
    two records are tied without saying how. An `archived` type is gone, and its id is not given again.
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
    archived: int | None = None


class LinkLimit(Struct, frozen=True, rename={"source": "from", "target": "to"}):
    """To how many records one record may be tied by one type of association; None where a limit was taken away."""

    category: str
    id: int
    source: str
    target: str
    most: int | None = None


class Links:
    """The association types by what they are asked for by.

    `next_own` is the next id for a portal's own type, `gone` are those that were archived, by their ids, `limits` the
    limits that the portal set, by the category and the id of the type.
    """

    def __init__(self, types: Iterable[LinkType] | None = None, limits: Iterable[LinkLimit] = ()) -> None:
        given = shipped_links() if types is None else tuple(types)
        self.limits = {(one.category, one.id): one.most for one in limits if one.most is not None}
        self.next_own = 1 + max((type_.id for type_ in given if type_.category != HUBSPOT_DEFINED), default=0)
        known = [type_ for type_ in given if type_.archived is None]
        self.gone = {type_.id: type_ for type_ in given if type_.archived is not None}
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

    def of(self, type_id: str) -> list[LinkType]:
        """All types from or to an object type, those from it first."""
        types = list(self._by_id.values())
        return [one for one in types if one.source == type_id] + [
            one for one in types if one.target == type_id != one.source
        ]

    def by_name(self, source: str, target: str, name: str) -> LinkType | None:
        """The type between two object types that a client of version 3 names, by its name or its id."""
        types = self.between(source, target)
        spelled = (type_ for type_ in types if name.lower() == type_.name.lower())
        return next(spelled, None) or next((type_ for type_ in types if name == str(type_.id)), None)

    def inverse(self, type_: LinkType) -> LinkType | None:
        """The type in the other direction; None where none is known."""
        return None if type_.inverse is None else self.by_id(type_.category, type_.inverse)

    def with_limits(self, limits: Iterable[LinkLimit]) -> "Links":
        """The same with some limits set anew."""
        known = copy(self)
        known.limits = self.limits | {(one.category, one.id): one.most for one in limits if one.most is not None}
        return known

    def most(self, type_: LinkType) -> int | None:
        """To how many records one may be tied by this type; None where the portal set no limit."""
        return self.limits.get((type_.category, type_.id))

    def with_plain(self, types: Iterable[LinkType]) -> tuple[LinkType, ...]:
        """The types, and the plain one of the same object types where there is one: no label comes without it."""
        found = dict.fromkeys(types)
        plain = (self.default(type_.source, type_.target) for type_ in tuple(found))
        return tuple(found | {type_: None for type_ in plain if type_ is not None})

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
