"""Lists and folders as they come, change and go, without a store."""

import pytest

from trunkline.crm import segment as rules
from trunkline.crm.segment import Change, Draft, Folder, Shelf, Who
from trunkline.errors import InvalidListFolder, ListFolderNotFound, ListNotFound

NOW = 1_700_000_000_000
DAY = 24 * 60 * 60 * 1000


def after(shelf: Shelf, *changes: Change) -> Shelf:
    """A shelf after changes."""
    for change in changes:
        made = change(shelf)
        if isinstance(made, Folder):
            shelf = Shelf(shelf.lists, {**shelf.folders, made.id: made}, shelf.next_list, len(shelf.folders) + 2)
        else:
            shelf = Shelf({**shelf.lists, made.id: made}, shelf.folders, len(shelf.lists) + 2, shelf.next_folder)
    return shelf


def who(days: float = 0) -> Who:
    return Who(NOW + round(days * DAY), 3)


NEW = rules.created(Draft(type="0-1", name="x", processing="MANUAL"), who())


@pytest.mark.parametrize(("days", "there"), [(0, True), (90, True), (90.001, False), (400, False)])
def test_a_deleted_list_can_be_restored_for_90_days(days: float, there: bool) -> None:
    shelf = after(Shelf(), NEW, rules.deleted("1", who()))
    if not there:
        with pytest.raises(ListNotFound):
            rules.restored("1", who(days))(shelf)
        return
    restored = after(shelf, rules.restored("1", who(days))).list("1")
    assert (restored.deleted, restored.version, restored.updated) == (None, 3, who(days).now)


def test_deleting_twice_is_deleting_once() -> None:
    shelf = after(Shelf(), NEW, rules.deleted("1", who()))
    assert after(shelf, rules.deleted("1", who(5))).lists == shelf.lists


def test_a_list_whose_folder_is_gone_is_restored_into_the_root() -> None:
    folder = rules.founded("f", "0", who())
    gone = after(Shelf(), folder, NEW, rules.put("1", "1"), rules.deleted("1", who()), rules.deleted_folder("1", who()))
    assert gone.lists[1].folder == 1
    assert after(gone, rules.restored("1", who())).list("1").folder == rules.ROOT


def test_folders_are_not_deeper_than_they_may_be() -> None:
    shelf = Shelf()
    for number in range(rules.DEEPEST):
        shelf = after(shelf, rules.founded("f", str(number), who()))
    with pytest.raises(InvalidListFolder):
        rules.founded("f", str(rules.DEEPEST), who())(shelf)
    aside = after(shelf, rules.founded("g", "0", who()), rules.founded("h", str(rules.DEEPEST + 1), who()))
    with pytest.raises(InvalidListFolder):
        rules.moved_folder(str(rules.DEEPEST + 1), str(rules.DEEPEST - 1), who())(aside)
    moved = after(aside, rules.moved_folder(str(rules.DEEPEST + 1), str(rules.DEEPEST - 2), who()))
    assert moved.folder(rules.DEEPEST + 1).parent == rules.DEEPEST - 2


@pytest.mark.parametrize("into", ["1", "2", "3"])
def test_a_folder_does_not_move_into_itself(into: str) -> None:
    shelf = after(Shelf(), *(rules.founded("f", str(number), who()) for number in range(3)))
    with pytest.raises(InvalidListFolder):
        rules.moved_folder("1", into, who())(shelf)


@pytest.mark.parametrize("id_", ["9", "x", "-1", "", "\u00b2", "9" * 30])
def test_what_is_not_there(id_: str) -> None:
    shelf = after(Shelf(), NEW)
    with pytest.raises(ListNotFound):
        shelf.list(id_)
    with pytest.raises(ListFolderNotFound):
        shelf.place(id_)
