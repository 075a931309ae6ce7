"""HubSpot's shapes of a property group (behaviour 11.10)."""

from collections.abc import Iterable, Mapping

import msgspec
from msgspec import Struct

from trunkline.crm.group import GroupDraft, GroupPatch
from trunkline.crm.property import Group
from trunkline.crm.values import text
from trunkline.wire.body import Reader
from trunkline.wire.property import MODELS, Order, Words
from trunkline.wire.shape import Object, Shape, Text, Whole


class GroupBody(Struct, rename="camel", kw_only=True):
    """The change of a group in a body: what it leaves out, or has as null, stays."""

    label: Words | None = None
    display_order: Order | None = None


class NewGroupBody(Struct, rename="camel", kw_only=True):
    """A new group in a body."""

    name: Words
    label: Words
    display_order: Order | None = None


_members: Mapping[str, Shape] = {"name": Text(), "label": Text(), "displayOrder": Whole()}
_new = Reader(NewGroupBody, Object(f"{MODELS}.PropertyGroupCreate", _members, required=("name", "label")))
_changed = Reader(GroupBody, Object(f"{MODELS}.PropertyGroupUpdate", _members))


def decode_draft(body: bytes) -> GroupDraft:
    """A new group; raises `MalformedBody`."""
    sent = _new.read(body)
    return GroupDraft(text(sent.name), text(sent.label), _order(sent.display_order))


def decode_patch(body: bytes) -> GroupPatch:
    """The change of a group; its name cannot be changed, and is passed over. Raises `MalformedBody`."""
    sent = _changed.read(body)
    return GroupPatch(None if sent.label is None else text(sent.label), _order(sent.display_order))


def _order(sent: Order | None) -> int | None:
    return None if sent is None else int(sent)


class GroupAnswer(Struct, rename="camel"):
    """A group as HubSpot answers it (behaviour 11.10)."""

    name: str
    label: str
    display_order: int
    archived: bool


class GroupList(Struct):
    """The answer of a list of groups; there are no pages."""

    results: list[GroupAnswer]


def encode(group: Group) -> bytes:
    """The answer of a read, a create or a change."""
    return msgspec.json.encode(_render(group))


def encode_list(groups: Iterable[Group]) -> bytes:
    """The answer of a list, in the order of display."""
    ordered = sorted(groups, key=lambda group: (group.display_order, group.name))
    return msgspec.json.encode(GroupList([_render(group) for group in ordered]))


def _render(group: Group) -> GroupAnswer:
    return GroupAnswer(group.name, group.label, group.display_order, group.archived is not None)
