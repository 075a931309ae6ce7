"""What every storage engine does for Trunkline. The portal is an argument of each method."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Literal, Protocol, runtime_checkable

from msgspec import Struct

from trunkline.crm.association import Linked
from trunkline.crm.audit import PipelineChange
from trunkline.crm.catalog import Definition, Definitions, ObjectType
from trunkline.crm.cut import Counted, Cut
from trunkline.crm.plan import Found, Plan, UniqueKey, Wanted
from trunkline.crm.query import Query
from trunkline.crm.record import Change, Moment, Record
from trunkline.crm.usage import Tied
from trunkline.store.accounts import Accounts
from trunkline.store.bench import Bench
from trunkline.store.lists import Lists

Decide = Callable[[Found], Plan]
"""Makes a plan from what was found, without touching the store; what it raises undoes the batch."""


class StaleCatalog(Exception):
    """The catalog changed between checking a batch and writing it: check it again."""


class StoreRefused(Exception):
    """The store cannot be opened, or not be used now; the message says why and what to do."""


class Hits(Struct, frozen=True):
    """One page of a search: how many records match in all, and those of the page, in order."""

    total: int
    records: list[Record]


JobKind = Literal["batch", "import", "export"]

JobState = Literal["PENDING", "PROCESSING", "COMPLETE", "CANCELED", "FAILED"]


class Job(Struct, frozen=True, kw_only=True):
    """Work that is carried out later, in chunks. `asked` says what it is, to those who kept it.

    `chunk` is the number of the next one of its `chunks`; 0 of them are those of which nobody knows yet how many there
    will be. `progress` is what the chunks that were carried out come to. A job that is not completed is open.
    """

    portal: int
    kind: JobKind = "batch"
    id: str
    asked: bytes
    state: JobState
    chunk: int
    chunks: int
    requested: Moment
    started: Moment | None = None
    completed: Moment | None = None
    progress: bytes = b""


class Pool(Struct, frozen=True):
    """A store's connections to its server: how many there are, how many are used, and how many are waited for."""

    open: int
    used: int
    waiting: int


SEARCH = "search"
"""What the index of searches is called among the readers of the journal."""


class Figures(Struct, frozen=True, kw_only=True):
    """How a store is at the moment.

    `lag` says for each reader of the journal how many changes it has yet to take in, as far as this process knows;
    `jobs` how many jobs of each kind are open. A store without a pool has none.
    """

    lag: Mapping[str, int]
    jobs: Mapping[JobKind, int]
    pool: Pool | None = None


def _nothing(plan: Plan) -> bytes:
    return b""


class Step(Struct, frozen=True):
    """The progress that a job makes with one chunk: kept together with what the chunk writes, or not at all.

    `started` is when the work on the chunk began. `outcome` makes of the plan what is kept of it, and `progress` what
    all chunks come to so far; they run inside the transaction, as does `Store.write`'s `decide`. With `ends` the job is
    completed in that state, whatever is left of it.
    """

    portal: int
    job: str
    chunk: int
    started: Moment
    outcome: Callable[[Plan], bytes]
    progress: Callable[[Plan], bytes] = _nothing
    ends: JobState | None = None


class JobMoved(Exception):
    """The job is not where the step takes it from: it was canceled, or somebody else made the step."""


@runtime_checkable
class Jobs(Protocol):
    """The jobs of a store. A step with a chunk that writes is made by `Store.write`."""

    async def enlist(self, job: Job, chunks: Sequence[bytes], limit: int) -> Job:
        """Keeps a new job and what each chunk of it shall do; one without an id gets the next number of its portal.

        Raises `TooManyJobs` when the portal has `limit` open ones of its kind, and `StoreFull` when there is no room.
        """

    async def get(self, portal: int, id_: str) -> Job | None:
        """A job as it stands."""

    async def open(self) -> list[Job]:
        """The jobs of all portals that are not completed, the oldest first."""

    async def page(self, portal: int, kind: JobKind, first: int, limit: int) -> list[Job]:
        """The jobs of a portal and of a kind that has numbers, at most `limit` from a number on, in their order."""

    async def ahead(self, job: Job) -> int:
        """How many open jobs of the same portal and kind, which has numbers, came before this one."""

    async def chunk(self, job: Job) -> bytes:
        """What the next chunk of a job shall do; raises `JobMoved` when that was done and is no longer kept."""

    async def outcomes(self, portal: int, id_: str) -> list[bytes]:
        """What was kept of each chunk that was carried out, in order."""

    async def some_outcomes(self, portal: int, id_: str, first: int, limit: int) -> list[bytes]:
        """The same from one chunk on, of at most `limit` chunks."""

    async def amend(self, portal: int, kind: JobKind, holding: bytes, change: Callable[[bytes], bytes]) -> None:
        """Changes the outcomes of a portal's jobs of one kind that hold some bytes."""

    async def advance(self, step: Step, plan: Plan) -> None:
        """Makes a step that writes no record; raises `JobMoved`."""

    async def cancel(self, portal: int, id_: str, state: JobState = "CANCELED") -> None:
        """Completes an open job before its end, as canceled; one that is completed stays as it is."""

    async def forget(self, before: Moment) -> None:
        """Removes the jobs that were completed before a moment."""


