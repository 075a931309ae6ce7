"""The rules of property groups (behaviour 11.10, 11.22 to 11.24)."""

import pytest

from trunkline.crm.catalog import Catalog, Definitions, ObjectType
from trunkline.crm.group import GroupDraft, GroupPatch, archived, changed, created, found
from trunkline.crm.property import Group, Property
from trunkline.errors import GroupExists, GroupInUse, GroupNotFound, InvalidGroup

NOW = 1_000
SHIPPED = {"callinformation": 0, "call": 1, "engagement": 2}


def type_with(*groups: Group, own: tuple[Property, ...] = ()) -> ObjectType:
    return Catalog(1, Definitions(1, {"0-48": own}, {"0-48": groups})).type("calls")


def held(group: str, archived: int | None = None) -> Property:
    return Property(
        name="ref",
        label="Ref",
        type="string",
        field_type="text",
        group_name=group,
        hubspot_defined=False,
        archived=archived,
    )


def test_the_shipped_groups_are_there() -> None:
    assert {group.name: group.display_order for group in type_with().groups.values()} == SHIPPED


@pytest.mark.parametrize(("order", "place"), [(None, 3), (-1, 3), (0, 0), (7, 7), (-5, -5)])
def test_a_new_group_comes_last_unless_it_has_a_place(order: int | None, place: int) -> None:
    assert created(GroupDraft("mine", "Mine", order), type_with()) == Group("mine", "Mine", place)


@pytest.mark.parametrize("name", ["", "Mine", "my group", "my-group", "é", "a" * 101, "mine\n"])
def test_names_that_cannot_be(name: str) -> None:
    with pytest.raises(InvalidGroup):
        created(GroupDraft(name, "Mine"), type_with())


@pytest.mark.parametrize("name", ["a", "1a", "_a", "a" * 100])
def test_names_that_can_be(name: str) -> None:
    assert created(GroupDraft(name, "Mine"), type_with()).name == name


def test_a_name_in_use() -> None:
    for type_, name in ((type_with(), "call"), (type_with(Group("mine", "Mine")), "mine")):
        with pytest.raises(GroupExists):
            created(GroupDraft(name, "Mine"), type_)


def test_an_archived_group_is_gone_and_its_name_free() -> None:
    type_ = type_with(Group("mine", "Old", 8, archived=5))
    with pytest.raises(GroupNotFound):
        found("mine", type_)
    assert created(GroupDraft("mine", "New"), type_) == Group("mine", "New", 3)


def test_a_change_changes_what_it_names() -> None:
    type_ = type_with(Group("mine", "Mine", 8))
    assert changed("mine", GroupPatch(label="New"), type_) == Group("mine", "New", 8)
    assert changed("mine", GroupPatch(display_order=1), type_) == Group("mine", "Mine", 1)
    assert changed("mine", GroupPatch(display_order=-1), type_) == Group("mine", "Mine", 3)
    assert changed("call", GroupPatch(display_order=-1), type_) == Group("call", "Call", 9)
    assert changed("mine", GroupPatch(label="Mine"), type_) is type_.groups["mine"]


def test_a_shipped_group_can_be_changed() -> None:
    after = changed("call", GroupPatch(label="Phone calls"), type_with())
    assert type_with(after).groups["call"].label == "Phone calls"


@pytest.mark.parametrize("label", ["", " "])
def test_a_label_says_something(label: str) -> None:
    with pytest.raises(InvalidGroup):
        created(GroupDraft("mine", label), type_with())
    with pytest.raises(InvalidGroup):
        changed("call", GroupPatch(label=label), type_with())


def test_a_group_in_use_is_not_archived() -> None:
    mine = Group("mine", "Mine", 8)
    for type_, name in ((type_with(), "call"), (type_with(mine, own=(held("mine"),)), "mine")):
        with pytest.raises(GroupInUse):
            archived(name, type_, NOW)
    gone = archived("mine", type_with(mine, own=(held("mine", archived=5),)), NOW)
    assert gone == Group("mine", "Mine", 8, archived=NOW)


def test_what_is_not_there() -> None:
    with pytest.raises(GroupNotFound):
        changed("nope", GroupPatch(), type_with())
    with pytest.raises(GroupNotFound):
        archived("nope", type_with(), NOW)
