"""Stores of odd content, made step by step of what chance says."""

from collections import defaultdict
from collections.abc import Awaitable, Callable

from hypothesis import strategies as st
from msgspec.structs import replace
from store.accounts import PERSON, credential, event, found
from store.conformance import CALLS, change, create
from store.departing import CONTACTS, archive, erase, merge, tie
from store.jobs import LIMIT, job, step
from store.removing import remove

from trunkline.crm import segment as rules
from trunkline.crm.plan import Plan, Wanted
from trunkline.crm.property import Property
from trunkline.crm.schema import Schema
from trunkline.crm.segment import Draft, Who
from trunkline.identity.app import App
from trunkline.identity.moves import Moves
from trunkline.store.protocol import Store

Step = tuple[str, int, int, str]
"""What is done, two numbers that choose to what, and a text to do it with."""

ODD = st.text(st.characters(codec="utf-8") | st.sampled_from('\\\0"#é\U0001f4de'), max_size=12)
TEXTS = ODD | st.builds(lambda text, times: text * times, ODD, st.sampled_from([50, 300, 700]))
KINDS = (
    *("create", "create", "create", "change", "change", "archive", "merge", "erase", "tie"),
    *("define", "schema", "list", "job", "found", "remove", "account"),
)
STEPS = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 11), st.integers(0, 11), TEXTS), max_size=40)


class Maker:
    """Does the steps; what one has nothing to be done to does nothing."""

    def __init__(self, store: Store, portals: list[int]) -> None:
        self._store = store
        self._portals = portals
        self._live: dict[tuple[int, str], list[int]] = defaultdict(list)
        self._number = 0

    async def make(self, steps: list[Step]) -> None:
        does: dict[str, Callable[[int, str, int, str], Awaitable[object]]] = {
            name: getattr(self, name) for name in set(KINDS)
        }
        for kind, one, other, text in steps:
            self._number += 1
            portal = self._portals[one % len(self._portals)]
            await does[kind](portal, (CALLS, CONTACTS)[other % 2], other, text)

    async def create(self, portal: int, type_: str, other: int, text: str) -> None:
        refs = [f"{text}{self._number}/{number}" for number in range(1 + other % 3)]
        plan = await self._write(portal, type_, Wanted(room=len(refs)), create(*refs))
        self._live[portal, type_] += [record.id for record in plan.creates]

    async def change(self, portal: int, type_: str, other: int, text: str) -> None:
        ids = self._live[portal, type_][: 1 + other // 2]
        await self._write(portal, type_, Wanted(ids=ids), change(title=text, note=f"{self._number}"))

    async def archive(self, portal: int, type_: str, other: int, text: str) -> None:
        if ids := self._live[portal, type_]:
            await self._write(portal, type_, Wanted(ids=[ids.pop(other % len(ids))]), archive)

    async def erase(self, portal: int, type_: str, other: int, text: str) -> None:
        if ids := self._live[portal, type_]:
            await self._write(portal, type_, Wanted(ids=[ids.pop(other % len(ids))]), erase)

    async def merge(self, portal: int, type_: str, other: int, text: str) -> None:
        ids = self._live[portal, type_]
        if len(ids) > 1:
            gone = ids.pop(1 + other % (len(ids) - 1))
            await self._write(portal, type_, Wanted(ids=[ids[0], gone]), merge(ids[0], gone))

    async def tie(self, portal: int, type_: str, other: int, text: str) -> None:
        calls, contacts = self._live[portal, CALLS], self._live[portal, CONTACTS]
        if calls and contacts:
            await self._write(portal, CALLS, Wanted(), tie(calls[other % len(calls)], *contacts[: 1 + other % 3]))

    async def define(self, portal: int, type_: str, other: int, text: str) -> None:
        one = Property(name=f"p{other}", label=text, type="string", field_type="text", hubspot_defined=False)
        await self._store.define(portal, type_, await self._store.version(portal), [one], "property.create", 5)

    async def schema(self, portal: int, type_: str, other: int, text: str) -> None:
        schema = Schema(number=1_000_001 + other % 3, name=f"car{other % 3}", singular=text or "Car", plural="Cars")
        version = await self._store.version(portal)
        await self._store.define(portal, schema.type_id, version, [schema], "schema.create", 5)
        await self._store.definitions(portal)
        await self.create(portal, schema.type_id, other, text)

    async def list(self, portal: int, type_: str, other: int, text: str) -> None:
        draft = Draft(type=type_, name=f"list {self._number}", processing="MANUAL")
        members = self._live[portal, type_][:other]
        made = rules.created(draft, Who(self._number, 7))
        await self._store.lists.change(portal, made, "list.create", self._number, 5, members)
        folder = rules.founded(f"folder {self._number}", "0", Who(self._number, 7))
        await self._store.lists.change(portal, folder, "list.folder", self._number, 5)

    async def job(self, portal: int, type_: str, other: int, text: str) -> None:
        asked = replace(job(portal, f"job {self._number}"), asked=text.encode(), kind="batch")
        numbered = replace(asked, id="", kind="import", progress=b"\0\xff")
        for one in (asked, numbered):
            kept = await self._store.jobs.enlist(one, [text.encode(), b"\0"], LIMIT)
            if other % 3 and one is numbered:
                await self._store.jobs.advance(step(kept, 0), Plan(self._number, 5))

    async def found(self, portal: int, type_: str, other: int, text: str) -> None:
        self._portals.append((await found(self._store, f"portal {self._number}")).id)

    async def remove(self, portal: int, type_: str, other: int, text: str) -> None:
        if len(self._portals) > 1:
            self._portals.remove(portal)
            await remove(self._store, portal)

    async def account(self, portal: int, type_: str, other: int, text: str) -> None:
        client = f"client {self._number}" if other % 2 else None
        app = App(name=text, portal=portal, client_id=client, scopes=("tickets",), created=1)
        kept = credential(f"token {self._number}", "private", portal=portal, family=text, expires=other or None)
        told = event("consent.granted", detail=text, address=text)
        await self._store.accounts.register(app, Moves(credentials=(kept,), events=(told,)))
        person = replace(PERSON, email=f"{self._number}@example.com", portals=(portal,), password=text or None)
        await self._store.accounts.enrol(person, event("person.created", detail=text))

    async def _write(self, portal: int, type_: str, wanted: Wanted, decide: Callable[..., Plan]) -> Plan:
        return await self._store.write(portal, type_, await self._store.version(portal), wanted, decide)
