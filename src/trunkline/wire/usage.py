"""HubSpot's shapes of what is used of an account's limits (/crm/v3/limits)."""

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from trunkline.crm.catalog import ObjectType
from trunkline.crm.usage import MOST_CUSTOM_RECORDS, MOST_PIPELINES, Labelled, Share, custom

MOST_SHOWN = 100
"""Records that are named of those near a limit, or at it (chosen: differences)."""


class TypeName(Struct, rename="camel", kw_only=True):
    """An object type."""

    object_type_id: str
    singular_label: str
    plural_label: str


class TypeUsage(TypeName, rename="camel", kw_only=True):
    """An object type, and how much of something it has."""

    usage: int


class TypeShare(TypeUsage, rename="camel", kw_only=True):
    """The same beside a limit of its own."""

    limit: int
    percentage: float


class OverallUsage(Struct, rename="camel", kw_only=True):
    """Object types that share a limit."""

    by_object_type: list[TypeUsage]
    overall_limit: int
    overall_usage: int
    overall_percentage: float


class OverallShare(Struct, rename="camel", kw_only=True):
    """Object types with limits of their own, and all of them together."""

    by_object_type: list[TypeShare]
    overall_limit: int
    overall_usage: int
    overall_percentage: float


class Divided(Struct, rename={"shipped": "hubspotDefinedObjectTypes", "custom": "customObjectTypes"}, kw_only=True):
    """Object types that come with HubSpot, each with its limit, and custom ones, which share one."""

    shipped: list[TypeShare]
    custom: OverallUsage


class Simple(Struct, kw_only=True):
    """So many of so many."""

    limit: int
    usage: int
    percentage: float


class LabelShare(Struct, rename="camel", kw_only=True):
    """The labels between two object types."""

    from_object_type: TypeName
    to_object_type: TypeName
    all_labels: list[str]
    limit: int
    usage: int
    percentage: float


class LabelShares(Struct):
    """The answer about labels; there are no pages."""

    results: list[LabelShare]


class NearType(TypeName, rename="camel", kw_only=True):
    """An object type with records near a limit, or at it."""

    has_records_near_limit: bool
    has_records_at_limit: bool


class NearTypes(Struct):
    """The answer about object types with such records; there are no pages."""

    results: list[NearType]


class AtSample(Struct, rename="camel", kw_only=True):
    """A record at its limit."""

    object_id: int
    label: str


class NearSample(AtSample, rename="camel", kw_only=True):
    """A record near its limit."""

    usage: int
    percentage: float


class NearRecords(Struct, rename="camel", kw_only=True):
    """The answer about records near their limit, or at it."""

    limit: int
    total_records_near_limit: int
    near_limit_from_record_samples: list[NearSample]
    total_records_at_limit: int
    at_limit_from_record_samples: list[AtSample]


encode = msgspec.json.encode


def _name(type_: ObjectType) -> TypeName:
    return TypeName(**_named(type_))


def _named(type_: ObjectType) -> dict[str, str]:
    labels = type_.data.labels
    return {"object_type_id": type_.id, "singular_label": labels["singular"], "plural_label": labels["plural"]}


def _usage(share: Share) -> TypeUsage:
    assert share.of is not None, "it is about an object type"
    return TypeUsage(**_named(share.of), usage=share.usage)


def _share(share: Share) -> TypeShare:
    assert share.of is not None, "it is about an object type"
    more = {"usage": share.usage, "limit": share.limit, "percentage": share.percentage}
    return TypeShare(**_named(share.of), **more)  # type: ignore[arg-type]


def overall(shares: Sequence[Share], limit: int) -> OverallUsage:
    """Object types that share a limit."""
    total = Share(None, sum(share.usage for share in shares), limit)
    return OverallUsage(
        by_object_type=[_usage(share) for share in shares],
        overall_limit=limit,
        overall_usage=total.usage,
        overall_percentage=total.percentage,
    )


def each(shares: Sequence[Share]) -> OverallShare:
    """Object types with limits of their own."""
    total = Share(None, sum(share.usage for share in shares), sum(share.limit for share in shares))
    return OverallShare(
        by_object_type=[_share(share) for share in shares],
        overall_limit=total.limit,
        overall_usage=total.usage,
        overall_percentage=total.percentage,
    )


def records(shares: Sequence[Share]) -> Divided:
    """Records of all object types."""
    return _divided(shares, MOST_CUSTOM_RECORDS)


def pipelines(shares: Sequence[Share]) -> Divided:
    """Pipelines of all object types."""
    return _divided(shares, MOST_PIPELINES)


def _divided(shares: Sequence[Share], limit: int) -> Divided:
    own = [share for share in shares if share.of is not None and custom(share.of)]
    shipped = [_share(share) for share in shares if share not in own]
    return Divided(shipped=shipped, custom=overall(own, limit))


def simple(share: Share) -> Simple:
    """So many of so many."""
    return Simple(limit=share.limit, usage=share.usage, percentage=share.percentage)


def labels(found: Sequence[Labelled]) -> LabelShares:
    """The labels between object types."""
    return LabelShares(
        [
            LabelShare(
                from_object_type=_name(one.source),
                to_object_type=_name(one.target),
                all_labels=[type_.label or type_.name for type_ in one.types],
                limit=one.share.limit,
                usage=one.share.usage,
                percentage=one.share.percentage,
            )
            for one in found
        ]
    )


def near_type(type_: ObjectType, shares: Sequence[Share]) -> NearType:
    """An object type with records near a limit."""
    at = any(share.usage >= share.limit for share in shares)
    return NearType(**_named(type_), has_records_near_limit=bool(shares), has_records_at_limit=at)


def near_records(type_: ObjectType, limit: int, found: Sequence[tuple[int, Share]]) -> NearRecords:
    """Records near their limit, those at it among them."""
    at = [id_ for id_, share in found if share.usage >= share.limit]
    singular = type_.data.labels["singular"]
    return NearRecords(
        limit=limit,
        total_records_near_limit=len(found),
        near_limit_from_record_samples=[
            NearSample(object_id=id_, label=f"{singular} {id_}", usage=share.usage, percentage=share.percentage)
            for id_, share in found[:MOST_SHOWN]
        ],
        total_records_at_limit=len(at),
        at_limit_from_record_samples=[AtSample(object_id=id_, label=f"{singular} {id_}") for id_ in at[:MOST_SHOWN]],
    )
