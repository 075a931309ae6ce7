"""Tying two records that are there, and cutting what ties them; one pair, or many."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from trunkline.crm.association import Cut, End, LinkSpec, Tie, record_number
from trunkline.crm.catalog import Catalog, ObjectType
from trunkline.crm.counting import Count, Passed, Way, limited
from trunkline.crm.link import CATEGORIES, Links, LinkType
from trunkline.crm.plan import Failed, Found, Plan, Wanted
from trunkline.crm.values import text
from trunkline.errors import (
    AssociationLimitReached,
    InvalidAssociationType,
    InvalidIdentifier,
    MissingEnd,
    Refusal,
    TiedToItself,
    UnknownAssociationType,
)

LARGEST_TIED = 2_000
"""Inputs of one batch that ties records or cuts what ties them."""

LARGEST_READ = 1_000
"""Inputs of one batch that reads what records are tied to."""

Ends = tuple[ObjectType, ObjectType]
"""The object types of the records on both sides."""


class Pair(Struct, frozen=True):
    """Two records of a batch as a client names them, by their ids, and in which ways they are tied.

    The ways are specs, or a name of version 3, or None where the usual one is meant.
    """

    source: str
    target: str
    types: Sequence[LinkSpec] | str | None = None


class Asked(Struct, frozen=True):
    """A pair of a batch that was checked: both ids, and the types that were named."""

    position: int
    source: int
    target: int
    types: tuple[LinkType, ...]


class Tying:
    """The association of pairs of records; doing it again changes nothing. A pair that cannot be tied fails alone."""

    def __init__(self, pairs: Sequence[Pair], ends: Ends, catalog: Catalog, app: int) -> None:
        self._ends = ends
        self._links = catalog.links
        self._app = app
        self._refused: list[Failed] = []
        self.asked: list[Asked] = []
        for position, pair in enumerate(pairs):
            try:
                self.asked.append(_checked(position, pair, ends, catalog.links))
            except Refusal as refusal:
                self._refused.append(Failed(position, None, refusal))

    def wanted(self) -> Wanted:
        """The records on both sides, and whom they are tied to where a portal limits that."""
        ends = [end for asked in self.asked for end in self._both(asked)]
        return Wanted(ends=ends, held=limited((tie for asked in self.asked for tie in self._ties(asked)), self._links))

    def plan(self, found: Found) -> Plan:
        """Ties those pairs of which both records are there; `failed` tells of the others, in order."""
        plan = Plan(found.now, self._app)
        plan.failed = self._refused.copy()
        count = Count(found.held, self._links)
        for asked in self.asked:
            missing = [end for end in self._both(asked) if end not in found.ends]
            passed = None if missing else count.passed(self._ties(asked))
            if missing:
                plan.failed.append(Failed(asked.position, None, self._missing(missing[0])))
            elif passed is not None:
                plan.failed.append(Failed(asked.position, None, self._full(passed)))
            else:
                plan.ties += [Tie(asked.source, target, link) for _, target, link in self._ties(asked)]
        plan.failed.sort(key=lambda failed: failed.position)
        return plan

    def _ties(self, asked: Asked) -> list[Way]:
        source, target = self._both(asked)
        return [(source, target, link) for link in self._links.with_plain(asked.types)]

    def _full(self, passed: Passed) -> Refusal:
        return AssociationLimitReached(passed.told(self._ends), str(passed.end[1]))

    def _both(self, asked: Asked) -> tuple[End, End]:
        return (self._ends[0].id, asked.source), (self._ends[1].id, asked.target)

    def _missing(self, end: End) -> Refusal:
        name = next(type_.name for type_ in self._ends if type_.id == end[0])
        return MissingEnd(name, str(end[1]))


def _checked(position: int, pair: Pair, ends: Ends, links: Links) -> Asked:
    """Raises what is wrong with a pair, whatever records are there."""
    source, target = usable(pair.source), usable(pair.target)
    if (ends[0].id, source) == (ends[1].id, target):
        raise TiedToItself(pair.source)
    return Asked(position, source, target, tuple(_types(pair.types, ends, links)))


def usable(id_: str) -> int:
    """The number of a record's id in a batch; raises `InvalidIdentifier`."""
    if not record_number(id_):
        raise InvalidIdentifier(id_[:100])
    return record_number(id_)


