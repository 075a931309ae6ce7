"""Tying two records that are there, and cutting what ties them."""

from collections.abc import Sequence

from trunkline.crm.association import Cut, End, LinkSpec, Tie, record_number
from trunkline.crm.catalog import Catalog, ObjectType
from trunkline.crm.link import LinkType
from trunkline.crm.plan import Found, Plan, Wanted
from trunkline.crm.values import text
from trunkline.errors import UnknownAssociationType, UnreachableEnd


class Tying:
    """The association of a record with another one, in one or more ways; doing it again changes nothing."""

    def __init__(
        self, record: int, other: ObjectType, to: int, types: Sequence[LinkType], type_: ObjectType, app: int
    ) -> None:
        self._record = record
        self._other = other
        self._end: End = (other.id, to)
        self._types = types
        self._type = type_
        self._app = app

    def wanted(self) -> Wanted:
        """Both records."""
        return Wanted(ids=[self._record], ends=[self._end])

    def plan(self, found: Found) -> Plan:
        """Ties them; raises `UnreachableEnd` when one of them is not there."""
        record = found.records.get(self._record)
        if record is None or record.archived is not None:
            raise UnreachableEnd(self._type.name, self._record)
        if self._end not in found.ends:
            raise UnreachableEnd(self._other.name, self._end[1])
        plan = Plan(found.now, self._app)
        plan.ties = [Tie(self._record, self._end, link) for link in self._types]
        return plan


class Cutting:
    """The end of all associations between two records; where there are none nothing happens."""

    def __init__(self, record: int, end: End, app: int) -> None:
        self._record = record
        self._end = end
        self._app = app

    def wanted(self) -> Wanted:
        """Nothing: what is cut need not be there."""
        return Wanted()

    def plan(self, found: Found) -> Plan:
        """Cuts whatever ties them."""
        plan = Plan(found.now, self._app)
        plan.cuts = [Cut(self._record, self._end)]
        return plan


def link_types(specs: Sequence[LinkSpec], type_: ObjectType, other: ObjectType, catalog: Catalog) -> list[LinkType]:
    """The types that a client names, which must lead from one object type to the other.

    Raises `UnknownAssociationType`.
    """
    found = []
    for spec in specs:
        link = catalog.links.by_id(spec.category, record_number(text(spec.type_id)))
        if link is None or (link.source, link.target) != (type_.id, other.id):
            raise UnknownAssociationType(f"{spec.category}={text(spec.type_id)}")
        found.append(link)
    return found


def default_type(type_: ObjectType, other: ObjectType, catalog: Catalog) -> LinkType:
    """The type that is meant when none is named; raises `UnknownAssociationType` where records cannot be tied."""
    found = catalog.links.default(type_.id, other.id)
    if found is None:
        raise UnknownAssociationType(f"{type_.id} to {other.id}")
    return found
