"""The table of records, the page of one, its history, and undoing a change."""

import csv
import io

import pytest
from server import TOKEN
from visiting import JSON, Person, run, text

CALL = {"hs_timestamp": "2026-11-30T10:00:00Z", "hs_call_title": "First", "hs_call_direction": "INBOUND"}
SCRIPT = "<script>alert('x')</script>"


def test_the_table_shows_what_there_is_newest_first() -> None:
    async def work(one: Person) -> None:
        await one.make("calls", **CALL)
        await one.make("calls", **CALL | {"hs_call_title": "Second", "hs_timestamp": "2026-11-30T11:00:00Z"})
        page = await one.see("/records/calls")
        rows = [" ".join(row.text(separator=" ").split()) for row in page.css("tbody tr")]
        assert rows == ["2026-11-30 11:00:00 Second Inbound", "2026-11-30 10:00:00 First Inbound"]
        assert "1 to 2 of 2" in text(page)

    run(work)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=second", ["Second"]),
        ("since=2026-11-30&until=2026-11-30", ["First"]),
        ("since=2026-12-01", ["Second"]),
        ("p=hs_call_direction&o=EQ&v=OUTBOUND", ["Second"]),
        ("p=hs_call_direction&o=IN&v=OUTBOUND%3BINBOUND&sort=hs_timestamp", ["First", "Second"]),
        ("p=hs_call_duration&o=BETWEEN&v=1000%3B2000", ["Second"]),
        ("p=hs_call_duration&o=NOT_HAS_PROPERTY&v=", ["First"]),
        ("p=&o=EQ&v=", ["Second", "First"]),
        ("since=nonsense&after=-1&sort=nothing&p=a&o=NO&v=b", ["Second", "First"]),
        ("q=nobody", []),
    ],
)
def test_the_address_says_what_is_found(query: str, found: list[str]) -> None:
    async def work(one: Person) -> None:
        await one.make("calls", **CALL)
        later = {"hs_timestamp": "2026-12-01T00:00:00Z", "hs_call_direction": "OUTBOUND", "hs_call_duration": "1500"}
        await one.make("calls", **CALL | later | {"hs_call_title": "Second"})
        page = await one.see(f"/records/calls?c=hs_call_title&{query}")
        assert [cell.text() for cell in page.css("tbody td")] == found

    run(work)


def test_a_filter_that_makes_no_sense_is_told() -> None:
    async def work(one: Person) -> None:
        page = await one.see("/records/calls?p=nothing&o=EQ&v=1", status=400)
        assert page.css_first("[role=alert]") is not None

    run(work)


def test_columns_are_chosen_and_kept() -> None:
    async def work(one: Person) -> None:
        await one.make("calls", **CALL)
        page = await one.see("/records/calls?c=hs_call_title&c=hs_call_direction&c=nothing")
        assert [head.text().strip() for head in page.css("thead th")] == ["Call title", "Call direction"]
        kept = page.css_first("th a")
        assert kept is not None and "c=hs_call_title&c=hs_call_direction" in (kept.attributes["href"] or "")

    run(work)


def test_all_that_is_found_comes_as_a_file() -> None:
    async def work(one: Person) -> None:
        inputs = [{"properties": CALL | {"hs_call_title": f"=call {number}"}} for number in range(100)]
        for _ in range(3):
            body = {"inputs": inputs}
            (await one.api.post("/crm/v3/objects/calls/batch/create", json=body, headers=JSON)).raise_for_status()
        answer = await one.browser.get(one.place("/records/calls/csv?c=hs_call_title&sort=-hs_timestamp"))
        assert answer.headers["content-disposition"] == 'attachment; filename="calls.csv"'
        head, *rows = list(csv.reader(io.StringIO(answer.text)))
        assert head == ["hs_object_id", "hs_call_title"]
        assert len({id_ for id_, _ in rows}) == 300
        assert {title for _, title in rows} == {f"'=call {number}" for number in range(100)}

    run(work)


def test_what_came_by_the_api_is_text_and_nothing_else() -> None:
    async def work(one: Person) -> None:
        id_ = await one.make("calls", **CALL | {"hs_call_title": SCRIPT, "hs_call_body": f"<b>said</b>{SCRIPT}"})
        for path in ("/records/calls", f"/records/calls/{id_}", f"/records/calls?q={SCRIPT}"):
            answer = await one.browser.get(one.place(path))
            assert SCRIPT not in answer.text and "&lt;script&gt;" in answer.text
            assert "script-src 'self'" in answer.headers["content-security-policy"]

    run(work)


