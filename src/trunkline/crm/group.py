"""Property groups come and go (behaviour 11.10, 11.22 to 11.24).

A portal may change HubSpot's own groups as well as add its own: the service tells no group as its own.
"""

import re

from msgspec import Struct
from msgspec.structs import replace

from trunkline.crm.catalog import ObjectType
from trunkline.crm.property import LAST_PLACE, Group
from trunkline.crm.record import Moment
from trunkline.errors import GroupExists, GroupInUse, GroupNotFound, InvalidGroup

_NAME = re.compile(r"[a-z0-9_]{1,100}")


class GroupDraft(Struct, frozen=True):
    """A new group as sent."""

    name: str
    label: str
    display_order: int | None = None


class GroupPatch(Struct, frozen=True):
    """The members that a change names; the others stay."""

    label: str | None = None
    display_order: int | None = None


def found(name: str, type_: ObjectType) -> Group:
    """The live group of a name; raises `GroupNotFound`."""
    group = type_.groups.get(name)
    if group is None:
        raise GroupNotFound(name)
    return group


def created(draft: GroupDraft, type_: ObjectType) -> Group:
    """The group that a draft makes; the name of an archived one is free (behaviour 11.10).

    Raises `GroupExists` and `InvalidGroup`.
    """
    if draft.name in type_.groups:
        raise GroupExists(draft.name)
    if not _NAME.fullmatch(draft.name):
        message = f"Property group name '{draft.name}' is not valid: lower-case letters, digits and underscores."
        raise InvalidGroup(message, "INVALID_GROUP_NAME", "name")
    return _labelled(Group(draft.name, draft.label, _order(draft.display_order, draft.name, type_)))


def changed(name: str, patch: GroupPatch, type_: ObjectType) -> Group:
    """The group that a patch makes of a live one, the very same where it changes nothing.

    Raises `GroupNotFound` and `InvalidGroup`.
    """
    before = found(name, type_)
    label = before.label if patch.label is None else patch.label
    order = before.display_order if patch.display_order is None else _order(patch.display_order, name, type_)
    after = _labelled(replace(before, label=label, display_order=order))
    return before if after == before else after


def archived(name: str, type_: ObjectType, now: Moment) -> Group:
    """A live group as archived; raises `GroupNotFound`, and `GroupInUse` while it holds a live property (11.10)."""
    group = found(name, type_)
    if any(definition.group_name == name for definition in type_.properties.values()):
        raise GroupInUse
    return replace(group, archived=now)


def _labelled(group: Group) -> Group:
    if not group.label.strip():
        raise InvalidGroup("label can not be null or empty", "INVALID_LABEL", "label")
    return group


def _order(order: int | None, name: str, type_: ObjectType) -> int:
    """The place of a group; none, or -1, is the one after the last (behaviour 11.24)."""
    if order is not None and order != -1:
        return order
    last = max((group.display_order for group in type_.groups.values() if group.name != name), default=-1)
    return min(last + 1, LAST_PLACE)
