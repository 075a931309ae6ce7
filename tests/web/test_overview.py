"""The figures of a portal's calls: what they count, where they lead, and how long they may be known."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser
from visiting import JSON, Person, person, text

from trunkline.crm.catalog import ObjectType, shipped_types
from trunkline.crm.cut import Part
from trunkline.crm.values import milliseconds
from trunkline.web import counting, figures
from trunkline.web.chart import options, rounded
from trunkline.web.figures import OWNER, Figures
from trunkline.web.span import MOST_YEARS, Asked, Days, dated, numbered, resolved

FIGURES = ("by-time", "by-direction", "by-outcome", "by-duration", "by-owner", "by-hour")
CALLS = ObjectType(next(data for data in shipped_types() if data.type_id == "0-48"))
CONNECTED = "f240bbac-87c9-4f6e-bf70-924b57d47db7"


def run(work: Callable[[Person], Awaitable[None]], **settings: object) -> None:
    """Does something as a person on a new server."""

    async def all_of_it() -> None:
        async with person(**settings) as one:
            await work(one)

    asyncio.run(all_of_it())


async def write(one: Person, calls: Sequence[dict[str, str]]) -> None:
    """Makes calls."""
    for first in range(0, len(calls), 100):
        inputs = [{"properties": call} for call in calls[first : first + 100]]
        path = "/crm/v3/objects/calls/batch/create"
        (await one.api.post(path, json={"inputs": inputs}, headers=JSON)).raise_for_status()


async def found(one: Person, filters: list[dict[str, Any]]) -> int:
    """How many calls a search of the API finds."""
    body = {"filterGroups": [{"filters": filters}] if filters else [], "limit": 1}
    answer = await one.api.post("/crm/v3/objects/calls/search", json=body, headers=JSON)
    return int(answer.raise_for_status().json()["total"])


def links(page: LexborHTMLParser, figure: str) -> list[tuple[str, int]]:
    """Where the parts of a figure lead, and how many calls they say that there are."""
    heading = page.css_first(f"#{figure}")
    assert heading is not None
    told = []
    for link in heading.parent.css("table a") if heading.parent is not None else []:
        cell = link.parent
        while cell is not None and cell.tag not in ("td", "th"):
            cell = cell.parent
        assert cell is not None
        number = cell if cell.tag == "td" else next(one for one in siblings(cell) if one.tag == "td")
        told.append((str(link.attributes["href"]), int(number.text().replace(",", ""))))
    return told


def siblings(node: Any) -> list[Any]:
    after, found = node.next, []
    while after is not None:
        found.append(after)
        after = after.next
    return found


async def behind(one: Person, place: str) -> int:
    """How many calls the table at an address has."""
    page = await one.see(place.removeprefix(one.place()))
    told = text(page, ".count")
    return 0 if "Nothing" in told else int(told.split(" of ")[1].split()[0].replace(",", ""))


calls = st.fixed_dictionaries(
    {
        "hs_timestamp": st.builds(
            "2025-{:02}-{:02}T{:02}:59:59.999Z".format, st.integers(1, 3), st.integers(1, 28), st.integers(0, 23)
        )
    },
    optional={
        "hs_call_direction": st.sampled_from(("INBOUND", "OUTBOUND")),
        "hs_call_disposition": st.sampled_from((CONNECTED, "9d9162e7-6cf3-4944-bf63-4dff82258764")),
        "hs_call_duration": st.sampled_from(
            ("0", "-1", "9999", "9999.5", "10000", "59999", "60000", "3600000", "1e17", "29999.999")
        ),
    },
)
spans = st.sampled_from(("", "?span=7", "?span=365", "?span=all", "?since=2025-02-01", "?until=2025-02-14"))


@settings(deadline=None, max_examples=12, suppress_health_check=list(HealthCheck))
@given(st.lists(calls, min_size=1, max_size=12), spans, st.integers(1, 3))
def test_each_part_leads_to_the_calls_that_it_counts(made: list[dict[str, str]], span: str, most: int) -> None:
    async def work(one: Person) -> None:
        await write(one, made)
        page = await one.see(span)
        everything = page.css_first("main p a")
        assert everything is not None
        total = int(everything.text().split()[0].replace(",", ""))
        place = str(everything.attributes["href"])
        assert await behind(one, place) == total
        for figure in FIGURES if total else ():
            parts = links(page, figure)
            leading = sum(count for _, count in parts)
            # Others have no address where those without a value are among them.
            assert leading == total or (leading < total and figure in ("by-outcome", "by-direction") and most < 3)
            for address, count in parts:
                assert await behind(one, address) == count, address

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "MOST_OPTIONS", most)
        run(work)


def test_the_figures_are_those_that_the_api_finds() -> None:
    made = [
        {"hs_timestamp": f"2026-03-{day:02}T{hour:02}:00:00Z", "hs_call_direction": direction, "hs_call_duration": long}
        for day, hour, direction, long in (
            *((2, 9, "INBOUND", "5000"), (2, 9, "OUTBOUND", "90000"), (3, 23, "INBOUND", "10000")),
            *((9, 9, "INBOUND", "9999"),),
        )
    ]

    async def work(one: Person) -> None:
        await write(one, made)
        page = await one.see("?since=2026-03-01&until=2026-03-31")
        counted = {figure: Counter(count for _, count in links(page, figure)) for figure in FIGURES}
        assert counted == {
            "by-time": {2: 1, 1: 2},
            "by-direction": {3: 1, 1: 1},
            "by-outcome": {4: 1},
            "by-duration": {2: 1, 1: 2},
            "by-owner": {4: 1},
            "by-hour": {3: 1, 1: 1},
        }
        (inbound,) = [count for address, count in links(page, "by-direction") if "INBOUND" in address]
        sought = {"propertyName": "hs_call_direction", "operator": "EQ", "value": "INBOUND"}
        assert inbound == await found(one, [sought])
        (hour,) = [address for address, count in links(page, "by-hour") if count == 3]
        assert hour.endswith("hour=Mon-09")
        drawn = page.css("svg.hours a")
        assert sorted(str(one.attributes["href"]) for one in drawn) == sorted(a for a, _ in links(page, "by-hour"))

    run(work)


def test_an_hour_of_the_week_is_one_more_filter() -> None:
    async def work(one: Person) -> None:
        times = ("2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z", "2026-03-09T09:59:59.999Z", "2026-03-03T09:00:00Z")
        await write(one, [{"hs_timestamp": time, "hs_call_title": time} for time in times])
        page = await one.see("/records/calls?hour=Mon-09&c=hs_timestamp")
        assert [cell.text() for cell in page.css("tbody td")] == ["2026-03-09 09:59:59", "2026-03-02 09:00:00"]
        assert "Only Mondays, 09:00 to 10:00 UTC" in text(page)
        saved = await one.browser.get(one.place("/records/calls/csv?hour=Mon-09&c=hs_timestamp&until=2026-03-02"))
        assert saved.text.splitlines()[1:] == [line for line in saved.text.splitlines() if "2026-03-02T09" in line]
        for wrong in ("Mon-24", "monday", "", "Mon-9"):
            assert await behind(one, one.place(f"/records/calls?hour={wrong}")) == 4

    run(work)


def test_an_empty_portal_says_what_to_do_first() -> None:
    async def work(one: Person) -> None:
        page = await one.see()
        assert "What to do first" in text(page)
        assert "trunkline load calls.csv --to http://127.0.0.1 " in text(page)
        await one.make("contacts", email="a@example.com")
        page = await one.see()
        assert "What to do first" not in text(page)
        assert "There are no calls yet" in text(page)
        assert "1 Contacts" in text(page)

    run(work)


def test_what_happened_lately_is_told_the_newest_first() -> None:
    async def work(one: Person) -> None:
        id_ = await one.make("calls", hs_timestamp="2026-03-02T09:00:00Z", hs_call_title="<b>Bold</b>")
        change = {"properties": {"hs_call_title": "Other"}}
        await one.api.patch(f"/crm/v3/objects/calls/{id_}", json=change, headers=JSON)
        await write(one, [{"hs_timestamp": "2026-03-02T09:00:00Z"}] * 12)
        told = [" ".join(node.text().split())[20:] for node in (await one.see()).css(".lately li")]
        assert told == [
            "12 Calls created fixed token",
            "Call changed: hs_call_title fixed token",
            "Call created fixed token",
        ]

    run(work)


def test_what_is_not_counted_yet_is_looked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(one: Person) -> None:
        await write(one, [{"hs_timestamp": "2026-03-02T09:00:00Z"}])
        with monkeypatch.context() as patch:
            patch.setattr(counting, "MOST_WAITING", 0)
            page = await one.see()
        assert page.css_matches("[data-again]")
        assert "being counted" in text(page)
        assert "What to do first" not in text(page)
        while (page := await one.see()).css_matches("[data-again]"):
            await asyncio.sleep(0)
        assert "1 call " in text(page)
        await write(one, [{"hs_timestamp": "2026-03-02T09:00:00Z"}])
        monkeypatch.setattr(counting, "REST", 10**9)
        page = await one.see()
        assert "1 call " in text(page)
        assert "what was written since is being counted" in text(page)
        monkeypatch.setattr(counting, "REST", 0)
        while "1 call " in text(page := await one.see()):
            await asyncio.sleep(0)
        assert "2 calls" in text(page)

    run(work)


def test_a_span_ends_with_the_newest_call_that_is_not_to_come() -> None:
    async def work(one: Person) -> None:
        await write(one, [{"hs_timestamp": at} for at in ("2020-03-02", "2020-03-30", "2020-03-31", "2199-01-01")])
        assert "3 calls from 2020-03-02 to 2020-03-31" in text(await one.see())
        assert "2 calls from 2020-03-25 to 2020-03-31" in text(await one.see("?span=7"))
        assert "4 calls from 2020-03-02 to 2199-01-01" in text(await one.see("?span=all"))
        assert "4 calls from 2020-03-02 to 2199-01-01" in text(await one.see("?since=2020-03-02"))
        assert "1 call from 2020-03-02 to 2020-03-29" in text(await one.see("?until=2020-03-29"))
        assert "0 calls from 2030-01-01 to 2030-12-31" in text(await one.see("?since=2030-01-01&until=2030-12-31"))
        for odd in ("?span=nonsense", "?since=soon&until=", "?span=7&span=30"):
            assert "3 calls" in text(await one.see(odd))
        for ends in ("?since=0001-01-01", "?until=9999-12-31", "?since=9999-12-31&until=0001-01-01"):
            await one.see(ends)
        await one.see("/records/calls?until=9999-12-31&since=0001-01-01")

    run(work)


def test_portals_are_counted_apart() -> None:
    async def work(one: Person) -> None:
        await write(one, [{"hs_timestamp": "2026-03-02T09:00:00Z"}])
        assert "1 call " in text(await one.see())
        made = await one.api.post(
            "/_trunkline/portals", json={"name": "Other"}, headers={"x-trunkline-secret": "secret"}
        )
        other = Person(one.api, one.browser, int(made.raise_for_status().json()["id"]))
        assert "What to do first" in text(await other.see())

    run(work)


DAYS = [
    (Asked("7"), "2026-03-25", "2026-03-31"),
    (Asked("all"), "2026-01-15", "2026-03-31"),
    (Asked("", "2026-02-01", "2026-02-03"), "2026-02-01", "2026-02-03"),
    (Asked("", "2026-02-03", "2026-02-01"), "2026-02-01", "2026-02-03"),
    (Asked("", "2026-02-01"), "2026-02-01", "2026-03-31"),
    (Asked("", "", "2026-02-01"), "2026-01-15", "2026-02-01"),
]


@pytest.mark.parametrize(("wanted", "first", "last"), DAYS)
def test_days_are_those_that_were_asked_for(wanted: Asked, first: str, last: str) -> None:
    oldest, newest = milliseconds("2026-01-15T23:59:59.999Z"), milliseconds("2026-03-31T00:00:00Z")
    days = resolved(wanted, oldest, newest)
    assert (str(days.since), str(days.until)) == (first, last)


@given(st.dates(), st.integers(0, 400) | st.integers(0, 4_000_000))
def test_parts_are_few_and_cover_all_days(first: date, length: int) -> None:
    start = numbered(first)
    days = Days(start, min(start + length, numbered(date.max)))
    unit, starts = days.parted()
    assert starts[0] == days.first
    assert starts[-1] == days.last + 1
    assert list(starts) == sorted(set(starts))
    assert 2 <= len(starts) <= MOST_YEARS + 3
    inner = [dated(one) for one in starts[1:-1]]
    assert unit != "week" or all(one.weekday() == 0 for one in inner)
    assert unit not in ("month", "year", "years") or all(one.day == 1 for one in inner)
    assert unit not in ("year", "years") or all(one.month == 1 for one in inner)


@given(st.integers(0, 10**12))
def test_a_scale_ends_with_a_round_even_number_not_far_above(count: int) -> None:
    end = rounded(count)
    assert end % 2 == 0
    assert count <= end <= max(2, 2 * count)
    assert len(str(end).rstrip("0")) <= 1


def test_others_lead_where_a_filter_finds_them() -> None:
    def drawn(**owners: int) -> dict[str, str | None]:
        counts: dict[Part, int] = {None if name == "nobody" else name: count for name, count in owners.items()}
        found = Figures(
            days=Days(0, 0), unit="day", starts=(0, 1), total=10, times={0: 10}, directions={}, outcomes={}, lengths={},
            owners=counts, hours={},
        )  # fmt: skip
        chart = options(found, CALLS, OWNER, lambda **query: str(query.get("v")), {"a": "Ada"})
        return {bar.name: bar.place for bar in chart.bars}

    assert drawn(a=4, b=1, nobody=2) == {"Ada": "a", "b": "b", "All others": "a;b", "Nobody": " "}
    assert drawn(a=4, b=1) == {"Ada": "a", "b": "b", "All others": None}
    assert drawn(**{"a": 4, "b;c": 1, " d": 1, "nobody": 1}) == {
        "Ada": "a", "b;c": "b;c", " d": None, "All others": None, "Nobody": " ",
    }  # fmt: skip
    assert drawn(a=10) == {"Ada": "a"}
    assert drawn(nobody=4) == {"All others": " ", "Nobody": " "}
