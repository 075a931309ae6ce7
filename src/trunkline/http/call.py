"""One request on its way through the line, and the answer at its end."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from math import ceil
from typing import TypeVar

from msgspec import Struct, field
from starlette.requests import Request

from trunkline.bench.exchange import Exchanges
from trunkline.clock import Clock
from trunkline.crm.catalog import Catalog, ObjectType
from trunkline.crm.record import Moment
from trunkline.crm.warning import Warning
from trunkline.errors import InvalidParameter, Refusal, Unauthenticated, Unexpected
from trunkline.http.bench import Workbench
from trunkline.http.brake import Brake
from trunkline.http.breath import Breath
from trunkline.http.gate import Caller, Gate
from trunkline.http.hooks.kept import Hooks
from trunkline.http.ledger import Ledger
from trunkline.http.measuring import Measures
from trunkline.http.meter import Meter
from trunkline.http.tide import Tide
from trunkline.http.trail import Trail
from trunkline.settings import Settings
from trunkline.store.accounts import Accounts
from trunkline.store.protocol import Notice, StaleCatalog, Store

T = TypeVar("T")

_PATIENCE = 5
"""Times that a request is tried with a catalog that is newer each time."""


class State(Struct):
    """What all requests of a server share.

    `catalogs` holds the newest catalog of each portal that was asked for, `doubts` what makes one of them doubtful,
    `loading` the locks of those that load one. `enlisted` says that there is a new job, and `leads` that this process
    carries out those of all; `requests` has what was asked lately, if that is remembered; `stopping` is set once the
    server is told to stop.
    """

    store: Store
    clock: Clock
    settings: Settings
    gate: Gate
    meter: Meter
    brake: Brake
    trail: Trail
    bench: Workbench
    hooks: Hooks
    tide: Tide = field(default_factory=Tide)
    breath: Breath = field(default_factory=Breath)
    measures: Measures = field(default_factory=Measures)
    requests: Exchanges | None = None
    catalogs: dict[int, Catalog] = field(default_factory=dict)
    doubts: dict[int, Notice] = field(default_factory=dict)
    loading: defaultdict[int, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    enlisted: asyncio.Event = field(default_factory=asyncio.Event)
    leads: bool = False
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def accounts(self) -> Accounts:
        """The portals, apps, people and credentials of the store."""
        return self.store.accounts

    def catalog(self, portal: int) -> Catalog:
        """The catalog of a portal, which was loaded before; raises `Unauthenticated` when the portal was removed since.

        It is loaded for the caller of a request before it is handled, and by `with_newest` for everybody else.
        """
        known = self.catalogs.get(portal)
        if known is None:
            raise Unauthenticated
        return known

    async def load(self, portal: int) -> Catalog:
        """The catalog of a portal, loaded when it is first asked for; raises `Unauthenticated`."""
        known, doubt = self.catalogs.get(portal), self.doubts.get(portal)
        if known is None:
            return await self.refresh(portal, 0)
        if doubt is not None:
            known = await self.renew(portal)
            if self.doubts.get(portal) is doubt:
                del self.doubts[portal]
        return known

    async def renew(self, portal: int) -> Catalog:
        """The catalog of a portal as the store has it now; raises `Unauthenticated`."""
        return await self.refresh(portal, await self.store.version(portal))

    async def refresh(self, portal: int, version: int) -> Catalog:
        """The catalog of a portal, loaded again unless it is at this version already, or at a newer one.

        One load of a portal waits for the other, so that none is in vain and none puts an older catalog in the place of
        a newer one. Raises `Unauthenticated`.
        """
        async with self.loading[portal]:
            known = self.catalogs.get(portal)
            if known is None or known.version < version:
                known = self.catalogs[portal] = Catalog(portal, await self.store.definitions(portal))
            return known

    def forget(self, portal: int) -> None:
        """Drops what is known of a portal that was removed."""
        self.catalogs.pop(portal, None)
        self.doubts.pop(portal, None)
        self.loading.pop(portal, None)
        self.meter.forget(portal)
        self.bench.faults.forget(portal)
        if self.requests is not None:
            self.requests.clear(portal)


async def state_of(
    store: Store,
    clock: Clock,
    settings: Settings,
    secret: str,
    stopping: asyncio.Event | None = None,
    ledger: Ledger | None = None,
) -> State:
    """The state of a server over an opened store; `secret` opens the control namespace.

    `ledger` is where its processes count requests together. Failures each counts by itself, and lets its part of those
    pass that do not wait.
    """
    gate = Gate(store.accounts, secret, clock)
    if settings.token:
        gate.admit_fixed(settings.token, (await store.portals())[0])
    trail = Trail(store.accounts, clock, settings.audit_days)
    brake = Brake(free=ceil(settings.free_failures / settings.workers))
    meter = Meter(settings.limits, ledger)
    bench = Workbench(store.bench, clock, ledger)
    await bench.refresh()
    hooks = Hooks(store.bench)
    state = State(store, clock, settings, gate, meter, brake, trail, bench, hooks, stopping=stopping or asyncio.Event())
    if settings.request_log:
        state.requests = Exchanges(settings.request_log, settings.request_log_mb * 1024 * 1024)

    def committed(batches: int) -> None:
        state.measures.committed(batches)
        state.breath.wrote()
        state.tide.rise()

    store.watch(committed)
    return state


class Call(Struct):
    """A request that passed the gate: who calls, for what, with which body.

    `status` is that of success in the version of the API that was called, `partial` that of a batch of which a part
    failed. `warnings` are told beside the answer, whatever it is (`trunkline.crm.warning`).
    """

    state: State
    caller: Caller
    path: Mapping[str, str]
    request: Request
    body: bytes
    full: bool
    status: int
    partial: int
    warnings: list[Warning]

    @property
    def portal(self) -> int:
        """The portal that the caller's token belongs to."""
        return self.caller.portal

    def now(self) -> Moment:
        """What time it is in the portal."""
        return self.state.clock.now(self.portal)

    @property
    def type(self) -> ObjectType:
        """The object type that the path names, in the newest catalog."""
        return self.state.catalog(self.portal).type(self.path["type"])

    def names(self, parameter: str) -> list[str]:
        """A list of names in the query, repeated or parted by commas (behaviour 8.4)."""
        parts = [part.strip() for text in self.request.query_params.getlist(parameter) for part in text.split(",")]
        return [part for part in dict.fromkeys(parts) if part]

    def number(self, parameter: str, default: int) -> int:
        """A whole number of the query; raises `InvalidParameter` for anything else (behaviour 5.6)."""
        text = self.request.query_params.get(parameter) or str(default)
        if not (text.removeprefix("-").isdigit() and text.isascii() and len(text) < 10):
            raise InvalidParameter("query", parameter)
        return int(text)

    def flag(self, parameter: str, *, default: bool = False) -> bool:
        """A true or false of the query, in any case; raises `InvalidParameter` for anything else (behaviour 5.6)."""
        text = (self.request.query_params.get(parameter) or str(default)).lower()
        if text not in ("true", "false"):
            raise InvalidParameter("query", parameter)
        return text == "true"


