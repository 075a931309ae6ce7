"""Setting a portal up in a browser: tokens, apps, and the property by which calls are upserted."""

import asyncio
from typing import Any

import pytest
from consenting import Flow, csrf_of, flow
from visiting import JSON, Person, run, text

SECRET = {"x-trunkline-secret": "secret"}
MARKUP = "<b>bold</b> 'quoted'"
PASSWORD = "correct horse battery"
READ = "crm.objects.contacts.read"


async def control(one: Person, path: str) -> Any:
    """What the control namespace says."""
    return (await one.api.get(f"/_trunkline{path}", headers=SECRET)).raise_for_status().json()


async def status_of(one: Person, token: str) -> int:
    """What a request with a token is answered with."""
    return (await one.api.get("/crm/v3/objects/calls", headers={"authorization": f"Bearer {token}"})).status_code


def test_a_token_is_shown_once_and_works() -> None:
    async def work(one: Person) -> None:
        page = await one.send("/setup/tokens", "/setup/tokens/new", {"name": MARKUP, "all": "yes"})
        token = text(page, "#token")
        assert await status_of(one, token) == 200
        listed = await one.see("/setup/tokens")
        assert MARKUP in text(listed, ".cards") and token not in (listed.html or "")

    run(work)


def test_a_token_may_do_what_was_chosen() -> None:
    async def work(one: Person) -> None:
        await one.send("/setup/tokens", "/setup/tokens/new", {"name": "less", "scope": [READ]})
        (made,) = (await control(one, "/tokens"))["results"]
        assert made["scopes"] == [READ]

    run(work)


@pytest.mark.parametrize("fields", [{"name": "", "all": "yes"}, {"name": "none"}, {"name": "a\u202eb", "all": "yes"}])
def test_a_token_that_cannot_be_is_told(fields: dict[str, str]) -> None:
    async def work(one: Person) -> None:
        page = await one.send("/setup/tokens", "/setup/tokens/new", fields, status=400)
        assert page.css_first("[role=alert]") is not None
        assert (await control(one, "/tokens"))["results"] == []

    run(work)


@pytest.mark.parametrize(("hours", "before"), [("0", 401), ("24", 200)])
def test_a_token_gets_a_new_text(hours: str, before: int) -> None:
    async def work(one: Person) -> None:
        page = await one.send("/setup/tokens", "/setup/tokens/new", {"name": "dialer", "all": "yes"})
        old = text(page, "#token")
        (made,) = (await control(one, "/tokens"))["results"]
        fields = {"app": str(made["app"]), "hours": hours}
        new = text(await one.send("/setup/tokens", "/setup/tokens/rotate", fields), "#token")
        assert (await status_of(one, old), await status_of(one, new)) == (before, 200)

    run(work)


def test_a_token_is_revoked() -> None:
    async def work(one: Person) -> None:
        page = await one.send("/setup/tokens", "/setup/tokens/new", {"name": "dialer", "all": "yes"})
        (made,) = (await control(one, "/tokens"))["results"]
        await one.send("/setup/tokens", "/setup/tokens/revoke", {"app": str(made["app"])})
        assert await status_of(one, text(page, "#token")) == 401
        await one.send("/setup/tokens", "/setup/tokens/revoke", {"app": str(made["app"])}, status=404)

    run(work)


@pytest.mark.parametrize("deed", ["rotate", "revoke"])
def test_tokens_of_another_portal_are_neither_seen_nor_touched(deed: str) -> None:
    async def work(one: Person) -> None:
        made = await one.api.post("/_trunkline/portals", json={"name": "Other"}, headers=SECRET)
        token = {"name": "theirs", "scopes": None, "portal": made.json()["id"]}
        theirs = (await one.api.post("/_trunkline/tokens", json=token, headers=SECRET)).json()
        assert "theirs" not in text(await one.see("/setup/tokens"))
        await one.send("/setup/tokens", f"/setup/tokens/{deed}", {"app": str(theirs["app"])}, status=404)
        assert await status_of(one, theirs["token"]) == 200

    run(work)


def test_calls_are_upserted_by_a_property_that_was_made_here() -> None:
    async def work(one: Person) -> None:
        page = await one.send("/setup", "/setup/unique", {"name": "dialer_id", "label": "Dialer id"})
        assert "Calls can be upserted by dialer_id" in text(page)
        inputs = [{"idProperty": "dialer_id", "id": "A", "properties": {"hs_timestamp": "2026-01-01T12:00:00Z"}}]
        answer = await one.api.post("/crm/v3/objects/calls/batch/upsert", json={"inputs": inputs}, headers=JSON)
        assert answer.json()["results"][0]["new"] is True
        page = await one.send("/setup", "/setup/unique", {"name": "dialer_id"}, status=400)
        assert page.css_first("[role=alert]") is not None

    run(work)


APP: dict[str, str | list[str]] = {
    "name": MARKUP,
    "redirects": "https://a.example/back\nhttp://localhost:3000/",
    "scope": [READ],
}


def test_an_app_is_registered_and_removed() -> None:
    async def work(one: Person) -> None:
        page = await one.send("/setup/apps", "/setup/apps/new", APP)
        secret = text(page, "#secret")
        (made,) = (await control(one, "/apps"))["results"]
        assert made["redirectUris"] == ["https://a.example/back", "http://localhost:3000/"]
        page = await one.send("/setup/apps", "/setup/apps/rotate", {"app": str(made["id"])})
        assert text(page, "#secret") != secret
        assert MARKUP in text(await one.see("/setup/apps"))
        await one.send("/setup/apps", "/setup/apps/remove", {"app": str(made["id"])})
        assert (await control(one, "/apps"))["results"] == []

    run(work)


def test_an_app_that_cannot_be_is_told() -> None:
    async def work(one: Person) -> None:
        fields: dict[str, str | list[str]] = {**APP, "redirects": "ftp://a.example"}
        page = await one.send("/setup/apps", "/setup/apps/new", fields, status=400)
        assert page.css_first("[role=alert]") is not None

    run(work)


def test_what_concerns_the_whole_server_is_for_who_runs_it() -> None:
    async def all_of_it() -> None:
        async with flow("trunkline.example") as one:
            user = {"email": "ada@example.com", "password": PASSWORD, "portals": [1_000_001]}
            assert (await one.control("POST", "/users", user)).status_code == 201
            await _sign_in(one)
            page = await one.http.get("/portal/1000001/setup")
            assert page.status_code == 200 and "/setup/apps" not in page.text
            assert (await one.http.get("/portal/1000001/setup/apps")).status_code == 401
            sent = {"csrf": csrf_of(page), "name": "mine", "redirects": "https://a.example"}
            answer = await one.http.post("/portal/1000001/setup/apps/new", data=sent)
            assert answer.status_code == 401
            assert len((await one.control("GET", "/apps")).json()["results"]) == 1

    asyncio.run(all_of_it())


async def _sign_in(one: Flow) -> None:
    page = await one.http.get("/oauth/sign-in")
    sent = {"csrf": csrf_of(page), "email": "ada@example.com", "password": PASSWORD}
    assert (await one.http.post("/oauth/sign-in", data=sent)).status_code == 303
