"""What every storage engine must do for portals, apps, people and credentials. Its own tests subclass this, too."""

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace
from store.conformance import CALLS, Test, create

from trunkline.crm.plan import Wanted
from trunkline.errors import Unauthenticated
from trunkline.identity.app import App
from trunkline.identity.credential import Credential, Kind
from trunkline.identity.event import Event, EventKind
from trunkline.identity.moves import Moves
from trunkline.identity.person import Person
from trunkline.identity.portal import PRODUCTS, Portal
from trunkline.store.accounts import AlreadySpent
from trunkline.store.protocol import Store, StoreRefused

FAR = 2**45
"""A moment that no clock has come to."""

PERSON = Person(email="Ada@Example.com", created=5)
CLIENT = App(
    name="Dialer",
    client_id="client-1",
    redirect_uris=("https://example.com/back", 'https://example.com/"quoted"'),
    scopes=("crm.objects.contacts.read", "e-commerce"),
    optional_scopes=("tickets",),
    created=7,
)


def event(kind: EventKind = "app.created", **members: Any) -> Event:
    return Event(at=members.pop("at", 1), kind=kind, **members)


def credential(digest: str, kind: Kind = "access", **members: Any) -> Credential:
    return Credential(digest=digest.encode(), kind=kind, created=members.pop("created", 1), **members)


async def found(store: Store, name: str = "second") -> Portal:
    return await store.accounts.found(Portal(id=0, name=name, created=3), event("portal.created"))


async def keep(store: Store, *credentials: Credential) -> None:
    await store.accounts.keep(Moves(credentials=credentials))


async def good(store: Store, *digests: str) -> str:
    """Those of the credentials that are not ended."""
    held = {digest: await store.accounts.credential(digest.encode()) for digest in digests}
    return " ".join(digest for digest, one in held.items() if one is not None and one.ended is None)


