"""What every storage engine must do when a portal is removed. Its own tests subclass this, too."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest
from msgspec.structs import replace
from store.accounts import CLIENT, PERSON, credential, event, found, good, keep
from store.conformance import CALLS, Test, change, create
from store.departing import CONTACTS, archive, contacts_of, erase, made, merge, tie
from store.jobs import LIMIT, job, step, write

from trunkline.crm.catalog import ObjectType, shipped_types
from trunkline.crm.cut import Counted, Values
from trunkline.crm.plan import Plan, Wanted
from trunkline.crm.property import Group, Property
from trunkline.crm.query import Query, field
from trunkline.crm.schema import Schema
from trunkline.crm.segment import Draft, Who, created, founded
from trunkline.errors import Unauthenticated
from trunkline.identity.app import App
from trunkline.identity.moves import Moves
from trunkline.store.protocol import JobMoved, Step, Store, StoreRefused

TYPE = ObjectType(next(data for data in shipped_types() if data.type_id == CALLS))
ALL = Query(limit=200)
PARTS = Values(field(TYPE.properties["hs_call_status"]))
VERSION = 4
"""The version of the catalog of a portal that was filled."""


async def remove(store: Store, portal: int) -> None:
    await store.accounts.remove(portal, event("portal.removed"))


async def fill(store: Store, portal: int, word: str) -> list[int]:
    """Puts something of each kind into a portal, with the word in all of it; returns the ids of its calls."""
    ids = await made(store, portal, *(f"{word} {number}" for number in range(12)))
    contacts = await made(store, portal, *(f"{word} contact {number}" for number in range(3)), type_id=CONTACTS)
    await store.write(portal, CALLS, 1, Wanted(ids=ids), change(hs_call_title=f"{word} title", note=word))
    await store.write(portal, CALLS, 1, Wanted(), tie(ids[0], *contacts))
    await store.write(portal, CALLS, 1, Wanted(ids=ids[2:4]), merge(ids[2], ids[3]))
    await store.write(portal, CALLS, 1, Wanted(ids=ids[4:5]), archive)
    await store.write(portal, CALLS, 1, Wanted(ids=ids[5:6]), erase)
    await _define(store, portal, word)
    await _enlist(store, portal, word)
    listed = created(Draft(type=CONTACTS, name=word, processing="MANUAL"), Who(1, 0))
    await store.lists.change(portal, listed, "list.create", 1, 5, contacts)
    await store.lists.change(portal, founded(word, "0", Who(1, 0)), "list.folder", 1, 5)
    app = App(name="private", portal=portal, scopes=("tickets",), created=1)
    await store.accounts.register(
        app, Moves(credentials=(credential(f"{word.upper()} token", "private", portal=portal),))
    )
    await keep(store, credential(f"{word.upper()} access", portal=portal, user=5))
    return ids


async def _define(store: Store, portal: int, word: str) -> None:
    definition = Property(name="note", label=word, type="string", field_type="text", hubspot_defined=False)
    await store.define(portal, CALLS, 1, [definition], "property.create", 5)
    await store.define(portal, CALLS, 2, [Group("mine", word, 3)], "group.create", 5)
    schema = Schema(number=1_000_001, name="car", singular=word, plural=word)
    await store.define(portal, schema.type_id, 3, [schema], "schema.create", 5)
    assert (await store.definitions(portal)).schemas == [schema]
    await store.write(portal, schema.type_id, VERSION, Wanted(room=1), create(f"{word} car"))


async def _enlist(store: Store, portal: int, word: str) -> None:
    for id_ in ("open", "completed"):
        kept = replace(job(portal, id_), asked=word.encode())
        await store.jobs.enlist(kept, [f"{word} inputs {n}".encode() for n in range(kept.chunks)], LIMIT)
    for chunk in range(2):
        outcome = Step(portal, "completed", chunk, 2_000, lambda plan: word.encode())
        await write(store, outcome, f"{word} step {chunk}", version=VERSION)


class RemovingConformance:
    """The part of `trunkline.store.accounts.Accounts` that is about portals which go."""

    def run(self, test: Test) -> None:
        raise NotImplementedError

    def test_a_removed_portal_is_gone_at_once(self) -> None:
        async def test(store: Store, portal: int) -> None:
            gone = (await found(store)).id
            ids = await fill(store, gone, "theirs")
            (record,) = await store.read(gone, CALLS, ids[:1])
            asked = await store.jobs.get(gone, "open")
            assert asked is not None
            await remove(store, gone)
            assert await store.portals() == [portal]
            assert [one.id for one in await store.accounts.portals()] == [portal]
            assert await store.accounts.portal(gone) is None
            definition = Property(name="x", label="X", type="string", field_type="text", hubspot_defined=False)
            group = Group("x", "X", 1)
            calls: list[Callable[[], Awaitable[object]]] = [
                lambda: store.write(gone, CALLS, VERSION, Wanted(room=1), create("new")),
                lambda: store.write(gone, CALLS, 1, Wanted(room=1), create("new")),
                lambda: write(store, step(asked, 0), "new", version=VERSION),
                lambda: store.read(gone, CALLS, ids),
                lambda: store.page(gone, CALLS, 0, 10, archived=False),
                lambda: contacts_of(store, gone, *ids),
                lambda: store.changes(gone, record, 10),
                lambda: store.search(TYPE, gone, ALL),
                lambda: store.tabulate(TYPE, gone, ALL, [PARTS]),
                lambda: store.definitions(gone),
                lambda: store.version(gone),
                lambda: store.define(gone, CALLS, VERSION, [definition], "property.create", 5),
                lambda: store.define(gone, CALLS, VERSION, [group], "group.create", 5),
                lambda: store.jobs.enlist(job(gone, "new"), [b"", b""], LIMIT),
            ]
            for call in calls:
                with pytest.raises(Unauthenticated):
                    await call()
            assert await store.jobs.get(gone, "open") is await store.jobs.get(gone, "completed") is None
            assert await store.jobs.open() == []
            with pytest.raises(JobMoved):
                await store.jobs.advance(step(asked, 0), Plan(1, 5))

        self.run(test)

    def test_who_had_to_do_with_a_removed_portal(self) -> None:
        async def test(store: Store, portal: int) -> None:
            gone = (await found(store)).id
            await fill(store, portal, "ours")
            await fill(store, gone, "theirs")
            own = await store.accounts.register(replace(CLIENT, portal=gone), Moves())
            installed = [
                credential(f"{kind} {id_}", kind, app=own.id, portal=id_, family=str(id_))
                for kind in ("code", "access", "refresh")
                for id_ in (portal, gone)
            ]
            await keep(store, *installed, credential("secret", "secret", app=own.id), credential("in", "session"))
            person = await store.accounts.enrol(replace(PERSON, portals=(portal, gone)), event())
            await remove(store, gone)
            digests = [one.digest.decode() for one in installed]
            assert await good(store, *digests, "secret", "in") == " ".join((*digests[::2], "secret", "in"))
            assert (
                await good(store, "OURS token", "OURS access", "THEIRS token", "THEIRS access")
                == "OURS token OURS access"
            )
            assert await store.accounts.app(own.id) == replace(own, portal=None)
            private = [app for app in await store.accounts.apps() if app.client_id is None]
            assert [(app.portal, app.removed is None) for app in private] == [(portal, True), (gone, False)]
            assert await store.accounts.person(person.id) == replace(person, portals=(portal,))
            assert (await store.accounts.people())[0].portals == (portal,)
            last = (await store.accounts.events())[-1]
            assert (last.kind, last.portal) == ("portal.removed", gone)
            assert len(await store.accounts.events(portal=gone)) == 2

        self.run(test)

    def test_the_other_portals_stay_as_they_were(self) -> None:
        async def test(store: Store, portal: int) -> None:
            gone = (await found(store)).id
            ids = await fill(store, portal, "ours")
            assert await fill(store, gone, "theirs") == ids

            async def state() -> list[object]:
                (record,) = await store.read(portal, CALLS, ids[:1])
                return [
                    [await store.page(portal, CALLS, 0, 100, archived=archived) for archived in (True, False)],
                    await store.read(portal, CALLS, [], [("ref", f"ours {number}") for number in range(12)]),
                    await contacts_of(store, portal, *ids),
                    [await store.successor(portal, CALLS, id_) for id_ in ids],
                    await store.kin(portal, CALLS, ids[3]),
                    await store.changes(portal, record, 100),
                    await store.definitions(portal),
                    await store.search(TYPE, portal, ALL),
                    await store.jobs.get(portal, "open"),
                    await store.jobs.outcomes(portal, "completed"),
                ]

            before = await state()
            await remove(store, gone)
            assert await state() == before
            plan = await store.write(portal, CALLS, VERSION, Wanted(room=1), create("after"))
            assert plan.creates[0].id > max(ids)
            assert (await store.search(TYPE, portal, ALL)).total == 12
            assert await store.tabulate(TYPE, portal, ALL, [PARTS]) == Counted(12, [{None: 12}])

        self.run(test)

    def test_the_last_portal_stays(self) -> None:
        async def test(store: Store, portal: int) -> None:
            with pytest.raises(StoreRefused, match="last one"):
                await remove(store, portal)
            second = (await found(store)).id
            await remove(store, portal)
            assert await store.portals() == [second]
            with pytest.raises(StoreRefused, match="last one"):
                await remove(store, second)
            for nobodys in (portal, second + 1):
                with pytest.raises(StoreRefused, match=f"no portal {nobodys}"):
                    await remove(store, nobodys)
            assert await store.portals() == [second]
            assert [one.kind for one in await store.accounts.events()] == ["portal.created", "portal.removed"]

        self.run(test)

    def test_of_two_that_remove_the_last_two_one_does(self) -> None:
        async def test(store: Store, portal: int) -> None:
            second = (await found(store)).id
            results = await asyncio.gather(remove(store, portal), remove(store, second), return_exceptions=True)
            assert sorted(type(result).__name__ for result in results) == ["NoneType", "StoreRefused"]
            assert await store.portals() == [(portal, second)[results.index(None) - 1]]

        self.run(test)

    def test_no_portal_is_given_the_id_of_another(self) -> None:
        async def test(store: Store, portal: int) -> None:
            ids = [portal]
            for _ in range(3):
                ids.append((await found(store)).id)
                await remove(store, ids[-1])
            assert ids == sorted(set(ids))
            again = (await found(store)).id
            assert again > ids[-1]
            await made(store, again, "A")
            assert (await store.search(TYPE, again, ALL)).total == 1

        self.run(test)

    def test_writes_that_wait_beside_a_removal(self) -> None:
        async def test(store: Store, portal: int) -> None:
            gone = (await found(store)).id
            kept = job(gone)
            await store.jobs.enlist(kept, [b"", b""], LIMIT)
            begun: list[asyncio.Task[Any]] = [
                asyncio.create_task(store.write(gone, CALLS, 1, Wanted(room=1), create("A")))
            ]
            begun.append(asyncio.create_task(remove(store, gone)))
            for _ in range(2):
                await asyncio.sleep(0)
            results = await asyncio.gather(
                *begun,
                store.write(gone, CALLS, 1, Wanted(room=1), create("B")),
                store.write(portal, CALLS, 1, Wanted(room=1), create("C")),
                write(store, step(kept, 0), "D"),
                store.jobs.advance(step(kept, 0), Plan(1, 5)),
                keep(store, credential("late", portal=gone)),
                store.jobs.enlist(job(gone, "late"), [b"", b""], LIMIT),
                remove(store, gone),
                return_exceptions=True,
            )
            told = [type(result).__name__ for result in results]
            assert all(name in ("Plan", "Unauthenticated") for name in (told[0], told[2], told[4]))
            assert (told[3], sorted((told[1], told[8]))) == ("Plan", ["NoneType", "StoreRefused"])
            assert told[5] in ("NoneType", "JobMoved") and (told[5] == "JobMoved" or told[4] != "Plan")
            assert all(name in ("NoneType", "Job", "Unauthenticated") for name in told[6:8])
            assert await store.portals() == [portal] and await good(store, "late") == ""
            assert await store.jobs.open() == []
            with pytest.raises(Unauthenticated):
                await store.write(gone, CALLS, 1, Wanted(room=1), create("B"))

        self.run(test)

    def test_a_portal_comes_or_goes_whole_though_nobody_waits_for_it(self) -> None:
        async def test(store: Store, portal: int) -> None:
            async def begin(coming: Coroutine[Any, Any, object]) -> None:
                task = asyncio.create_task(coming)
                await asyncio.sleep(0)
                await asyncio.sleep(0)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task

            await begin(found(store))
            while len(await store.portals()) < 2:
                await asyncio.sleep(0)
            third = (await found(store)).id
            (second,) = set(await store.portals()) - {portal, third}
            await made(store, second, "A")
            await begin(remove(store, second))
            while second in await store.portals():
                await asyncio.sleep(0)
            await remove(store, third)
            with pytest.raises(Unauthenticated):
                await store.read(second, CALLS, [1])

        self.run(test)

    def test_no_plan_brings_a_removed_portal_back(self) -> None:
        async def test(store: Store, portal: int) -> None:
            gone = await found(store)
            private = App(name="private", portal=gone.id, scopes=("tickets",), created=1)
            app = await store.accounts.register(private, Moves())
            person = await store.accounts.enrol(replace(PERSON, portals=(gone.id,)), event())
            await remove(store, gone.id)
            for moves in (
                Moves(portals=(gone,)),
                Moves(apps=(app,)),
                Moves(credentials=(credential("new", portal=gone.id),)),
            ):
                with pytest.raises(Unauthenticated):
                    await store.accounts.keep(replace(moves, events=(event(),)))
            with pytest.raises(Unauthenticated):
                await store.accounts.register(private, Moves(events=(event(),)))
            await store.accounts.keep(Moves(people=(person,), apps=(replace(app, removed=9),)))
            assert (await store.accounts.people())[-1] == replace(person, portals=())
            assert await store.portals() == [portal]
            assert len(await store.accounts.events()) == 3

        self.run(test)

    def test_searches_on_their_way_are_answered_or_refused(self) -> None:
        async def test(store: Store, portal: int) -> None:
            for number in range(6):
                gone = (await found(store)).id
                await made(store, gone, *(str(n) for n in range(50)))
                if number % 2:
                    await store.search(TYPE, gone, ALL)
                searches = [asyncio.create_task(store.search(TYPE, gone, ALL)) for _ in range(6)]
                await asyncio.sleep(0)
                await remove(store, gone)
                results = await asyncio.gather(*searches, return_exceptions=True)
                assert {type(result).__name__ for result in results} <= {"Hits", "Unauthenticated"}
            assert (await store.search(TYPE, portal, ALL)).total == 0

        self.run(test)
