"""The pipelines of a portal in a browser: made, changed, moved and removed by the rules of the API."""

from typing import Any

import pytest
from visiting import JSON, Person, run, text

MARKUP = "<b>bold</b> 'quoted'"
DEALS, TICKETS = "/setup/pipelines/deals", "/setup/pipelines/tickets"


async def pipelines(one: Person, type_: str = "deals") -> list[Any]:
    """The pipelines as the API tells them."""
    answer = await one.api.get(f"/crm/v3/pipelines/{type_}", headers=JSON)
    found: list[Any] = answer.raise_for_status().json()["results"]
    return found


async def stages(one: Person, type_: str = "deals") -> list[Any]:
    """The stages of the first of them, in their order."""
    first = (await pipelines(one, type_))[0]
    return sorted(first["stages"], key=lambda stage: int(stage["displayOrder"]))


def test_stages_are_listed_in_their_order() -> None:
    async def work(one: Person) -> None:
        page = await one.see("/setup/pipelines")
        listed = [node.text() for node in page.css("tbody td:first-child code")]
        assert listed == [stage["id"] for stage in await stages(one)]
        assert "0.2" in text(page, "tbody") and "closed" in text(page, "tbody")
        assert "Closed" in text(await one.see(TICKETS), "tbody")

    run(work)


@pytest.mark.parametrize(
    ("path", "type_", "typed", "kept"),
    [
        (DEALS, "deals", "Talking = 0.5\n\nWon=1", [("Talking", "0.5"), ("Won", "1.0")]),
        (TICKETS, "tickets", "New\nA = b = CLOSED", [("New", "OPEN"), ("A = b", "CLOSED")]),
        ("/setup/pipelines/appointments", "appointments", MARKUP, [(MARKUP, "OPEN")]),
    ],
)
def test_a_pipeline_is_made_and_removed(path: str, type_: str, typed: str, kept: list[tuple[str, str]]) -> None:
    async def work(one: Person) -> None:
        before = await pipelines(one, type_)
        page = await one.send(path, f"{path}/new", {"label": MARKUP, "stages": typed})
        assert page.css(".cards b") == [] and MARKUP in text(page, ".cards")
        (made,) = [each for each in await pipelines(one, type_) if each["label"] == MARKUP]
        found = [
            (stage["label"], next(v for k, v in stage["metadata"].items() if k != "isClosed"))
            for stage in made["stages"]
        ]
        assert found == kept
        await one.send(path, f"{path}/rename", {"pipeline": made["id"], "label": "Other"})
        assert "Other" in [each["label"] for each in await pipelines(one, type_)]
        await one.send(path, f"{path}/remove", {"pipeline": made["id"]})
        assert await pipelines(one, type_) == before

    run(work)


def test_a_stage_is_added_changed_and_removed() -> None:
    async def work(one: Person) -> None:
        await one.send(DEALS, f"{DEALS}/stage", {"pipeline": "default", "label": MARKUP, "state": "0.3"})
        made = (await stages(one))[-1]
        assert (made["label"], made["metadata"]["probability"]) == (MARKUP, "0.3")
        named = {"pipeline": "default", "stage": made["id"]}
        await one.send(DEALS, f"{DEALS}/stage/change", {**named, "label": "Second", "state": "1"})
        made = (await stages(one))[-1]
        assert (made["label"], made["metadata"]["probability"]) == ("Second", "1.0")
        await one.send(DEALS, f"{DEALS}/stage/remove", named)
        assert "Second" not in [stage["label"] for stage in await stages(one)]

    run(work)


@pytest.mark.parametrize(("to", "at", "then"), [("up", 1, 0), ("up", 6, 5), ("down", 0, 1), ("down", 5, 6)])
def test_a_stage_is_moved_by_one(to: str, at: int, then: int) -> None:
    async def work(one: Person) -> None:
        before = [stage["id"] for stage in await stages(one)]
        await one.send(DEALS, f"{DEALS}/stage/move", {"pipeline": "default", "stage": before[at], "to": to})
        after = [stage["id"] for stage in await stages(one)]
        before.insert(then, before.pop(at))
        assert after == before

    run(work)