class AccountsConformance:
    """The behaviour that `trunkline.store.accounts.Accounts` promises."""

    def run(self, test: Test) -> None:
        raise NotImplementedError

    def test_a_new_store_has_a_portal_and_an_owner(self) -> None:
        async def test(store: Store, portal: int) -> None:
            (default,) = await store.accounts.portals()
            assert (default.id, default.name, default.removed) == (portal, "default", None)
            assert set(default.products) == set(PRODUCTS)
            (owner,) = await store.accounts.people()
            assert (owner.portals, owner.password) == ((portal,), None)
            assert await store.accounts.addressee("Owner@Trunkline.localhost") == owner
            assert [
                *await store.accounts.apps(),
                *await store.accounts.events(),
                *await store.accounts.credentials("private"),
            ] == []

        self.run(test)

    def test_a_founded_portal_is_there_with_all_collections(self) -> None:
        async def test(store: Store, portal: int) -> None:
            asked = Portal(id=0, name="second", created=3, products={"sales": "STARTER"}, limits="hubspot")
            made = await store.accounts.found(asked, event("portal.created", detail="d"))
            assert made == replace(asked, id=made.id)
            assert made.id > portal
            assert await store.accounts.portal(made.id) == made
            assert (await store.accounts.portals())[1:] == [made]
            assert await store.portals() == [portal, made.id]
            assert (await store.definitions(made.id)).version == 1
            plan = await store.write(made.id, CALLS, 1, Wanted(room=1), create("A"))
            assert await store.read(portal, CALLS, [plan.creates[0].id], [("ref", "A")]) == []
            assert len(await store.read(made.id, CALLS, [plan.creates[0].id])) == 1
            assert [(e.kind, e.portal, e.detail) for e in await store.accounts.events()] == [
                ("portal.created", made.id, "d")
            ]
            assert (await store.accounts.people())[0].portals == (portal, made.id)

        self.run(test)

    def test_a_portal_is_changed_but_never_founded_or_removed_by_a_plan(self) -> None:
        async def test(store: Store, portal: int) -> None:
            made = await found(store)
            changed = replace(made, name="other", products={}, limits="off")
            await store.accounts.keep(Moves(portals=(replace(changed, removed=9),), events=(event("portal.changed"),)))
            assert await store.accounts.portal(made.id) == changed
            with pytest.raises(Unauthenticated):
                await store.accounts.keep(Moves(portals=(replace(made, id=made.id + 1),), events=(event(),)))
            assert await store.portals() == [portal, made.id]
            assert len(await store.accounts.events()) == 2

        self.run(test)

    def test_an_app_is_registered_with_its_credentials(self) -> None:
        async def test(store: Store, portal: int) -> None:
            secret = credential("secret", "secret", app=77)
            made = await store.accounts.register(CLIENT, Moves(credentials=(secret,), events=(event(app=77),)))
            assert made == replace(CLIENT, id=made.id)
            assert await store.accounts.app(made.id) == await store.accounts.client("client-1") == made
            assert await store.accounts.client("client-2") is None
            assert await store.accounts.credential(b"secret") == replace(secret, app=made.id)
            assert await store.accounts.events() == [event(app=made.id, position=1)]
            private = App(name="p", portal=portal, scopes=("a",), created=2)
            other = await store.accounts.register(private, Moves(credentials=(credential("token", "private"),)))
            assert other.id > made.id
            assert await store.accounts.apps() == [made, other]
            assert [one.digest for one in await store.accounts.credentials("private", other.id)] == [b"token"]

        self.run(test)

    def test_a_changed_app_and_a_removed_one(self) -> None:
        async def test(store: Store, portal: int) -> None:
            made = await store.accounts.register(CLIENT, Moves())
            changed = replace(made, name="new", scopes=(), portal=portal)
            await store.accounts.keep(Moves(apps=(changed,)))
            assert await store.accounts.client("client-1") == changed
            gone = replace(changed, removed=9)
            await store.accounts.keep(Moves(apps=(gone,)))
            assert await store.accounts.app(made.id) is None
            assert await store.accounts.client("client-1") is None
            assert await store.accounts.apps() == [gone]
            again = await store.accounts.register(replace(CLIENT, client_id="client-2"), Moves())
            assert again.id > made.id

        self.run(test)

    def test_a_person_is_found_by_the_address_in_any_case(self) -> None:
        async def test(store: Store, portal: int) -> None:
            second = await found(store)
            asked = replace(PERSON, portals=(second.id, portal, 999), password="$argon2id$kept")
            made = await store.accounts.enrol(asked, event("person.created"))
            assert made == replace(asked, id=made.id, portals=(portal, second.id))
            assert await store.accounts.person(made.id) == await store.accounts.addressee("ADA@example.COM") == made
            assert (await store.accounts.people())[1:] == [made]
            assert (await store.accounts.events())[-1].user == made.id
            changed = replace(made, email="b@example.com", portals=(), password=None)
            await store.accounts.keep(Moves(people=(changed,)))
            assert await store.accounts.addressee("ada@example.com") is None
            assert await store.accounts.person(made.id) == changed
            await store.accounts.keep(Moves(people=(replace(changed, removed=9),)))
            assert await store.accounts.person(made.id) is await store.accounts.addressee("b@example.com") is None
            assert (await store.accounts.people())[1:] == [replace(changed, removed=9)]

        self.run(test)

    def test_an_address_is_one_persons_until_that_one_is_removed(self) -> None:
        async def test(store: Store, portal: int) -> None:
            made = await store.accounts.enrol(PERSON, event())
            namesake = replace(PERSON, email="ada@EXAMPLE.com")
            with pytest.raises(StoreRefused, match=r"ada@EXAMPLE\.com"):
                await store.accounts.enrol(namesake, event())
            other = await store.accounts.enrol(replace(PERSON, email="c@example.com"), event())
            with pytest.raises(StoreRefused):
                await store.accounts.keep(Moves(people=(replace(other, email="ADA@example.com"),), events=(event(),)))
            assert len(await store.accounts.events()) == 2
            await store.accounts.keep(Moves(people=(replace(made, removed=9),)))
            again = await store.accounts.enrol(namesake, event())
            assert again.id > other.id > made.id
            await store.accounts.keep(Moves(people=(replace(made, removed=10),)))

        self.run(test)

    def test_a_credential_comes_back_as_it_was_kept(self) -> None:
        async def test(store: Store, portal: int) -> None:
            one = Credential(
                digest=bytes(range(32)),
                kind="code",
                app=3,
                portal=portal,
                user=4,
                scopes=("a", 'b"c'),
                family="f",
                redirect_uri="https://example.com/",
                challenge="c",
                created=5,
                expires=FAR,
            )
            await keep(store, one, credential("plain"))
            assert await store.accounts.credential(one.digest) == one
            assert await store.accounts.credential(b"plain") == credential("plain")
            assert await store.accounts.credential(b"other") is None

        self.run(test)

    def test_credentials_of_a_kind_come_in_the_order_in_which_they_were_made(self) -> None:
        async def test(store: Store, portal: int) -> None:
            made = [credential(text, app=number % 2 + 1) for number, text in enumerate("zbaqc")]
            await keep(store, *made[:2], credential("other", "refresh", app=1))
            await keep(store, *made[2:])
            await store.accounts.keep(Moves(end=(b"a",)))
            of_kind = [one.digest for one in await store.accounts.credentials("access")]
            assert of_kind == [one.digest for one in made]
            assert [one.digest for one in await store.accounts.credentials("access", 2)] == [b"b", b"q"]
            assert await store.accounts.credentials("session") == []

        self.run(test)

    def test_of_those_who_spend_a_credential_at_once_one_does(self) -> None:
        async def test(store: Store, portal: int) -> None:
            await keep(store, credential("code", "code", expires=FAR))
            plans = [Moves(spend=(b"code",), credentials=(credential(text),)) for text in "ABCDE"]
            results = await asyncio.gather(*map(store.accounts.keep, plans), return_exceptions=True)
            assert sorted(type(result).__name__ for result in results) == ["AlreadySpent"] * 4 + ["NoneType"]
            assert len(await store.accounts.credentials("access")) == 1
            assert await good(store, "code") == ""

        self.run(test)

    @pytest.mark.parametrize("second", ["ended", "nobody", "first"])
    def test_what_cannot_be_spent_whole_is_not_spent_at_all(self, second: str) -> None:
        async def test(store: Store, portal: int) -> None:
            await keep(store, credential("first"), credential("ended", ended=2))
            await keep(store, credential("bystander", family="f"))
            app = await store.accounts.register(CLIENT, Moves())
            moves = Moves(
                apps=(replace(app, name="changed"),),
                spend=(b"first", second.encode()),
                end=(b"bystander",),
                end_families=("f",),
                credentials=(credential("new"),),
                events=(event(),),
            )
            with pytest.raises(AlreadySpent):
                await store.accounts.keep(moves)
            assert await good(store, "first", "bystander", "new") == "first bystander"
            assert await store.accounts.app(app.id) == app
            assert await store.accounts.events() == []

        self.run(test)

    def test_a_plan_that_cannot_be_kept_whole_harms_no_other(self) -> None:
        async def test(store: Store, portal: int) -> None:
            await keep(store, credential("taken"))
            plans = [[credential("A")], [credential("free"), credential("taken")], [credential("B")]]
            results = await asyncio.gather(*(keep(store, *plan) for plan in plans), return_exceptions=True)
            assert [result is None for result in results] == [True, False, True]
            assert await good(store, "A", "free", "B") == "A B"

        self.run(test)

    def test_ending_leaves_what_is_over_as_it_is(self) -> None:
        async def test(store: Store, portal: int) -> None:
            kept = [
                *(credential("A", family="f"), credential("B", family="f"), credential("C", family="g")),
                *(credential("none"), credential("single"), credential("expired", family="f", expires=2)),
                credential("ended", family="f", ended=2),
            ]
            await keep(store, *kept)
            await store.accounts.keep(Moves(end=(b"single", b"expired", b"ended", b"nobody"), end_families=("f", "")))
            assert await good(store, "A", "B", "C", "none", "single", "expired") == "C none expired"
            for digest in (b"A", b"single"):
                one = await store.accounts.credential(digest)
                assert one is not None and one.ended is not None and one.ended > 2
            assert await store.accounts.credential(b"ended") == kept[-1]

        self.run(test)

    def test_the_audit_trail_is_read_page_by_page(self) -> None:
        async def test(store: Store, portal: int) -> None:
            second = await found(store)
            told = [
                event("request.refused", at=9 - n, portal=(portal, second.id)[n % 2], address="::1", count=n)
                for n in range(6)
            ]
            await store.accounts.keep(Moves(events=tuple(told)))
            events = await store.accounts.events(after=1)
            assert [replace(one, position=0) for one in events] == told
            assert [one.position for one in events] == list(range(2, 8))
            assert await store.accounts.events(after=3, limit=2) == events[2:4]
            assert await store.accounts.events(after=2, limit=2, portal=portal) == [events[2], events[4]]
            assert await store.accounts.events(portal=12345) == []

        self.run(test)

    def test_forgetting_takes_what_was_over_long_ago(self) -> None:
        async def test(store: Store, portal: int) -> None:
            await keep(
                store,
                *(credential(f"expired-{n}", expires=n) for n in (9, 10, FAR)),
                *(credential(f"ended-{n}", "session", ended=n, expires=FAR) for n in (9, 10)),
                credential("good", created=1),
                *(credential(f"many-{n}", expires=5, ended=7) for n in range(1_100)),
            )
            told = [event(at=at) for at in (19, 20, 3, 21)]
            await store.accounts.keep(Moves(events=(*told, *(event(at=2) for _ in range(1_100)))))
            await store.accounts.forget(10, 20)
            left = [*await store.accounts.credentials("access"), *await store.accounts.credentials("session")]
            assert [one.digest for one in left] == [b"expired-10", f"expired-{FAR}".encode(), b"good", b"ended-10"]
            assert [one.at for one in await store.accounts.events()] == [20, 21]
            await store.accounts.keep(Moves(events=(event(at=30),)))
            assert (await store.accounts.events())[-1].position == 1_105

        self.run(test)
