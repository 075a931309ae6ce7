"""Lists and folders as rows of every engine: each is an id and its JSON."""

from collections.abc import Iterable, Sequence

import msgspec

from trunkline.crm.segment import Folder, Segment, Shelf

segment_of = msgspec.json.Decoder(Segment).decode
"""A list of its text."""

_folder = msgspec.json.Decoder(Folder).decode
_encode = msgspec.json.Encoder().encode


def shelf_of(lists: Iterable[str], folders: Iterable[str]) -> Shelf:
    """All lists and folders of a portal, each of their texts by id."""
    some, others = [segment_of(text) for text in lists], [_folder(text) for text in folders]
    return Shelf({one.id: one for one in some}, {one.id: one for one in others}, _next(some), _next(others))


def text_of(one: Segment | Folder) -> str:
    """What is kept of a list or a folder."""
    return _encode(one).decode()


def kept(shelf: Shelf, one: Segment | Folder) -> bool:
    """Whether a list or a folder is on the shelf as it is."""
    return (shelf.lists if isinstance(one, Segment) else shelf.folders).get(one.id) == one


def _next(known: Sequence[Segment | Folder]) -> int:
    """What is deleted keeps its row, so that no id is given twice."""
    return known[-1].id + 1 if known else 1
