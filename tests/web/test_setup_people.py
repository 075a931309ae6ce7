"""People, teams and portals in a browser, and that nobody reaches beyond what is theirs."""

import asyncio
from typing import Any

import pytest
from consenting import Flow, csrf_of, flow
from visiting import Person, run, text

SECRET = {"x-trunkline-secret": "secret"}
PASSWORD = "correct horse battery"
PEOPLE, PORTALS = "/setup/people", "/setup/portals"
HERE = "1000001"


async def control(one: Person, method: str, path: str, body: object = None) -> Any:
    """What a verb of the control namespace answers."""
    answer = await one.api.request(method, f"/_trunkline{path}", json=body, headers=SECRET)
    return answer.raise_for_status().json()


async def other(one: Person) -> str:
    """The number of another portal."""
    return str((await control(one, "POST", "/portals", {"name": "<b>Other</b>"}))["id"])


def test_somebody_is_let_in_changed_and_removed() -> None:
    async def work(one: Person) -> None:
        second = await other(one)
        portals: list[str] = [HERE, second]
        fields: dict[str, str | list[str]] = {"email": "ada@example.com", "password": PASSWORD, "portal": portals}
        page = await one.send(PEOPLE, f"{PEOPLE}/new", fields)
        assert "ada@example.com can sign in now." in text(page, ".told")
        made = (await control(one, "GET", "/users"))["results"][1]
        assert made["portals"] == [int(HERE), int(second)]
        await one.send(PEOPLE, f"{PEOPLE}/change", {"person": str(made["id"]), "portal": [second], "password": ""})
        assert (await control(one, "GET", "/users"))["results"][1]["portals"] == [int(second)]
        await one.send(PEOPLE, f"{PEOPLE}/remove", {"person": str(made["id"])})
        assert len((await control(one, "GET", "/users"))["results"]) == 1

    run(work)


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("new", {"email": "nobody", "password": PASSWORD, "portal": [HERE]}),
        ("new", {"email": "ada@example.com", "password": "short", "portal": [HERE]}),
        ("new", {"email": "ada@example.com", "password": PASSWORD, "portal": ["4711"]}),
        ("remove", {"person": "10000001"}),
        ("team", {"name": "", "member": ["10000001"]}),
        ("team", {"name": "Sales", "member": ["4711"]}),
    ],
)
def test_what_cannot_be_is_told(path: str, fields: dict[str, str | list[str]]) -> None:
    async def work(one: Person) -> None:
        page = await one.send(PEOPLE, f"{PEOPLE}/{path}", fields, status=400)
        assert page.css_first("[role=alert]") is not None
        assert len((await control(one, "GET", "/users"))["results"]) == 1
        assert (await control(one, "GET", "/teams"))["results"] == []

    run(work)


def test_a_team_is_made_changed_and_removed() -> None:
    async def work(one: Person) -> None:
        await one.send(PEOPLE, f"{PEOPLE}/team", {"name": "<b>Sales</b>", "member": ["10000001"]})
        (made,) = (await control(one, "GET", "/teams"))["results"]
        assert "<b>Sales</b>" in text(await one.see(PEOPLE))
        await one.send(PEOPLE, f"{PEOPLE}/team", {"team": str(made["id"]), "name": "Field", "member": []})
        (changed,) = (await control(one, "GET", "/teams"))["results"]
        assert (changed["name"], changed["members"]) == ("Field", [])
        await one.send(PEOPLE, f"{PEOPLE}/dissolve", {"team": str(made["id"])})
        assert (await control(one, "GET", "/teams"))["results"] == []
        await one.send(PEOPLE, f"{PEOPLE}/dissolve", {"team": str(made["id"])}, status=404)

    run(work)


def test_a_portal_is_made_changed_and_removed() -> None:
    async def work(one: Person) -> None:
        page = await one.send(PORTALS, f"{PORTALS}/new", {"name": "<i>Sandbox</i>"})
        assert "<i>Sandbox</i>" in text(page, ".told")
        made = (await control(one, "GET", "/portals"))["results"][1]
        fields: dict[str, str | list[str]] = {"portal": str(made["id"]), "name": "Renamed"}
        products = dict.fromkeys(made["products"], "none") | {"sales": "STARTER"}
        await one.send(PORTALS, f"{PORTALS}/change", {**fields, **products})
        changed = (await control(one, "GET", "/portals"))["results"][1]
        assert (changed["name"], changed["products"]) == ("Renamed", {"sales": "STARTER"})
        await one.send(PORTALS, f"{PORTALS}/remove", {**fields, "again": "no"}, status=400)
        await one.send(PORTALS, f"{PORTALS}/remove", {**fields, "again": str(made["id"])})
        assert len((await control(one, "GET", "/portals"))["results"]) == 1

    run(work)


def test_the_portal_that_is_looked_at_may_go() -> None:
    async def work(one: Person) -> None:
        await other(one)
        page = await one.send(PORTALS, f"{PORTALS}/remove", {"portal": HERE, "again": HERE})
        assert "<b>Other</b>" in text(page, ".whose")

    run(work)


def test_who_may_see_one_portal_changes_nobody_and_no_portal() -> None:
    async def all_of_it() -> None:
        async with flow("trunkline.example") as one:
            second = (await one.control("POST", "/portals", {"name": "Second"})).json()["id"]
            for email, portal in (("ada@example.com", int(HERE)), ("bob@example.com", second)):
                user = {"email": email, "password": PASSWORD, "portals": [portal]}
                (await one.control("POST", "/users", user)).raise_for_status()
            await one.control("POST", "/teams", {"name": "Theirs", "portal": second})
            await _sign_in(one)
            page = await one.http.get(f"/portal/{HERE}{PEOPLE}")
            assert "ada@example.com" in page.text and "bob@example.com" not in page.text
            assert "Theirs" not in page.text
            before = await _state(one)
            for path in ("people/new", "people/change", "people/remove", "portals/new", "portals/remove"):
                sent = {"csrf": csrf_of(page), "person": "10000003", "portal": HERE, "again": HERE, "name": "x"}
                sent |= {"email": "eve@example.com", "password": PASSWORD}
                answer = await one.http.post(f"/portal/{HERE}/setup/{path}", data=sent)
                assert answer.status_code == 401, path
            sent = {"csrf": csrf_of(page), "team": "1", "name": "Mine"}
            for path in ("people/team", "people/dissolve"):
                assert (await one.http.post(f"/portal/{HERE}/setup/{path}", data=sent)).status_code == 404
            assert await _state(one) == before

    asyncio.run(all_of_it())


async def _state(one: Flow) -> list[object]:
    paths = ("/users", "/portals", "/teams", "/teams?portal=1000002")
    return [(await one.control("GET", path)).json() for path in paths]


async def _sign_in(one: Flow) -> None:
    page = await one.http.get("/oauth/sign-in")
    sent = {"csrf": csrf_of(page), "email": "ada@example.com", "password": PASSWORD}
    assert (await one.http.post("/oauth/sign-in", data=sent)).status_code == 303
