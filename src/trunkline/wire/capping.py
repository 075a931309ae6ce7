"""HubSpot's shapes of limits on associations (/crm/v4/associations/definitions/configurations)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from trunkline.crm.association import LinkSpec
from trunkline.crm.capping import LimitDraft, Limited
from trunkline.wire.batch import CATEGORY, Category
from trunkline.wire.body import Reader
from trunkline.wire.error import StandardError
from trunkline.wire.property import Order
from trunkline.wire.shape import Shape, Whole
from trunkline.wire.ties import shape


class LimitInput(Struct, rename="camel"):
    """A limit to set."""

    category: Category
    type_id: Order
    max_to_object_ids: Order


class LimitBody(Struct):
    """The body of a batch that sets limits; without `inputs`, or with null, it asks for nothing (behaviour 1.17)."""

    inputs: list[LimitInput] | None = None


class SpecInput(Struct, rename="camel"):
    """A type of association whose limit is taken away."""

    category: Category
    type_id: Order


class SpecBody(Struct):
    """The body of a batch that takes limits away."""

    inputs: list[SpecInput] | None = None


_spec: Mapping[str, Shape] = {"category": CATEGORY, "typeId": Whole()}
_limit: Mapping[str, Shape] = {**_spec, "maxToObjectIds": Whole()}
_request = "PublicAssociationDefinitionConfiguration{}Request"
_new, _changed = (
    Reader(LimitBody, shape(_request.format(verb), _limit, ("category", "maxToObjectIds", "typeId")))
    for verb in ("Create", "Update")
)
_purged = Reader(SpecBody, shape("PublicAssociationSpec", _spec, ("category", "typeId")))


def decode_new(body: bytes) -> list[LimitDraft]:
    """The limits of a batch create; raises `MalformedBody`."""
    return _drafts(_new.read(body))


def decode_changed(body: bytes) -> list[LimitDraft]:
    """The limits of a batch update; raises `MalformedBody`."""
    return _drafts(_changed.read(body))


def _drafts(sent: LimitBody) -> list[LimitDraft]:
    return [LimitDraft(LinkSpec(one.category, one.type_id), int(one.max_to_object_ids)) for one in sent.inputs or ()]


def decode_purged(body: bytes) -> list[LinkSpec]:
    """The types of which a batch takes the limits away; raises `MalformedBody`."""
    return [LinkSpec(one.category, one.type_id) for one in _purged.read(body).inputs or ()]


class LimitAnswer(Struct, rename="camel"):
    """A type of association and its limit; the answer of an update leaves the label out."""

    category: str
    type_id: int
    user_enforced_max_to_object_ids: int
    label: str | UnsetType | None = UNSET


class LimitList(Struct):
    """The limits of a portal, or of two object types; there are no pages."""

    results: list[LimitAnswer]


class LimitsAnswer(Struct, rename="camel", kw_only=True):
    """The answer of a batch that sets limits; the errors are there only when an input failed."""

    status: Literal["COMPLETE"] = "COMPLETE"
    results: list[LimitAnswer]
    num_errors: int | UnsetType = UNSET
    errors: Sequence[StandardError] | UnsetType = UNSET
    started_at: str
    completed_at: str


def shown(limits: Iterable[Limited], *, labels: bool = True) -> list[LimitAnswer]:
    """Limits as they are answered."""
    return [
        LimitAnswer(one.type.category, one.type.id, one.limit.most or 0, one.type.label if labels else UNSET)
        for one in limits
    ]


def encode(limits: Iterable[Limited]) -> bytes:
    """The answer of a list."""
    return msgspec.json.encode(LimitList(shown(limits)))
