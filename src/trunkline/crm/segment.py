"""Lists of records, which HubSpot also calls segments, and the folders they are in: how they come, change and go.

A list of the kind DYNAMIC has the records that pass its filters, at any time. Of the other kinds it is kept who is in
the list: those that were put there, and with SNAPSHOT those that passed the filters when it was made (behaviour 14.1).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, get_args

from msgspec import Struct
from msgspec.structs import replace

from trunkline.crm.branch import Or
from trunkline.crm.record import Moment
from trunkline.errors import (
    DuplicateListName,
    InvalidList,
    InvalidListFolder,
    ListFolderNotFound,
    ListNotFound,
)

Processing = Literal["MANUAL", "SNAPSHOT", "DYNAMIC"]

LONGEST_NAME = 255
"""Characters of the name of a list or a folder (chosen: differences)."""

RESTORABLE = 90 * 24 * 60 * 60 * 1000
"""Milliseconds for which a deleted list can be restored (behaviour 14.3)."""

DEEPEST = 20
"""Folders within each other (chosen: differences)."""

ROOT = 0
"""The folder that everything is in, and that nobody made."""


class Segment(Struct, frozen=True, kw_only=True):
    """A list. `filtered` is when its filters were last set; the version grows with every change of it."""

    id: int
    type: str
    name: str
    processing: Processing
    branch: Or | None = None
    folder: int = ROOT
    extra: Mapping[str, str] = {}
    version: int = 1
    created: Moment
    created_by: int
    updated: Moment
    updated_by: int
    filtered: Moment | None = None
    deleted: Moment | None = None

    @property
    def keeps(self) -> bool:
        """Whether it is kept who is in it."""
        return self.processing != "DYNAMIC"


class Folder(Struct, frozen=True, kw_only=True):
    """A folder of lists and of other folders."""

    id: int
    name: str
    parent: int = ROOT
    created: Moment
    updated: Moment
    user: int
    deleted: Moment | None = None


class Shelf(Struct, frozen=True):
    """All lists and folders of a portal by id, deleted ones too, and the next id of each."""

    lists: Mapping[int, Segment] = {}
    folders: Mapping[int, Folder] = {}
    next_list: int = 1
    next_folder: int = 1

    def list(self, id_: str | int) -> Segment:
        """A list that is there; raises `ListNotFound`."""
        found = self.lists.get(number(str(id_)))
        if found is None or found.deleted is not None:
            raise ListNotFound(f"ID {id_}")
        return found

    def folder(self, id_: str | int) -> Folder:
        """A folder that is there, other than the root; raises `ListFolderNotFound`."""
        found = self.folders.get(number(str(id_)))
        if found is None or found.deleted is not None:
            raise ListFolderNotFound(str(id_))
        return found

    def place(self, id_: str | int) -> int:
        """The id of a folder that is there, or of the root; raises `ListFolderNotFound`."""
        return ROOT if str(id_) == str(ROOT) else self.folder(id_).id

    def live(self) -> "tuple[Segment, ...]":
        """The lists that are there, by id."""
        return tuple(one for _, one in sorted(self.lists.items()) if one.deleted is None)

    def within(self, id_: int) -> "tuple[Folder, ...]":
        """The folders that are right in a folder, by id."""
        return tuple(one for _, one in sorted(self.folders.items()) if one.deleted is None and one.parent == id_)


class Who(Struct, frozen=True):
    """When something is changed, and for which person, 0 for nobody."""

    now: Moment
    user: int


class Draft(Struct, frozen=True, kw_only=True):
    """A new list as sent; its filters were read, its object type was found."""

    type: str
    name: str
    processing: str
    branch: Or | None = None
    folder: str = str(ROOT)
    extra: Mapping[str, str] = {}


Change = Callable[[Shelf], "Segment | Folder"]
"""What becomes of a list or a folder; raises what stands against it."""


def number(text: str) -> int:
    """The number that an id is, or -1, which none has."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else -1


def created(draft: Draft, who: Who) -> Change:
    """A new list (behaviour 14.2); raises `InvalidList`, `DuplicateListName` and `ListFolderNotFound`."""
    processing = _processing(draft)

    def change(shelf: Shelf) -> Segment:
        made = Segment(
            id=shelf.next_list,
            type=draft.type,
            name=_name(draft.name),
            processing=processing,
            branch=draft.branch,
            folder=shelf.place(draft.folder),
            extra=draft.extra,
            created=who.now,
            created_by=who.user,
            updated=who.now,
            updated_by=who.user,
            filtered=None if draft.branch is None else who.now,
        )
        _require_own_name(made, shelf)
        return made

    return change


def _processing(draft: Draft) -> Processing:
    for kind in get_args(Processing):
        if draft.processing == kind:
            if kind == "MANUAL" and draft.branch is not None:
                raise InvalidList("A MANUAL list has no filters", "filterBranch")
            if kind == "DYNAMIC" and draft.branch is None:
                raise InvalidList("A DYNAMIC list needs filters", "filterBranch")
            found: Processing = kind
            return found
    kinds = ", ".join(get_args(Processing))
    raise InvalidList(f"Invalid processingType {draft.processing[:100]}; it is one of {kinds}", "processingType")


def renamed(id_: str, name: str, who: Who) -> Change:
    """A list under another name; raises `ListNotFound`, `InvalidList` and `DuplicateListName`."""

    def change(shelf: Shelf) -> Segment:
        before = shelf.list(id_)
        after = replace(before, name=_name(name))
        _require_own_name(after, shelf)
        return before if after == before else _touched(after, who)

    return change