def _types(asked: Sequence[LinkSpec] | str | None, ends: Ends, links: Links) -> Iterable[LinkType]:
    source, target = ends
    if asked is None:
        return [default_type(ends, links)]
    if isinstance(asked, str):
        return [named_type(asked, ends, links)]
    if not asked:
        raise InvalidAssociationType("none", source.name, target.name)
    return [_specified(spec, ends, links) for spec in asked]


def named_type(name: str, ends: Ends, links: Links) -> LinkType:
    """The type that version 3 calls by a name or by its id; raises `InvalidAssociationType`."""
    source, target = ends
    found = links.by_name(source.id, target.id, name)
    if found is None:
        raise InvalidAssociationType(name[:100], source.data.plural, target.data.plural)
    return found


def default_type(ends: Ends, links: Links) -> LinkType:
    """The type that is meant when none is named; raises `UnknownAssociationType` where records cannot be tied."""
    source, target = ends
    found = links.default(source.id, target.id)
    if found is None:
        raise UnknownAssociationType(f"{source.id} to {target.id}")
    return found


def _specified(spec: LinkSpec, ends: Ends, links: Links) -> LinkType:
    found = between(spec, ends, links)
    if found is None:
        shown = f"{CATEGORIES.index(spec.category)}-{text(spec.type_id)}"
        raise InvalidAssociationType(shown, ends[0].name, ends[1].name)
    return found


def between(spec: LinkSpec, ends: Ends, links: Links) -> LinkType | None:
    """The type that a client names, where it leads from one object type to the other."""
    link = links.by_id(spec.category, record_number(text(spec.type_id)))
    return link if link is not None and (link.source, link.target) == (ends[0].id, ends[1].id) else None


class Cutting:
    """The end of associations between pairs of records; where there are none nothing happens."""

    def __init__(self, cuts: Sequence[Cut], app: int) -> None:
        self._cuts = cuts
        self._app = app

    def wanted(self) -> Wanted:
        """Nothing: what is cut need not be there."""
        return Wanted()

    def plan(self, found: Found) -> Plan:
        """Cuts whatever ties them."""
        plan = Plan(found.now, self._app)
        plan.cuts = list(self._cuts)
        return plan


def cut_of(pair: Pair, ends: Ends, links: Links) -> Cut | None:
    """The end of the ways that a pair names; None where it names none that there is, or no record.

    With the plain way all others end as well, since no label comes without it.
    """
    source, target = record_number(pair.source), record_number(pair.target)
    if isinstance(pair.types, str):
        named = [links.by_name(ends[0].id, ends[1].id, pair.types)]
    else:
        named = [between(spec, ends, links) for spec in pair.types or ()]
    types = tuple(link for link in named if link is not None)
    if not (source and target and types):
        return None
    return Cut(source, (ends[1].id, target), () if any(link.default for link in types) else types)


def require_types(specs: Sequence[LinkSpec], ends: Ends, links: Links) -> None:
    """Raises `UnknownAssociationType` unless all of the types lead from one object type to the other."""
    for spec in specs:
        if between(spec, ends, links) is None:
            raise UnknownAssociationType(f"{spec.category}={text(spec.type_id)}")


def require_tied(plan: Plan) -> None:
    """Raises what the one pair of a plan is refused with, in the words for one that is asked for alone."""
    if plan.failed:
        refusal = plan.failed[0].refusal
        raise refusal.of_one() if isinstance(refusal, MissingEnd) else refusal