class Answer(Struct, frozen=True):
    """What goes back: a status and a JSON body, or none. A long one is in pieces, and others are served between."""

    status: int
    body: bytes | Sequence[bytes | memoryview] | None
    headers: Mapping[str, str] = {}


Handler = Callable[[Call], Awaitable[Answer]]


async def with_catalog(call: Call, attempt: Callable[[Catalog, ObjectType], Awaitable[T]]) -> T:
    """Tries with the newest catalog, again when it changed meanwhile, a few times."""
    return await with_type(call.state, call.portal, call.path["type"], attempt)


async def with_type(state: State, portal: int, type_: str, attempt: Callable[[Catalog, ObjectType], Awaitable[T]]) -> T:
    """The same for an object type that no path names."""
    return await with_newest(state, portal, lambda catalog: attempt(catalog, catalog.type(type_)))


async def with_newest(state: State, portal: int, attempt: Callable[[Catalog], Awaitable[T]]) -> T:
    """The same for what is about no object type, or about several.

    A refusal counts only when it was made with the newest catalog: what it misses may have been defined meanwhile by
    another process that shares the store. So an attempt must not keep anything before it refuses. A failure of the
    server is none such: it has nothing to do with the catalog, and what became of the attempt may not be known.
    """
    catalog = await state.load(portal)
    for _ in range(_PATIENCE):
        try:
            return await attempt(catalog)
        except StaleCatalog:
            version = catalog.version + 1
        except Unexpected:
            raise
        except Refusal as refusal:
            version = await state.store.version(portal)
            if version == catalog.version:
                raise
            refusal.__traceback__ = None  # as in `Line`: nothing else would free what it leads to
        catalog = await state.refresh(portal, version)
    raise Unexpected