class Notice(Struct, frozen=True):
    """What another process on the same store changed.

    `catalog`: the definitions of a portal. `accounts`: who gets in, and where. `portal`: one is gone. `job`: there is a
    new one. `bench`: the notes of a portal. `all`: nobody knows what, since the news did not get through; everything
    that is remembered may be wrong.
    """

    kind: Literal["catalog", "accounts", "portal", "job", "bench", "all"]
    portal: int = 0
    detail: str = ""


@runtime_checkable
class Store(Protocol):
    """A durable home of records, definitions, accounts and the journal.

    A method that writes returns after the write is as durable as the store was asked to be, or raises and has
    written nothing. A portal that is not there, or not any more, is refused as `Unauthenticated`: whoever still asks
    for it was let in before it was removed.
    """

    @property
    def jobs(self) -> Jobs:
        """The work to carry out later."""

    @property
    def accounts(self) -> Accounts:
        """The portals, apps, people and credentials."""

    @property
    def lists(self) -> Lists:
        """The lists of records, and who was put into them."""

    @property
    def bench(self) -> Bench:
        """The checkpoints, and what the workbench keeps."""

    async def open(self) -> None:
        """Makes the store ready; raises `StoreRefused`."""

    async def close(self) -> None:
        """Finishes the writes that were accepted and lets go of everything."""

    def hear(self, listener: Callable[[Notice], None]) -> None:
        """Has a listener called, on the event loop, when other processes changed what this one may remember.

        It is told after the change can be read, soon but not at once.
        """

    async def lead(self, work: Callable[[], Awaitable[None]]) -> None:
        """Runs `work` while this process leads, as one of those on the store does; ends when the work does.

        When another one leads the work is canceled, and begun anew when this one leads again. For moments two may think
        that they lead, so the work must be of a kind that does no harm when it is done twice.
        """

    async def ready(self) -> None:
        """Returns when an opened store can be read and written to; raises `StoreRefused` with the reason if not.

        The reason is told to anybody who asks, so it names no address and no secret.
        """

    def watch(self, committed: Callable[[int], None]) -> None:
        """Has a function called after each commit with the number of batches in it; the last one given counts."""

    async def figures(self) -> Figures:
        """How the store is at the moment; meant to be asked every few seconds."""

    async def portals(self) -> Sequence[int]:
        """The ids of the portals that are there; the first is the default one."""

    async def definitions(self, portal: int) -> Definitions:
        """All that the portal defined itself, archived ones included, and the version of its catalog."""

    async def version(self, portal: int) -> int:
        """The version of a portal's catalog, as the newest `definitions` would have it; cheaper than these."""

    async def write(
        self, portal: int, type_id: str, version: int, wanted: Wanted, decide: Decide, step: Step | None = None
    ) -> Plan:
        """Finds what is wanted, has the plan decided, and applies it, all in one transaction; a step goes with it.

        The plan creates at most as many records as `wanted` makes room for.
        Raises what `decide` raises, `JobMoved` when the step is not due, `StaleCatalog` when the portal's catalog is
        not at `version`, and `StoreFull` when there is no room.
        """

    async def read(self, portal: int, type_id: str, ids: Sequence[int], keys: Sequence[UniqueKey] = ()) -> list[Record]:
        """The records of these ids and the holders of these unique values, archived ones included."""

    async def page(self, portal: int, type_id: str, first: int, limit: int, *, archived: bool) -> list[Record]:
        """At most `limit` records from the id `first` on, in the order of their ids: the live or the archived ones."""

    async def links(
        self, portal: int, type_id: str, ids: Sequence[int], other: str, limit: int, first: int = 0
    ) -> dict[int, list[Linked]]:
        """For each live record at most `limit` live records of another type that it is tied to, by id, in all ways.

        Those with an id below `first` are passed over. An archived record shows no associations.
        """

    async def tally(self, portal: int) -> Mapping[str, int]:
        """How many live records a portal has, by object type id."""

    async def crowded(self, portal: int, type_id: str, least: int) -> list[Tied]:
        """The live records of a type that are tied to so many records of another one, archived ones counted too."""

    async def successor(self, portal: int, type_id: str, id_: int) -> int:
        """The record that stands for this one: another after a merge, 0 (nobody) after an erasure, else itself."""

    async def kin(self, portal: int, type_id: str, id_: int) -> list[int]:
        """The record that stands for this one and all that it stands for; none when they are erased."""

    async def changes(self, portal: int, record: Record, limit: int) -> list[Change]:
        """The updates of a record, newest first, at most `limit`."""

    async def pipeline_changes(self, portal: int, type_id: str, id_: str, limit: int) -> list[PipelineChange]:
        """What happened to a pipeline, one that was deleted too, newest first, at most `limit` changes."""

    async def search(self, type_: ObjectType, portal: int, query: Query) -> Hits:
        """The live records that a query asks for. By default it finds every write that was acknowledged before."""

    async def tabulate(self, type_: ObjectType, portal: int, query: Query, cuts: Sequence[Cut]) -> Counted:
        """How many live records a query finds, and how many are in each part, by each of some ways to part them.

        All of it is of one moment; the query's order and page mean nothing. It may take seconds where there are
        millions of records, and holds up nobody meanwhile. It fails as `search` does.
        """

    async def define(
        self, portal: int, type_id: str, version: int, made: Sequence[Definition], kind: str, app: int
    ) -> int:
        """Keeps new, changed or archived definitions in one transaction, all or none, and tells the journal.

        With a new schema comes the place for its records. Returns the new catalog version. Raises `StaleCatalog` like
        `write`, and `SchemaInUse` for a schema that is archived while it has live records.
        """
