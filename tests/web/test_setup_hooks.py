"""Webhooks in a browser: where an app is told and of what, what it was told; apps of others stay out of reach."""

import asyncio
from typing import Any

import pytest
from receiver import receiving
from sight import HEAVIEST
from visiting import JSON, Person, run, text

SECRET = {"x-trunkline-secret": "secret"}
HOOKS = "/setup/webhooks"
FIXED = {"app": "1"}


async def kept(one: Person, path: str) -> Any:
    """What the API says of the webhooks of the fixed token's app."""
    return (await one.api.get(f"/webhooks/v3/1/{path}", headers=JSON)).json()


def test_an_app_is_told_somewhere_of_something_and_no_longer() -> None:
    async def work(one: Person) -> None:
        target = {"url": "http://127.0.0.1:9/hook", "atOnce": "5"}
        page = await one.send(HOOKS, f"{HOOKS}/target", FIXED | target)
        assert text(page, ".told") == "The app is told there from now on."
        assert (await kept(one, "settings"))["throttling"]["maxConcurrentRequests"] == 5
        wish = {"kind": "object.propertyChange", "type": "0-48", "property": "hs_call_title"}
        await one.send(HOOKS, f"{HOOKS}/new", FIXED | wish)
        (made,) = (await kept(one, "subscriptions"))["results"]
        assert (made["objectTypeId"], made["propertyName"], made["active"]) == ("0-48", "hs_call_title", True)
        chosen = FIXED | {"subscription": str(made["id"])}
        await one.send(HOOKS, f"{HOOKS}/switch", chosen | {"active": "false"})
        assert (await kept(one, "subscriptions"))["results"][0]["active"] is False
        await one.send(HOOKS, f"{HOOKS}/switch", chosen | {"active": "true"})
        await one.send(HOOKS, f"{HOOKS}/remove", chosen)
        assert (await kept(one, "subscriptions"))["results"] == []
        await one.send(HOOKS, f"{HOOKS}/target", FIXED | {"url": ""})
        assert (await one.api.get("/webhooks/v3/1/settings", headers=JSON)).status_code == 404

    run(work)


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("target", {"url": "ftp://nowhere.example", "atOnce": "5"}),
        ("target", {"url": "http://127.0.0.1:9/", "atOnce": "many"}),
        ("new", {"kind": "nothing", "type": "0-48"}),
        ("new", {"kind": "object.propertyChange", "type": "0-48", "property": ""}),
        ("switch", {"subscription": "4711", "active": "true"}),
    ],
)
def test_what_is_refused_is_told_with_what_was_typed(path: str, fields: dict[str, str]) -> None:
    async def work(one: Person) -> None:
        page = await one.send(HOOKS, f"{HOOKS}/{path}", FIXED | fields, status=400)
        assert page.css_first("[role=alert]") is not None
        typed = {node.attributes.get("value") for node in page.css("input")}
        assert {fields[name] for name in ("url", "atOnce") if name in fields} <= typed

    run(work)


def test_what_was_told_is_shown_and_told_again() -> None:
    async def work(one: Person) -> None:
        with receiving() as receiver:
            await one.send(HOOKS, f"{HOOKS}/target", FIXED | {"url": receiver.url, "atOnce": "5"})
            await one.send(HOOKS, f"{HOOKS}/new", FIXED | {"kind": "object.creation", "type": "0-48"})
            await one.make("calls", hs_timestamp="2026-11-30T10:00:00Z")
            for _ in range(100):
                if receiver.requests:
                    break
                await asyncio.sleep(0.05)
            page = await one.see(HOOKS)
            assert "delivered 200" in text(page, "table")
            again = page.css_first("[name=delivery]")
            assert again is not None
            sent = FIXED | {"delivery": again.attributes["value"] or ""}
            page = await one.send(HOOKS, f"{HOOKS}/redeliver", sent)
            assert text(page, ".told") == "Told again: delivered, answered 200."
            assert len(receiver.requests) == 2

    run(work)


def test_a_page_of_many_requests_and_subscriptions_stays_small() -> None:
    async def work(one: Person) -> None:
        with receiving() as receiver:
            await one.send(HOOKS, f"{HOOKS}/target", FIXED | {"url": receiver.url, "atOnce": "5"})
            for number in range(110):
                wish = {"eventType": "contact.propertyChange", "propertyName": f"p{number}", "active": False}
                (await one.api.post("/webhooks/v3/1/subscriptions", json=wish, headers=JSON)).raise_for_status()
            await one.send(HOOKS, f"{HOOKS}/new", FIXED | {"kind": "object.creation", "type": "0-48"})
            inputs = [{"properties": {"hs_timestamp": "2026-11-30T10:00:00Z"}}] * 100
            for _ in range(50):
                sent = {"inputs": inputs}
                (await one.api.post("/crm/v3/objects/calls/batch/create", json=sent, headers=JSON)).raise_for_status()
            for _ in range(400):
                if len(receiver.taken) >= 5000:
                    break
                await asyncio.sleep(0.05)
            answer = await one.browser.get(one.place(HOOKS))
            assert "and 97 more" in answer.text and "and 11 more" in answer.text
            assert len(answer.content) < HEAVIEST

    run(work)


def test_what_signs_is_shown_when_it_is_asked_for() -> None:
    async def work(one: Person) -> None:
        assert "<pre" not in ((await one.see(HOOKS)).html or "")
        page = await one.send(HOOKS, f"{HOOKS}/secret", FIXED)
        shown = (await one.api.get("/_trunkline/apps/1/signing", headers=SECRET)).json()["secret"]
        assert text(page, "#secret") == shown

    run(work)


@pytest.mark.parametrize("path", ["target", "new", "switch", "remove", "redeliver", "secret"])
def test_an_app_of_another_portal_is_neither_seen_nor_touched(path: str) -> None:
    async def work(one: Person) -> None:
        made = (await one.api.post("/_trunkline/portals", json={"name": "Other"}, headers=SECRET)).json()
        token = {"name": "theirs", "scopes": None, "portal": made["id"]}
        theirs = (await one.api.post("/_trunkline/tokens", json=token, headers=SECRET)).json()
        assert "theirs" not in text(await one.see(HOOKS))
        await one.see(f"{HOOKS}?app={theirs['app']}", status=404)
        sent = {"app": str(theirs["app"]), "url": "http://127.0.0.1:9/", "atOnce": "5", "kind": "contact.creation"}
        sent |= {"subscription": "1", "delivery": "1", "active": "true"}
        await one.send(HOOKS, f"{HOOKS}/{path}", sent, status=404)

    run(work)


def test_the_mirror_has_commands_for_this_portal() -> None:
    async def work(one: Person) -> None:
        shown = text(await one.see("/setup/mirror"))
        assert "trunkline pull --from https://api.hubapi.com --local http://127.0.0.1" in shown
        assert "trunkline forward --to https://api.hubapi.com --local http://127.0.0.1" in shown

    run(work)
