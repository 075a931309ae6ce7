"""What ties two records together: as a client asks for it with a new record, checked, and as it is kept.

A tie has a type of its own, `trunkline.crm.link`, with a name for each direction; it is kept in both.
"""

from collections.abc import Sequence

from msgspec import Struct

from trunkline.crm.catalog import Catalog, ObjectType
from trunkline.crm.link import HUBSPOT_DEFINED, LinkType
from trunkline.crm.values import Scalar, text
from trunkline.errors import InvalidAssociations, Refusal, UnknownObjectType

End = tuple[str, int]
"""One end of an association: the id of its object type, and the record's."""


Held = tuple[End, LinkType]
"""A record, and a type of association that leads from it to others."""


class LinkTarget(Struct, frozen=True):
    """The other record of an association, as a client names it."""

    id: Scalar


class LinkSpec(Struct, frozen=True):
    """The type of an association, as a client names it."""

    category: str
    type_id: Scalar


class LinkInput(Struct, frozen=True):
    """An association that a new record asks for: the other record, and the types."""

    to: LinkTarget
    types: Sequence[LinkSpec]


class Link(Struct, frozen=True):
    """An association that a new record asks for, once its type is known to exist. `id` is the other's as sent."""

    end: End
    type: LinkType
    id: str


class Tie(Struct, frozen=True):
    """An association of two records that are there."""

    record: int
    end: End
    type: LinkType


class Cut(Struct, frozen=True):
    """The end of associations between two records: of all of them, or of those of some types."""

    record: int
    end: End
    types: tuple[LinkType, ...] = ()


class Linked(Struct, frozen=True):
    """A record at the other end of an association, and the id and the category of the association's type."""

    id: int
    kind: int
    category: str = HUBSPOT_DEFINED


def check_links(
    asked: Sequence[LinkInput], position: int, type_: ObjectType, catalog: Catalog
) -> tuple[tuple[Link, ...], Refusal | None]:
    """The associations of one input, and what is wrong with them (behaviour 3.13).

    One that names no type is wrong as well: who leaves it out without a word loses an association (differences).
    """
    links: list[Link] = []
    unknown: list[str] = []
    for one in asked:
        id_ = text(one.to.id)
        if not one.types:
            context = {"INVALID_ASSOCIATION_TYPE_ID": [f"{id_} comes without an association definition id"]}
            return (), InvalidAssociations(context, position)
        for spec in one.types:
            link = catalog.links.by_id(spec.category, record_number(text(spec.type_id)))
            if link is None or link.source != type_.id:
                unknown.append(f"{spec.category}={text(spec.type_id)}")
            else:
                end = link.target, record_number(id_)
                links += [Link(end, type_, id_) for type_ in catalog.links.with_plain([link])]
    if unknown:
        wrong = [f"{spec} is not a valid association definition id" for spec in unknown]
        context = {"associationSpec": unknown, "INVALID_ASSOCIATION_TYPE_ID": wrong}
        return (), InvalidAssociations(context, position)
    return tuple(links), None


def unreachable(links: Sequence[Link], ends: frozenset[End], position: int, catalog: Catalog) -> Refusal | None:
    """What is wrong with associations to records that are not there (behaviour 3.13)."""
    missing = [(link.end[0], link.id) for link in links if link.end not in ends]
    if not missing:
        return None
    wrong = [f"{_type_name(type_id, catalog)}={id_} is not valid" for type_id, id_ in dict.fromkeys(missing)]
    return InvalidAssociations({"INVALID_OBJECT_IDS": wrong}, position)


def _type_name(type_id: str, catalog: Catalog) -> str:
    try:
        return catalog.type(type_id).name
    except UnknownObjectType:
        return type_id


def record_number(id_: str) -> int:
    """An id as a number; 0, which is nobody's, for a text that is none."""
    return int(id_) if id_.isascii() and id_.isdigit() and len(id_) < 19 else 0
