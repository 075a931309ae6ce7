"""What a batch will write, decided before anything is written.

A plan is data: it can be printed, compared and tested without a store. `Wanted` says what has to be looked up to make
one, `Found` what the store answered, `Plan` what it shall then write. One plan is applied whole or not at all.
"""

from collections.abc import Mapping

from msgspec import Struct, field

from trunkline.crm.association import Cut, End, Held, Tie
from trunkline.crm.record import Change, Moment, Record
from trunkline.errors import Refusal

UniqueKey = tuple[str, str]
"""A property's name and the key of one value of it (`trunkline.crm.values.unique_key`)."""


class Wanted(Struct, frozen=True):
    """What to look up: the holders of unique values with their records, records by id, and others to be tied to.

    `held` asks which records others are tied to by a type of association that has a limit. `room` is how many records
    the plan may create at most, so that a store can set their ids aside.
    """

    keys: list[UniqueKey] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)
    ends: list[End] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    room: int = 0


class Found(Struct, frozen=True):
    """What the store has of what was wanted.

    `holders` leaves out the keys that nobody holds, `records` the ids that do not exist, `ends` those that do not
    exist or are archived; `now` is the time to write with, `next_id` the first record id that is free. `held` has the
    ids of live records.
    """

    now: Moment
    next_id: int
    holders: dict[UniqueKey, int]
    records: dict[int, Record]
    ends: frozenset[End] = frozenset()
    held: Mapping[Held, frozenset[int]] = {}


class Written(Struct, frozen=True, gc=False):
    """What became of one input that went in: the record as it is then, and the names its result shows.

    `names` None means all that the record has, as the result of a create does.
    """

    position: int
    trace: str | None
    record: Record
    new: bool
    names: tuple[str, ...] | None


class Failed(Struct, frozen=True):
    """One input that did not go in, and why."""

    position: int
    trace: str | None
    refusal: Refusal


class Update(Struct, frozen=True):
    """A record as it shall be, and the change that makes it so."""

    record: Record
    change: Change


class Merger(Struct, frozen=True):
    """A record that another one takes the place of, with its associations."""

    record: int
    successor: int


class Plan(Struct):
    """Everything that one request shall write to one object type, and what its answer will say.

    `erased` are records of which nothing may be left, `ties` and `cuts` associations to make and to end, `missing`
    inputs that reach no record, which fail alone even where any other failure would take the batch along (behaviour
    2.5).
    """

    now: Moment
    app: int
    creates: list[Record] = field(default_factory=list)
    updates: list[Update] = field(default_factory=list)
    archives: list[Record] = field(default_factory=list)
    erased: list[Record] = field(default_factory=list)
    mergers: list[Merger] = field(default_factory=list)
    ties: list[Tie] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)
    released: list[UniqueKey] = field(default_factory=list)
    claimed: list[tuple[UniqueKey, int]] = field(default_factory=list)
    written: list[Written] = field(default_factory=list)
    failed: list[Failed] = field(default_factory=list)
    missing: list[Failed] = field(default_factory=list)

    def changes_anything(self) -> bool:
        """Whether applying the plan writes a row; a replay of what is already there does not."""
        return bool(
            self.creates or self.updates or self.archives or self.erased or self.mergers or self.ties or self.cuts
        )