def refiltered(id_: str, branch: Or, who: Who) -> Change:
    """A list with other filters; raises `ListNotFound`, and `InvalidList` for one that is not DYNAMIC."""

    def change(shelf: Shelf) -> Segment:
        before = shelf.list(id_)
        if before.keeps:
            raise InvalidList(f"The filters of a {before.processing} list cannot be changed", "processingType")
        after = replace(before, branch=branch)
        return before if after == before else _touched(replace(after, filtered=who.now), who)

    return change


def deleted(id_: str, who: Who) -> Change:
    """A list as deleted, as it is if it was deleted before; raises `ListNotFound`."""

    def change(shelf: Shelf) -> Segment:
        before = shelf.lists.get(number(id_))
        if before is None:
            raise ListNotFound(f"ID {id_}")
        return before if before.deleted is not None else _touched(replace(before, deleted=who.now), who)

    return change


def restored(id_: str, who: Who) -> Change:
    """A deleted list as it was; one that is there stays as it is.

    Raises `ListNotFound`, also when it was deleted too long ago, and `DuplicateListName` when its name is in use now.
    """

    def change(shelf: Shelf) -> Segment:
        before = shelf.lists.get(number(id_))
        if before is None or (before.deleted is not None and who.now - before.deleted > RESTORABLE):
            raise ListNotFound(f"ID {id_}")
        if before.deleted is None:
            return before
        parent = shelf.folders.get(before.folder)
        gone = before.folder != ROOT and (parent is None or parent.deleted is not None)
        after = replace(before, deleted=None, folder=ROOT if gone else before.folder)
        _require_own_name(after, shelf)
        return _touched(after, who)

    return change


def put(id_: str, folder: str) -> Change:
    """A list in another folder; raises `ListNotFound` and `ListFolderNotFound`."""
    return lambda shelf: replace(shelf.list(id_), folder=shelf.place(folder))


def _touched(after: Segment, who: Who) -> Segment:
    return replace(after, version=after.version + 1, updated=who.now, updated_by=who.user)


def _name(name: str) -> str:
    if not name.strip():
        raise InvalidList("The name of a list must not be blank", "name")
    if len(name) > LONGEST_NAME:
        raise InvalidList(f"The name of a list has at most {LONGEST_NAME} characters", "name")
    return name


def _require_own_name(one: Segment, shelf: Shelf) -> None:
    key = _key(one.name)
    if any(_key(other.name) == key and other.id != one.id for other in shelf.live()):
        raise DuplicateListName(one.name)


def _key(name: str) -> str:
    return name.strip().casefold()


def named(name: str, type_id: str, shelf: Shelf) -> Segment:
    """The list of an object type that has a name; raises `ListNotFound`."""
    for one in shelf.live():
        if one.type == type_id and _key(one.name) == _key(name):
            return one
    raise ListNotFound(f"name {name}")


def require_kept(one: Segment) -> None:
    """Raises `InvalidList` for a list whose members follow from its filters (behaviour 14.5)."""
    if not one.keeps:
        raise InvalidList(f"The memberships of a {one.processing} list cannot be changed", "processingType")


def founded(name: str, parent: str, who: Who) -> Change:
    """A new folder (behaviour 14.7); raises `ListFolderNotFound` and `InvalidListFolder`."""

    def change(shelf: Shelf) -> Folder:
        made = Folder(
            id=shelf.next_folder,
            name=_folder_name(name),
            parent=shelf.place(parent),
            created=who.now,
            updated=who.now,
            user=who.user,
        )
        _require_shallow(made, shelf)
        return made

    return change


def renamed_folder(id_: str, name: str, who: Who) -> Change:
    """A folder under another name; raises `ListFolderNotFound` and `InvalidListFolder`."""
    return lambda shelf: replace(shelf.folder(id_), name=_folder_name(name), updated=who.now)


def moved_folder(id_: str, parent: str, who: Who) -> Change:
    """A folder in another one; raises `ListFolderNotFound`, and `InvalidListFolder` for one that is within it."""

    def change(shelf: Shelf) -> Folder:
        moved = replace(shelf.folder(id_), parent=shelf.place(parent), updated=who.now)
        if moved.id in _above(moved, shelf):
            raise InvalidListFolder("A folder cannot be moved into itself", "newParentFolderId")
        _require_shallow(moved, shelf)
        return moved

    return change


def deleted_folder(id_: str, who: Who) -> Change:
    """A folder as deleted, as it is if it was deleted before.

    Raises `ListFolderNotFound`, and `InvalidListFolder` while something is in it.
    """

    def change(shelf: Shelf) -> Folder:
        before = shelf.folders.get(number(id_))
        if before is None:
            raise ListFolderNotFound(id_)
        if before.deleted is not None:
            return before
        if shelf.within(before.id) or any(one.folder == before.id for one in shelf.live()):
            raise InvalidListFolder(f"The folder {before.id} is not empty", "folderId")
        return replace(before, deleted=who.now)

    return change


def _folder_name(name: str) -> str:
    if not name.strip() or len(name) > LONGEST_NAME:
        raise InvalidListFolder(f"The name of a folder has 1 to {LONGEST_NAME} characters", "name")
    return name


def _above(folder: Folder, shelf: Shelf) -> Sequence[int]:
    """The ids of the folders that a folder is in, from the inside out; its own comes again where they form a ring."""
    found = [folder.parent]
    while found[-1] not in (ROOT, folder.id):
        found.append(shelf.folders[found[-1]].parent)
    return found


def _require_shallow(folder: Folder, shelf: Shelf) -> None:
    below = 0
    level: Sequence[Any] = [folder]
    while level:
        below += 1
        level = [child for one in level for child in shelf.within(one.id)]
    if len(_above(folder, shelf)) - 1 + below > DEEPEST:
        raise InvalidListFolder(f"Folders can be at most {DEEPEST} deep", "parentFolderId")
