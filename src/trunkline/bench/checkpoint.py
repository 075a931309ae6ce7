"""Checkpoints of a portal: what it was like at a moment, to see what was changed since, and to go back there."""

from collections.abc import Iterable, Sequence
from typing import Literal

from msgspec import Struct

from trunkline.crm.record import Moment

SEED = "seed"
"""The checkpoint that a portal is reset to: made when it was seeded."""

REWIND = "rewind"
"""The kind of change that tells of a rewind. Its `previous` is the position that the portal is again as it was at, its
detail a list of the records of its type that this changed."""


class Checkpoint(Struct, frozen=True):
    """A name for a portal as it is after a position of the journal."""

    name: str
    position: int
    at: Moment


class Entry(Struct, frozen=True, kw_only=True):
    """One row of the journal: a change, when, and by which app. `detail` is JSON whose shape depends on the kind."""

    position: int
    kind: str
    type: str
    at: Moment
    app: int
    record: int | None = None
    previous: int | None = None
    detail: str = "{}"


SNAPSHOT = "snapshot"
"""The kind of change that tells of no change: an app asked for what a record is like now. Its detail is the names of
the properties that it wants to see; the values are not in it, so that an erasure leaves none of them behind."""


class Rewound(Struct, frozen=True):
    """What a rewind changed: records of all types, definitions of the catalog, and lists with their folders."""

    records: int = 0
    definitions: int = 0
    lists: int = 0


NoteKind = Literal["clock", "fault", "webhook", "reading", "journal"]
"""`webhook` is what an app is told of and where, `journal` what it reads of in the journal of webhooks, `reading` how
far somebody read the store's journal."""


HEARD: frozenset[NoteKind] = frozenset(("clock", "fault", "webhook"))
"""Of these each process has to hear that one changed, since it works by them; others are looked up when needed."""


class Note(Struct, frozen=True):
    """What the workbench keeps of a portal beside its checkpoints: a kind, a name, and JSON."""

    portal: int
    kind: NoteKind
    name: str
    detail: str


def standing(after: int, last: int, rewinds: Iterable[tuple[int, int]]) -> Sequence[tuple[int, int]]:
    """The stretches of the journal, after one position and up to another, of which nothing was undone, in order.

    `rewinds` are the rows that tell of one, as pairs of their position and the position that was gone back to.
    """
    found: list[tuple[int, int]] = []
    end = last
    for position, to in sorted(rewinds, reverse=True):
        if after < position <= end:
            if position < end:
                found.append((position, end))
            end = max(to, after)
    if end > after:
        found.append((after, end))
    return found[::-1]
