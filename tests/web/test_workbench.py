"""The workbench in a browser: each verb is done by a form, and seen by the API."""

from collections.abc import Mapping
from typing import Any

import pytest
from visiting import JSON, Person, run, text

from trunkline.bench.fault import KINDS

SECRET = {"x-trunkline-secret": "secret"}
BENCH = "/workbench"
CALL = {"hs_timestamp": "2026-11-30T10:00:00Z", "hs_call_title": "First"}
MARKUP = "<b>bold</b> & 'quoted' /x"


async def control(one: Person, path: str, portal: int = 0) -> Any:
    """What the control namespace says of the portal."""
    answer = await one.api.get(f"/_trunkline/portals/{portal or one.portal}{path}", headers=SECRET)
    return answer.raise_for_status().json()


async def change(one: Person, id_: str, title: str) -> None:
    """Changes the title of a call."""
    body = {"properties": {"hs_call_title": title}}
    (await one.api.patch(f"/crm/v3/objects/calls/{id_}", json=body, headers=JSON)).raise_for_status()


@pytest.mark.parametrize(
    ("fields", "now"),
    [
        ({"what": "freeze", "at": "2026-01-01T09:30"}, {"now": "2026-01-01T09:30:00Z", "frozen": True}),
        ({"what": "freeze", "at": "2026-01-01T09:30:05"}, {"now": "2026-01-01T09:30:05Z", "frozen": True}),
        ({"what": "freeze"}, {"frozen": True}),
        ({"what": "set", "at": "2030-01-01T00:00"}, {"frozen": False}),
        ({"what": "advance", "by": "1.5", "unit": "hours"}, {"frozen": False, "offset": 5_400_000}),
        ({"what": "release"}, {"frozen": False, "offset": 0}),
    ],
)
def test_the_clock_is_turned(fields: dict[str, str], now: Mapping[str, object]) -> None:
    async def work(one: Person) -> None:
        page = await one.send(BENCH, f"{BENCH}/clock", fields)
        assert "The clock of this portal" in text(page, ".told")
        shown = await control(one, "/clock")
        assert {name: shown[name] for name in now} == now

    run(work)


@pytest.mark.parametrize(
    ("path", "section", "fields"),
    [
        ("clock", "clock", {"what": "advance", "by": "much", "unit": "hours"}),
        ("clock", "clock", {"what": "set", "at": ""}),
        ("checkpoint", "checkpoints", {"name": ""}),
        ("fault", "faults", {"kind": "slow", "route": "/mine"}),
        ("fault", "faults", {"kind": "reset", "count": "some"}),
        ("seed", "seed", {"document": "- [", "replace": "yes"}),
        ("seed", "seed", {"document": "portals: [{id: 4711}]"}),
        ("seed", "seed", {"document": "records: {calls: [{properties: {nothing: 1}}]}"}),
    ],
)
def test_what_is_refused_is_told_with_what_was_typed(path: str, section: str, fields: dict[str, str]) -> None:
    async def work(one: Person) -> None:
        page = await one.send(BENCH, f"{BENCH}/{path}", fields, status=400)
        assert page.css_first(f"#{section} [role=alert]") is not None
        typed = {node.attributes.get("value") or node.text() for node in page.css("input, textarea, option[selected]")}
        assert {value for value in fields.values() if value not in ("yes", "set", "advance", "slow", "reset")} <= typed

    run(work)


def test_a_checkpoint_is_made_looked_at_and_gone_back_to() -> None:
    async def work(one: Person) -> None:
        id_ = await one.make("calls", **CALL)
        page = await one.send(BENCH, f"{BENCH}/checkpoint", {"name": MARKUP})
        assert MARKUP in text(page, "#checkpoints")
        await change(one, id_, "Changed")
        links = [node.attributes["href"] or "" for node in page.css("#checkpoints .deeds a")]
        changes, sure = [link.removeprefix(one.place()) for link in links]
        assert f"calls {id_} by fixed token hs_call_title: First → Changed" in text(await one.see(changes))
        assert "1 change since then will be undone" in text(await one.see(sure))
        page = await one.send(sure, f"{BENCH}/rewind", {"name": MARKUP})
        assert "1 records" in text(page, ".told")
        record = (await one.api.get(f"/crm/v3/objects/calls/{id_}?properties=hs_call_title")).json()
        assert record["properties"]["hs_call_title"] == "First"
        await one.send(BENCH, f"{BENCH}/forget", {"name": MARKUP})
        assert (await control(one, "/checkpoints"))["results"] == []

    run(work)


def test_what_a_person_did_is_told_with_their_name() -> None:
    async def work(one: Person) -> None:
        id_ = await one.make("calls", **CALL)
        await change(one, id_, "Changed")
        place = f"/records/calls/{id_}"
        position = (await one.see(place)).css_first("[name=position]")
        assert position is not None
        await one.send(place, f"{place}/undo", {"position": position.attributes["value"] or ""})
        person = (await one.api.get("/_trunkline/users", headers=SECRET)).json()["results"][0]["email"]
        assert f"by {person} hs_call_title: Changed → First" in text(await one.see(f"{BENCH}/changes"))

    run(work)