WRONG: dict[str, tuple[str, str, dict[str, str]]] = {
    "no label": (DEALS, "/new", {"label": "", "stages": "A = 0"}),
    "no stages": (DEALS, "/new", {"label": "A", "stages": ""}),
    "no probability": (DEALS, "/new", {"label": "A", "stages": "Talking"}),
    "no closed stage": (TICKETS, "/new", {"label": "A", "stages": "New = OPEN"}),
    "a state that is none": (TICKETS, "/new", {"label": "A", "stages": "New = DONE"}),
    "the label of another": (DEALS, "/new", {"label": "sales pipeline", "stages": "A = 0"}),
    "renamed to nothing": (DEALS, "/rename", {"pipeline": "default", "label": ""}),
    "a pipeline that is none": (DEALS, "/rename", {"pipeline": "nothing", "label": "A"}),
    "the last pipeline": (DEALS, "/remove", {"pipeline": "default"}),
    "too likely": (DEALS, "/stage", {"pipeline": "default", "label": "A", "state": "2"}),
    "added nowhere": (DEALS, "/stage", {"pipeline": "nothing", "label": "A", "state": "1"}),
    "the label of a stage": (DEALS, "/stage", {"pipeline": "default", "label": "closed won", "state": "1"}),
    "a stage that is none": (DEALS, "/stage/change", {"pipeline": "default", "stage": "x", "label": "A", "state": "1"}),
    "above the first": (DEALS, "/stage/move", {"pipeline": "default", "stage": "appointmentscheduled", "to": "up"}),
    "below the last": (DEALS, "/stage/move", {"pipeline": "default", "stage": "closedlost", "to": "down"}),
    "moved from nowhere": (DEALS, "/stage/move", {"pipeline": "default", "stage": "x", "to": "down"}),
    "the only closed one": (TICKETS, "/stage/remove", {"pipeline": "0", "stage": "4"}),
}


@pytest.mark.parametrize(("path", "form", "fields"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_done_is_told_and_changes_nothing(path: str, form: str, fields: dict[str, str]) -> None:
    async def work(one: Person) -> None:
        type_ = path.rpartition("/")[2]
        before = await pipelines(one, type_)
        page = await one.send(path, path + form, fields, status=400)
        assert text(page, "[role=alert]")
        assert await pipelines(one, type_) == before

    run(work)


@pytest.mark.parametrize("form", ["/stage/remove", "/remove"])
def test_nothing_is_removed_in_which_records_stand(form: str) -> None:
    async def work(one: Person) -> None:
        await one.send(DEALS, f"{DEALS}/new", {"label": "Other", "stages": "Talking = 0.5\nWon = 1"})
        made = (await pipelines(one))[-1]
        stage = made["stages"][0]["id"]
        id_ = await one.make("deals", dealname="Big", pipeline=made["id"], dealstage=stage)
        fields = {"pipeline": made["id"], "stage": stage}
        page = await one.send(DEALS, DEALS + form, fields, status=400)
        assert id_ in text(page, "[role=alert]")
        assert (await pipelines(one))[-1] == made

    run(work)


def test_a_pipeline_is_made_in_this_portal_alone() -> None:
    async def work(one: Person) -> None:
        secret = {"x-trunkline-secret": "secret"}
        other = (await one.api.post("/_trunkline/portals", json={"name": "Other"}, headers=secret)).json()["id"]
        await one.send(DEALS, f"{DEALS}/new", {"label": "Mine alone", "stages": "Won = 1"})
        answer = await one.browser.get(f"/portal/{other}{DEALS}")
        assert answer.status_code == 200 and "Mine alone" not in answer.text

    run(work)


@pytest.mark.parametrize("type_", ["calls", "nothing"])
def test_what_has_no_pipelines_has_no_page(type_: str) -> None:
    run(lambda one: _missing(one, type_))


async def _missing(one: Person, type_: str) -> None:
    await one.see(f"/setup/pipelines/{type_}", status=404)
