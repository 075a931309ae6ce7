"""HubSpot's shapes of association labels (/crm/v4/associations/{from}/{to}/labels)."""

from collections.abc import Iterable, Mapping

import msgspec
from msgspec import Struct

from trunkline.crm.labelling import LabelDraft, LabelPatch
from trunkline.crm.link import LinkType
from trunkline.crm.values import text
from trunkline.wire.association import AssociationSpecWithLabel
from trunkline.wire.batch import MODELS
from trunkline.wire.body import Reader
from trunkline.wire.property import Order, Words
from trunkline.wire.shape import Object, Shape, Text, Whole


class NewLabelBody(Struct, rename="camel", kw_only=True):
    """A new label in a body."""

    name: Words
    label: Words
    inverse_label: Words | None = None


class LabelBody(Struct, rename="camel", kw_only=True):
    """The change of a label in a body."""

    association_type_id: Order
    label: Words
    inverse_label: Words | None = None


_texts: Mapping[str, Shape] = {"name": Text(), "label": Text(), "inverseLabel": Text()}
_new = Reader(
    NewLabelBody, Object(f"{MODELS}.PublicAssociationDefinitionCreateRequest", _texts, required=("label", "name"))
)
_changed = Reader(
    LabelBody,
    Object(
        f"{MODELS}.PublicAssociationDefinitionUpdateRequest",
        {"associationTypeId": Whole(), "label": Text(), "inverseLabel": Text()},
        required=("associationTypeId", "label"),
    ),
)


def decode_draft(body: bytes) -> LabelDraft:
    """A new label; raises `MalformedBody`."""
    sent = _new.read(body)
    return LabelDraft(text(sent.name), text(sent.label), _optional(sent.inverse_label))


def decode_patch(body: bytes) -> LabelPatch:
    """The change of a label; raises `MalformedBody`."""
    sent = _changed.read(body)
    return LabelPatch(int(sent.association_type_id), text(sent.label), _optional(sent.inverse_label))


def _optional(sent: Words | None) -> str | None:
    return None if sent is None else text(sent)


class LabelList(Struct):
    """The types of association between two object types; there are no pages."""

    results: list[AssociationSpecWithLabel]


def encode(types: Iterable[LinkType]) -> bytes:
    """The answer of a list, or of a create: the types with their labels."""
    return msgspec.json.encode(LabelList([AssociationSpecWithLabel(t.category, t.id, t.label) for t in types]))