def test_all_changes_are_paged() -> None:
    async def work(one: Person) -> None:
        id_ = await one.make("calls", **CALL)
        for number in range(120):
            await change(one, id_, f"Title {number}")
        page = await one.see(f"{BENCH}/changes")
        assert len(page.css(".timeline > li")) == 100
        following = page.css_first("a[rel=next]")
        assert following is not None
        page = await one.see((following.attributes["href"] or "").removeprefix(one.place()))
        assert len(page.css(".timeline > li")) == 21 and page.css_first("a[rel=next]") is None

    run(work)


@pytest.mark.parametrize("path", ["changes?since=nothing", "sure?to=nothing", "changes?after=x"])
def test_a_checkpoint_that_is_not_there_is_told(path: str) -> None:
    async def work(one: Person) -> None:
        await one.see(f"{BENCH}/{path}", status=404)

    run(work)


@pytest.mark.parametrize("kind", KINDS)
def test_every_fault_is_set_and_taken_away(kind: str) -> None:
    async def work(one: Person) -> None:
        fields = {"kind": kind, "count": "2", "method": "POST", "route": "/crm/*", "seconds": "0.5", "name": "mine"}
        page = await one.send(BENCH, f"{BENCH}/fault", fields)
        assert "mine" in text(page, "#faults table")
        (shown,) = (await control(one, "/faults"))["results"]
        assert (shown["kind"], shown["count"], shown["seconds"], shown["route"]) == (kind, 2, 0.5, "/crm/*")
        await one.send(BENCH, f"{BENCH}/spare", {"name": "mine"})
        assert (await control(one, "/faults"))["results"] == []

    run(work)


def test_all_faults_go_at_once() -> None:
    async def work(one: Person) -> None:
        for kind in ("reset", "truncated"):
            await one.send(BENCH, f"{BENCH}/fault", {"kind": kind})
        await one.send(BENCH, f"{BENCH}/spare", {})
        assert (await control(one, "/faults"))["results"] == []

    run(work)


def test_limits_are_set_for_the_portal() -> None:
    async def work(one: Person) -> None:
        for value in ("hubspot", "off", ""):
            page = await one.send(BENCH, f"{BENCH}/limits", {"limits": value})
            listed = (await one.api.get("/_trunkline/portals", headers=SECRET)).json()["results"]
            assert listed[0]["limits"] == (value or None)
            assert ("are refused" in text(page, "#limits")) == (value == "hubspot")

    run(work)


SEED = """
records:
  contacts:
  - {id: 501, properties: {email: ada@example.com}}
"""
WHOLE = "portals:\n- id: 1000001\n  records:\n    contacts:\n    - {id: 501, properties: {email: ada@example.com}}\n"


@pytest.mark.parametrize("document", [SEED, WHOLE])
def test_a_seed_is_sown_and_the_portal_reset_to_it(document: str) -> None:
    async def work(one: Person) -> None:
        page = await one.send(BENCH, f"{BENCH}/seed", {"document": document, "replace": "yes"})
        assert "The portal is seeded: 0 properties, 1 records, 0 tokens." in text(page, ".told")
        await one.make("contacts", email="grace@example.com")
        page = await one.send(f"{BENCH}/sure", f"{BENCH}/reset", {})
        assert "The portal is reset" in text(page, ".told")
        listed = (await one.api.get("/crm/v3/objects/contacts")).json()["results"]
        assert [each["id"] for each in listed] == ["501"]

    run(work)


def test_nothing_of_it_touches_another_portal() -> None:
    async def work(one: Person) -> None:
        made = await one.api.post("/_trunkline/portals", json={"name": "Other"}, headers=SECRET)
        other = made.raise_for_status().json()["id"]
        for path, fields in (
            ("clock", {"what": "freeze"}),
            ("checkpoint", {"name": "mine"}),
            ("fault", {"kind": "reset"}),
            ("limits", {"limits": "hubspot"}),
            ("reset", {}),
        ):
            await one.send(BENCH, f"{BENCH}/{path}", fields)
        assert (await control(one, "/clock", other))["frozen"] is False
        assert (await control(one, "/checkpoints", other))["results"] == []
        assert (await control(one, "/faults", other))["results"] == []

    run(work)


def test_the_steps_of_a_verb_hold_anything() -> None:
    async def work(one: Person) -> None:
        for name in ("..", "a/../b", "%2e%2e", "faults"):
            await one.send(BENCH, f"{BENCH}/checkpoint", {"name": name})
            await one.send(BENCH, f"{BENCH}/forget", {"name": name})
        assert (await control(one, "/checkpoints"))["results"] == []

    run(work)


@pytest.mark.parametrize("document", ["a: &a [x]\nb: *a", "a: &a [*a]", "[" * 3000])
def test_a_document_that_would_grow_is_refused(document: str) -> None:
    async def work(one: Person) -> None:
        page = await one.send(BENCH, f"{BENCH}/seed", {"document": document}, status=400)
        assert page.css_first("#seed [role=alert]") is not None

    run(work)
