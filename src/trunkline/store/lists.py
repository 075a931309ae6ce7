"""What every storage engine keeps of lists: their definitions, their folders, and who was put into them."""

from collections.abc import Sequence
from typing import Literal, Protocol, runtime_checkable

from msgspec import Struct

from trunkline.crm.record import Moment
from trunkline.crm.segment import Change, Folder, Segment, Shelf


class Member(Struct, frozen=True):
    """A record that was put into a list, and when."""

    record: int
    at: Moment


class Moved(Struct, frozen=True):
    """What became of the ids of a request: those that came into a list, that went, and that no live record has."""

    added: Sequence[int] = ()
    removed: Sequence[int] = ()
    missing: Sequence[int] = ()


class Span(Struct, frozen=True):
    """A page of members, by id, or by the time of joining and then by id.

    `start` is what the page comes after, or with `falling` before; None for the start of all.
    """

    limit: int
    by: Literal["id", "joined"] = "id"
    start: Member | None = None
    falling: bool = False


@runtime_checkable
class Lists(Protocol):
    """The lists of a store. A portal that is not there is refused as `Unauthenticated`.

    Definitions of lists are no part of the catalog: whoever changes one makes no batch of records be planned anew.
    Members of other kinds of lists are found by `Store.search`.
    """

    async def shelf(self, portal: int) -> Shelf:
        """All lists and folders of a portal."""

    async def change(
        self, portal: int, change: Change, kind: str, now: Moment, app: int, members: Sequence[int] = ()
    ) -> Segment | Folder:
        """Keeps what becomes of a list or a folder, with the first members of a new list, and tells the journal.

        `change` runs inside the transaction; what it raises undoes it. What changes nothing tells nothing.
        """

    async def move(
        self, portal: int, id_: int, type_id: str, now: Moment, added: Sequence[int] = (), removed: Sequence[int] = ()
    ) -> Moved:
        """Takes records out of a list, then puts others into it, in one transaction.

        A record that was merged stands for its successor. Raises `ListNotFound` when the list is gone meanwhile.
        """

    async def clear(self, portal: int, id_: int) -> None:
        """Takes all records out of a list; raises `ListNotFound` when it is gone."""

    async def members(self, portal: int, type_id: str, id_: int, span: Span) -> list[Member]:
        """The live records of a page that were put into a list; one more than the limit when there are more."""

    async def of(self, portal: int, type_id: str, record: int) -> dict[int, Moment]:
        """The lists that a live record was put into, by id, and when; deleted ones too."""
