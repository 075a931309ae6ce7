"""HubSpot's shapes of associations (the association operations of /crm/objects/2025-09 and /crm/v4)."""

from collections.abc import Sequence
from typing import Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from trunkline.crm.association import End, Linked
from trunkline.crm.link import Links, LinkType
from trunkline.wire.batch import LINKS, AssociationSpec
from trunkline.wire.body import Reader
from trunkline.wire.error import StandardError
from trunkline.wire.record import Paging


class ObjectId(Struct):
    """One end of an association."""

    id: str


class Spec(Struct, rename="camel"):
    """The type of an association."""

    association_category: str
    association_type_id: int


class DefaultAssociation(Struct, rename={"source": "from", "spec": "associationSpec"}):
    """One association that was made without naming its type."""

    source: ObjectId
    to: ObjectId
    spec: Spec


class DefaultAssociations(Struct, rename="camel", kw_only=True):
    """Both directions of associations that were made without naming their types; errors only of a batch."""

    status: Literal["COMPLETE"] = "COMPLETE"
    results: list[DefaultAssociation]
    num_errors: int | UnsetType = UNSET
    errors: Sequence[StandardError] | UnsetType = UNSET
    started_at: str
    completed_at: str


class LabelsBetweenObjectPair(Struct, rename="camel", kw_only=True):
    """Two records that were tied, and the labels that the ties have; the plain tie has none."""

    from_object_type_id: str
    from_object_id: str
    to_object_type_id: str
    to_object_id: str
    labels: list[str]


class AssociationSpecWithLabel(Struct, rename="camel"):
    """The type of an association, and its label."""

    category: str
    type_id: int
    label: str | None


class AssociatedObject(Struct, rename="camel"):
    """A record at the other end, and all that ties it."""

    to_object_id: str
    association_types: list[AssociationSpecWithLabel]


class AssociatedObjects(Struct):
    """One page of the records that a record is tied to."""

    results: list[AssociatedObject]
    paging: Paging | UnsetType = UNSET


_specs = Reader(list[AssociationSpec], LINKS)


def decode_specs(body: bytes) -> list[AssociationSpec]:
    """The types of an association to make; raises `MalformedBody`."""
    return _specs.read(body)


def tied(source: End, target: End, types: Sequence[LinkType]) -> LabelsBetweenObjectPair:
    """A pair that was tied, with the labels that were named."""
    labels = [type_.label for type_ in types if type_.label]
    return LabelsBetweenObjectPair(
        from_object_type_id=source[0],
        from_object_id=str(source[1]),
        to_object_type_id=target[0],
        to_object_id=str(target[1]),
        labels=labels,
    )


def both_ways(source: int, target: int, type_: LinkType) -> list[DefaultAssociation]:
    """A pair that was tied without a named type, from both ends."""
    one, other = ObjectId(str(source)), ObjectId(str(target))
    made = [DefaultAssociation(one, other, Spec(type_.category, type_.id))]
    if type_.inverse is not None:
        made.append(DefaultAssociation(other, one, Spec(type_.category, type_.inverse)))
    return made


def objects(linked: Sequence[Linked], links: Links) -> list[AssociatedObject]:
    """The records at the other ends, the types of each together."""
    grouped: dict[int, list[AssociationSpecWithLabel]] = {}
    for end in linked:
        type_ = links.by_id(end.category, end.kind)
        if type_ is not None:
            spec = AssociationSpecWithLabel(type_.category, type_.id, type_.label)
            grouped.setdefault(end.id, []).append(spec)
    return [AssociatedObject(str(id_), types) for id_, types in grouped.items()]


def labels(source: End, target: End, types: Sequence[LinkType]) -> bytes:
    """The answer to an association with named types."""
    return msgspec.json.encode(tied(source, target, types))


def defaults(source: int, target: int, type_: LinkType, started: str, completed: str) -> bytes:
    """The answer to an association without a named type: both directions."""
    results = both_ways(source, target, type_)
    return msgspec.json.encode(DefaultAssociations(results=results, started_at=started, completed_at=completed))


def page(linked: Sequence[Linked], links: Links, paging: Paging | UnsetType) -> bytes:
    """The answer to a read of associations; the types of each record together."""
    return msgspec.json.encode(AssociatedObjects(objects(linked, links), paging))
