"""What every storage engine must do with checkpoints: keep what was, go back to it, and read the journal between."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from store.accounts import found as founded
from store.conformance import CALLS, Test, change, create
from store.departing import CONTACTS, archive, erase, merge
from store.listing import all_of, made
from store.tying import OWN, cuts, ties
from store.tying import PLAIN as SHIPPED

from trunkline.bench.checkpoint import REWIND, Entry, Note
from trunkline.crm.association import Cut
from trunkline.crm.catalog import Catalog
from trunkline.crm.plan import Found, Plan, Wanted
from trunkline.crm.property import Property
from trunkline.crm.query import Query
from trunkline.store.protocol import Store

NOW = 1_700_000_000_000
assert SHIPPED is not None
PLAIN = SHIPPED
COUNT = 4
"""Records of each type that are there at first."""

KINDS = (
    "create",
    "change",
    "change",
    "archive",
    "merge",
    "tie",
    "tie",
    "cut",
    "define",
    "join",
    "leave",
    "list",
    "mark",
)
Step = tuple[str, int, int]
steps = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, COUNT - 1), st.integers(0, COUNT - 1)), max_size=12)


async def portrait(store: Store, portal: int) -> Any:
    """All that a store shows of a portal, but for the version of its catalog."""
    shown: dict[str, Any] = {}
    for type_ in (CALLS, CONTACTS):
        records = [one for gone in (False, True) for one in await store.page(portal, type_, 1, 100, archived=gone)]
        ids = [record.id for record in records]
        other = CONTACTS if type_ is CALLS else CALLS
        shown[type_] = [
            records,
            [await store.changes(portal, record, 100) for record in records],
            await store.links(portal, type_, ids, other, 100),
            await store.read(portal, type_, [], [("ref", ref) for ref in refs()]),
            [await store.successor(portal, type_, id_) for id_ in ids],
        ]
    definitions = await store.definitions(portal)
    lists = await store.lists.shelf(portal)
    members = {id_: await all_of(store, portal, id_) for id_ in lists.lists}
    return shown, replace(definitions, version=0), lists, members


def refs() -> Sequence[str]:
    return [f"{letter}{number}" for letter in "abn" for number in range(COUNT + 30)]


class Play:
    """A portal in which things happen."""

    def __init__(self, store: Store, portal: int) -> None:
        self.store = store
        self.portal = portal
        self.calls: list[int] = []
        self.contacts: list[int] = []
        self.made = 0

    async def begin(self) -> None:
        self.calls = await self._new(CALLS, *(f"a{n}" for n in range(COUNT)))
        self.contacts = await self._new(CONTACTS, *(f"b{n}" for n in range(COUNT)))
        self.list = await made(self.store, self.portal, "first", self.contacts[:1])
        await self._write(CALLS, ties((self.calls[0], self.contacts[0], PLAIN), (self.calls[1], self.contacts[1], OWN)))
        await self._write(CALLS, change(title="first"), ids=self.calls[:2])

    async def _new(self, type_: str, *refs: str) -> list[int]:
        plan = await self._write(type_, create(*refs), room=len(refs))
        return [record.id for record in plan.creates]

    async def _write(self, type_: str, decide: Callable[[Found], Plan], **wanted: Any) -> Plan:
        version = await self.store.version(self.portal)
        return await self.store.write(self.portal, type_, version, Wanted(**wanted), decide)

    async def step(self, step: Step) -> None:
        kind, one, other = step
        self.made += 1
        call, contact, live = self.calls[one], self.contacts[other], await self._live(self.contacts)
        match kind:
            case "create":
                await self._new(CALLS, f"n{self.made}")
            case "change":
                await self._write(CALLS, change(title=f"t{self.made}"), ids=[call])
            case "archive" if call in await self._live(self.calls, CALLS):
                await self._write(CALLS, archive, ids=[call])
            case "merge" if one != other and {self.contacts[one], contact} <= live:
                primary = self.contacts[one]
                await self._write(CONTACTS, merge(primary, contact), ids=[primary, contact])
            case "tie" if contact in live:
                await self._write(CALLS, ties((call, contact, OWN if self.made % 2 else PLAIN)))
            case "cut":
                await self._write(CALLS, cuts(Cut(call, (CONTACTS, contact), ())))
            case "define":
                await self.define(f"p{one}", f"Label {self.made}")
            case "join":
                await self.store.lists.move(self.portal, self.list, CONTACTS, NOW, [contact])
            case "leave":
                await self.store.lists.move(self.portal, self.list, CONTACTS, NOW, (), [contact])
            case "list":
                await made(self.store, self.portal, f"list {self.made}", [contact])
            case _:
                pass

    async def _live(self, ids: Sequence[int], type_: str = CONTACTS) -> set[int]:
        return {record.id for record in await self.store.read(self.portal, type_, ids) if record.archived is None}

    async def define(self, name: str, label: str) -> None:
        one = Property(name=name, label=label, type="string", field_type="text", hubspot_defined=False)
        version = await self.store.version(self.portal)
        await self.store.define(self.portal, CALLS, version, [one], "property.create", 5)


class RewindingConformance:
    """The part of `trunkline.store.bench` that every engine has."""

    def opened(self) -> AbstractAsyncContextManager[Store]:
        raise NotImplementedError

    def run(self, test: Test) -> None:
        raise NotImplementedError

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(steps, min_size=1, max_size=4), st.data())
    def test_a_portal_is_again_what_it_was(self, eras: list[list[Step]], data: st.DataObject) -> None:
        async def test() -> None:
            async with self.opened() as store:
                portal, other = (await founded(store)).id, (await founded(store)).id
                play, beside = Play(store, portal), Play(store, other)
                await play.begin()
                await beside.begin()
                was = []
                for number, taken in enumerate(eras):
                    was.append(await portrait(store, portal))
                    await store.bench.mark(portal, str(number), NOW)
                    for step in taken:
                        await play.step(step)
                        await beside.step(step)
                if len(eras) > 2 and data.draw(st.booleans()):
                    assert await store.bench.forget(portal, "1")
                    eras_left = [number for number in range(len(eras)) if number != 1]
                else:
                    eras_left = list(range(len(eras)))
                untouched = await portrait(store, other)
                for number in sorted(data.draw(st.sets(st.sampled_from(eras_left), min_size=1)), reverse=True):
                    assert await store.bench.rewind(portal, str(number), NOW) is not None
                    assert await portrait(store, portal) == was[number]
                    assert await portrait(store, other) == untouched
                    left = [one.name for one in await store.bench.checkpoints(portal)]
                    assert left == [str(one) for one in eras_left if one <= number]
                    for step in eras[0]:
                        await play.step(step)

        asyncio.run(test())

    def test_searches_find_what_is_there_again(self) -> None:
        async def test(store: Store, portal: int) -> None:
            play = Play(store, portal)
            await play.begin()
            await store.bench.mark(portal, "x", NOW)
            type_ = Catalog(portal, await store.definitions(portal)).type(CALLS)
            every = Query()
            before = [record.id for record in (await store.search(type_, portal, every)).records]
            await play.step(("create", 0, 0))
            await play.step(("archive", 0, 0))
            assert [r.id for r in (await store.search(type_, portal, every)).records] != before
            await store.bench.rewind(portal, "x", NOW)
            assert [r.id for r in (await store.search(type_, portal, every)).records] == before

        self.run(test)

    def test_no_id_is_given_again(self) -> None:
        async def test(store: Store, portal: int) -> None:
            play = Play(store, portal)
            await play.begin()
            await store.bench.mark(portal, "x", NOW)
            first = (await play._new(CALLS, "n1"))[0]
            await store.bench.rewind(portal, "x", NOW)
            assert (await play._new(CALLS, "n1"))[0] > first

        self.run(test)

    def test_the_journal_goes_on_and_has_no_value_of_what_was_undone(self) -> None:
        async def test(store: Store, portal: int) -> None:
            play = Play(store, portal)
            await play.begin()
            marked = await store.bench.mark(portal, "x", NOW)
            await play._write(CALLS, change(title="secret"), ids=play.calls[:1])
            end = await store.bench.end(portal)
            done = await store.bench.rewind(portal, "x", NOW + 1)
            assert done is not None and done.records == 1
            after = await store.bench.end(portal)
            assert after > end > marked.position
            rows = await store.bench.journal(portal, marked.position, after, 100)
            assert [row.kind for row in rows] == ["update", REWIND, REWIND]
            assert not any("secret" in row.detail for row in rows)
            assert {row.previous for row in rows[1:]} == {marked.position}
            assert _ids(rows[1:]) == {(CALLS, play.calls[0])}
            assert {row.at for row in rows[1:]} == {NOW + 1}
            assert (await store.bench.rewinds(portal, marked.position)) == [
                (row.position, marked.position) for row in rows[1:]
            ]
            (again,) = await store.bench.checkpoints(portal)
            assert (again.name, again.position, again.at) == ("x", after, NOW)

        self.run(test)

    def test_what_was_erased_stays_erased_and_is_kept_nowhere(self) -> None:
        async def test(store: Store, portal: int) -> None:
            play = Play(store, portal)
            await play.begin()
            await store.bench.mark(portal, "x", NOW)
            await play._write(CALLS, change(title="secret"), ids=play.calls[:1])
            await store.bench.mark(portal, "y", NOW)
            await play._write(CALLS, erase, ids=play.calls[:1])
            await play._write(CALLS, change(title="other"), ids=play.calls[1:2])
            assert await store.bench.rewind(portal, "x", NOW) is not None
            assert await store.kin(portal, CALLS, play.calls[0]) == []
            assert await store.read(portal, CALLS, [], [("ref", "a0")]) == []
            (left,) = await store.read(portal, CALLS, play.calls[1:2])
            assert left.properties["title"] == "first"
            assert (await store.links(portal, CONTACTS, play.contacts[:1], CALLS, 10))[play.contacts[0]] == []

        self.run(test)

    def test_a_portal_is_emptied(self) -> None:
        async def test(store: Store, portal: int) -> None:
            play = Play(store, portal)
            empty = await portrait(store, portal)
            other = (await founded(store)).id
            beside = Play(store, other)
            await beside.begin()
            untouched = await portrait(store, other)
            await play.begin()
            await play.define("p", "P")
            await store.bench.mark(portal, "x", NOW)
            await play._write(CALLS, erase, ids=play.calls[:1])
            done = await store.bench.clear(portal, NOW)
            assert (done.records, done.lists) == (2 * COUNT, 1)
            assert await portrait(store, portal) == empty
            assert await portrait(store, other) == untouched
            assert await store.bench.checkpoints(portal) == []
            assert await store.bench.rewind(portal, "x", NOW) is None
            await play.begin()

        self.run(test)

    def test_a_checkpoint_takes_the_place_of_one_with_its_name(self) -> None:
        async def test(store: Store, portal: int) -> None:
            play = Play(store, portal)
            await play.begin()
            await store.bench.mark(portal, "x", NOW)
            await play._write(CALLS, change(title="second"), ids=play.calls[:1])
            was = await portrait(store, portal)
            await store.bench.mark(portal, "x", NOW)
            await play._write(CALLS, change(title="third"), ids=play.calls[:1])
            await store.bench.rewind(portal, "x", NOW)
            assert await portrait(store, portal) == was
            assert [one.name for one in await store.bench.checkpoints(portal)] == ["x"]
            assert not await store.bench.forget(portal, "y")
            assert await store.bench.forget(portal, "x")
            assert await store.bench.rewind(portal, "x", NOW) is None

        self.run(test)

    def test_notes_are_kept_by_portal_kind_and_name(self) -> None:
        async def test(store: Store, portal: int) -> None:
            other, bench = (await founded(store)).id, store.bench
            await bench.keep(Note(portal, "fault", "b", "1"))
            await bench.keep(Note(portal, "fault", "a", "2"))
            await bench.keep(Note(other, "fault", "a", "3"))
            await bench.keep(Note(portal, "clock", "a", "4"))
            await bench.keep(Note(portal, "fault", "b", "5"))
            kept = [(one.portal, one.kind, one.name, one.detail) for one in await bench.notes()]
            assert kept == [
                (portal, "clock", "a", "4"),
                (portal, "fault", "a", "2"),
                (portal, "fault", "b", "5"),
                (other, "fault", "a", "3"),
            ]
            assert await bench.drop(portal, "fault", "c") == 0
            assert await bench.drop(portal, "fault", "a") == 1
            assert await bench.drop(portal, "fault") == 1
            assert [one.detail for one in await bench.notes()] == ["4", "3"]

        self.run(test)


def _ids(rows: Sequence[Entry]) -> set[tuple[str, int]]:
    return {(row.type, id_) for row in rows for id_ in msgspec.json.decode(row.detail)}