def test_a_record_shows_its_values_its_recording_and_what_it_is_tied_to() -> None:
    async def work(one: Person) -> None:
        id_ = await one.make("calls", **CALL | {"hs_call_recording_url": "https://calls.example/1.mp3"})
        contact = await one.make("contacts", firstname="Ada", lastname="Byron")
        tie = f"/crm/v4/objects/calls/{id_}/associations/default/contacts/{contact}"
        (await one.api.put(tie, headers=JSON)).raise_for_status()
        page = await one.see(f"/records/calls/{id_}")
        player, link = page.css_first("audio"), page.css_first(f"a[href$='/records/contacts/{contact}']")
        assert player is not None and player.attributes["src"] == "https://calls.example/1.mp3"
        assert link is not None and link.text() == "Ada Byron"
        assert "Call direction Inbound" in text(page)

    run(work)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "https://", "nonsense"])
def test_what_is_no_address_leads_nowhere(url: str) -> None:
    async def work(one: Person) -> None:
        id_ = await one.make("calls", **CALL | {"hs_call_recording_url": url})
        page = await one.see(f"/records/calls/{id_}")
        assert page.css_first("audio") is None
        assert url not in {node.attributes["href"] for node in page.css("a")}

    run(work)


async def _change(one: Person, id_: str, **properties: str) -> None:
    path = f"/crm/v3/objects/calls/{id_}"
    (await one.api.patch(path, json={"properties": properties}, headers=JSON)).raise_for_status()


def test_a_change_is_undone_and_that_is_part_of_the_history() -> None:
    async def work(one: Person) -> None:
        id_ = await one.make("calls", **CALL)
        await _change(one, id_, hs_call_title="Changed", hs_call_duration="1500")
        place = f"/records/calls/{id_}"
        page = await one.see(place)
        position = page.css_first("[name=position]")
        assert position is not None
        page = await one.send(place, f"{place}/undo", {"position": position.attributes["value"] or ""})
        assert text(page, "[role=status]") == "The change was undone."
        record = (await one.api.get(f"/crm/v3/objects/calls/{id_}?propertiesWithHistory=hs_call_title")).json()
        told = record["propertiesWithHistory"]["hs_call_title"]
        assert [(each["value"], each["sourceType"]) for each in told] == [
            ("First", "CRM_UI"),
            ("Changed", "INTEGRATION"),
            ("First", "INTEGRATION"),
        ]
        assert len(page.css(".timeline > li")) == 3

    run(work)


def test_what_was_changed_again_since_is_not_undone() -> None:
    async def work(one: Person) -> None:
        id_ = await one.make("calls", **CALL)
        await _change(one, id_, hs_call_title="Changed", hs_call_duration="1500")
        await _change(one, id_, hs_call_title="Again")
        place = f"/records/calls/{id_}"
        older = (await one.see(place)).css("[name=position]")[1].attributes["value"] or ""
        page = await one.send(place, f"{place}/undo", {"position": older})
        assert text(page, "[role=status]") == "The change was undone, but for 1 changed again since."
        page = await one.send(place, f"{place}/undo", {"position": older})
        assert text(page, "[role=status]") == "Nothing was undone: these properties were changed again since."
        values = (await one.api.get(f"/crm/v3/objects/calls/{id_}?properties=hs_call_title")).json()["properties"]
        assert values["hs_call_title"] == "Again"

    run(work)


@pytest.mark.parametrize("path", ["/records/nothing", "/records/calls/1", f"/records/calls/{1 << 70}", "/nothing"])
def test_what_is_not_there_is_told(path: str) -> None:
    async def work(one: Person) -> None:
        await one.see(path, status=404)

    run(work)


def test_an_archived_record_is_shown_and_cannot_be_undone() -> None:
    async def work(one: Person) -> None:
        id_ = await one.make("calls", **CALL)
        await _change(one, id_, hs_call_title="Changed")
        (await one.api.delete(f"/crm/v3/objects/calls/{id_}", headers=JSON)).raise_for_status()
        page = await one.see(f"/records/calls/{id_}")
        assert "Archived on" in text(page) and page.css_first("[name=position]") is None

    run(work)


def test_every_type_has_its_table() -> None:
    async def work(one: Person) -> None:
        page = await one.see("/records/calls")
        links = [node.attributes["href"] or "" for node in page.css(".title .menu a")]
        assert len(links) > 30
        for link in links:
            assert (await one.browser.get(link)).status_code == 200

    run(work)


def test_requests_for_pages_are_not_among_the_traffic() -> None:
    async def work(one: Person) -> None:
        await one.see("/records/calls")
        secret = {"x-trunkline-secret": "secret"}
        listed = (await one.api.get("/_trunkline/requests", headers=secret)).json()["results"]
        assert listed == []
        await one.api.get("/crm/v3/objects/calls", headers={"authorization": f"Bearer {TOKEN}"})
        assert len((await one.api.get("/_trunkline/requests", headers=secret)).json()["results"]) == 1

    run(work)
