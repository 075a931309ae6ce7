"""HubSpot's shapes of a folder of lists (behaviour 14.7)."""

from collections.abc import Sequence

import msgspec
from msgspec import UNSET, Struct, UnsetType

from trunkline.crm.segment import ROOT, Folder, Shelf
from trunkline.crm.values import Scalar, moment, text
from trunkline.wire.body import Reader
from trunkline.wire.property import Words
from trunkline.wire.segment import MODELS
from trunkline.wire.shape import Object, Text


class NewFolderBody(Struct, rename="camel", kw_only=True):
    """A new folder; without a parent it is in the root."""

    name: Words
    parent_folder_id: Scalar = None


class MoveBody(Struct, rename="camel", kw_only=True):
    """A list, and the folder that it is to be in."""

    list_id: Words
    new_folder_id: Words


_new = Reader(
    NewFolderBody,
    Object(f"{MODELS}.ListFolderCreateRequest", {"name": Text(), "parentFolderId": Text()}, required=("name",)),
)
_moved = ("listId", "newFolderId")
_move = Reader(MoveBody, Object(f"{MODELS}.ListMoveRequest", dict.fromkeys(_moved, Text()), required=_moved))


def decode_draft(body: bytes) -> tuple[str, str]:
    """The name of a new folder, and the id of the one that it is to be in; raises `MalformedBody`."""
    sent = _new.read(body)
    return text(sent.name), text(sent.parent_folder_id) or str(ROOT)


def decode_move(body: bytes) -> tuple[str, str]:
    """The ids of a list and of a folder; raises `MalformedBody`."""
    sent = _move.read(body)
    return text(sent.list_id), text(sent.new_folder_id)


class FolderAnswer(Struct, rename="camel", kw_only=True):
    """A folder with all that are in it; the lists are told of the one that was asked for alone."""

    id: str
    name: str
    parent_folder_id: str
    child_lists: Sequence[int]
    child_nodes: "Sequence[FolderAnswer]"
    created_at: str | UnsetType = UNSET
    updated_at: str | UnsetType = UNSET
    user_id: int | UnsetType = UNSET


class FolderEnvelope(Struct):
    """The answer of everything that shows a folder."""

    folder: FolderAnswer


def encode(shelf: Shelf, id_: int) -> bytes:
    """The answer for a folder that is there, or for the root."""
    return msgspec.json.encode(FolderEnvelope(_render(shelf, id_, alone=True)))


def _render(shelf: Shelf, id_: int, *, alone: bool = False) -> FolderAnswer:
    nodes = [_render(shelf, one.id) for one in shelf.within(id_)]
    lists = [one.id for one in shelf.live() if one.folder == id_] if alone else []
    folder = shelf.folders.get(id_)
    if folder is None:
        return FolderAnswer(id=str(ROOT), name="", parent_folder_id=str(ROOT), child_lists=lists, child_nodes=nodes)
    return _of(folder, lists, nodes)


def _of(folder: Folder, lists: Sequence[int], nodes: Sequence[FolderAnswer]) -> FolderAnswer:
    return FolderAnswer(
        id=str(folder.id),
        name=folder.name,
        parent_folder_id=str(folder.parent),
        child_lists=lists,
        child_nodes=nodes,
        created_at=moment(folder.created),
        updated_at=moment(folder.updated),
        user_id=folder.user or UNSET,
    )
