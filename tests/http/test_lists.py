"""Lists: who is in them by hand and by filters, in which order and page by page, and what becomes of them."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from itertools import chain
from typing import Any

import httpx
import pytest
from inprocess import client
from server import start

Json = dict[str, Any]
LISTS = "/crm/v3/lists"
CONTACTS = "/crm/v3/objects/contacts"
DEALS = "/crm/v3/objects/deals"
DAY = 24 * 60 * 60 * 1000

PEOPLE: dict[str, Json] = {
    "ada": {"firstname": "Ada", "lastname": "Lovelace", "hs_language": "en", "visits": "3"},
    "alan": {"firstname": "Alan", "lastname": "Turing", "hs_language": "de", "visits": "10", "likes": "tea;figs"},
    "grace": {"firstname": "Grace", "lastname": "Hopper", "hs_language": "en", "likes": "tea", "born": "1906-12-09"},
    "emil": {"firstname": "\u00c9mile", "likes": "figs", "born": "1871-01-07", "seen": "2025-04-24T10:00:00Z"},
    "nobody": {},
}
"""The contacts that the filters are tried on."""

DEFINED = (
    {"name": "visits", "type": "number", "fieldType": "number"},
    {"name": "born", "type": "date", "fieldType": "date"},
    {"name": "seen", "type": "datetime", "fieldType": "date"},
    {"name": "vip", "type": "bool", "fieldType": "booleancheckbox", "options": []},
    {
        "name": "likes",
        "type": "enumeration",
        "fieldType": "checkbox",
        "options": [{"label": one, "value": one, "displayOrder": n} for n, one in enumerate(("tea", "figs", "jam"))],
    },
)
YES_NO = [{"label": one, "value": one, "displayOrder": n} for n, one in enumerate(("true", "false"))]


def run(test: Callable[[httpx.AsyncClient], Awaitable[None]]) -> None:
    async def opened() -> None:
        async with client() as http:
            await test(http)

    asyncio.run(opened())


async def well(http: httpx.AsyncClient, method: str, path: str, json: Any = None) -> Any:
    """What is answered, which must be a success."""
    answer = await http.request(method, path, json=json)
    assert answer.status_code < 300, answer.text
    return answer.json() if answer.content else None


async def people(http: httpx.AsyncClient) -> dict[str, str]:
    """Makes the contacts, and returns their ids by name."""
    for one in DEFINED:
        options = {"options": YES_NO} if one["type"] == "bool" else {}
        body = {"label": one["name"], "groupName": "contactinformation", **one, **options}
        await well(http, "POST", "/crm/v3/properties/contacts", body)
    inputs = [{"properties": {"email": f"{name}@x.example", **values}} for name, values in PEOPLE.items()]
    made = await well(http, "POST", f"{CONTACTS}/batch/create", {"inputs": inputs})
    found = {result["properties"]["email"].partition("@")[0]: result["id"] for result in made["results"]}
    await well(http, "PATCH", f"{CONTACTS}/{found['ada']}", {"properties": {"vip": "true"}})
    return found


async def made(http: httpx.AsyncClient, kind: str = "MANUAL", name: str = "x", **members: Any) -> Json:
    body = {"name": name, "objectTypeId": "0-1", "processingType": kind, **members}
    told: Json = (await well(http, "POST", LISTS, body))["list"]
    return told


async def ids(http: httpx.AsyncClient, list_: str, order: str = "", **query: Any) -> list[str]:
    """The ids of all members, in the order in which they are told, page by page."""
    found: list[str] = []
    params = {"limit": 2, **query}
    while True:
        answer = await http.get(f"{LISTS}/{list_}/memberships{order}", params=params)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        found += [one["recordId"] for one in body["results"]]
        if "after" not in body.get("paging", {}).get("next", {}):
            assert body["total"] == len(found)
            return found
        params["after"] = body["paging"]["next"]["after"]


def property_(name: str, kind: str, operator: str, **members: Any) -> Json:
    return {
        "filterType": "PROPERTY",
        "property": name,
        "operation": {"operationType": kind, "operator": operator, **members},
    }


def branch(*filters: Json, branches: tuple[Json, ...] = ()) -> Json:
    inner = {"filterBranchType": "AND", "filters": list(filters), "filterBranches": list(branches)}
    return {"filterBranchType": "OR", "filterBranches": [inner], "filters": []}


def point(**members: Any) -> Json:
    return {"timeType": "DATE", "zoneId": "UTC", **members}


def today(**offset: int) -> Json:
    return {
        "timeType": "INDEXED",
        "zoneId": "Europe/Berlin",
        "indexReference": {"referenceType": "TODAY"},
        "offset": offset,
    }


NOSET = {"includeObjectsWithNoValueSet": True}
NAMES = {"values": ["ADA", "grace"]}
FILTERS: list[tuple[Json, str]] = [
    (property_("firstname", "MULTISTRING", "IS_EQUAL_TO", **NAMES), "ada grace"),
    (property_("firstname", "MULTISTRING", "IS_NOT_EQUAL_TO", **NAMES), "alan emil"),
    (property_("firstname", "MULTISTRING", "IS_NOT_EQUAL_TO", **NAMES, **NOSET), "alan emil nobody"),
    (property_("firstname", "STRING", "CONTAINS", value="LA"), "alan"),
    (property_("firstname", "STRING", "CONTAINS", value="A"), "ada alan grace"),
    (property_("firstname", "STRING", "DOES_NOT_CONTAIN", value="a"), "emil"),
    (property_("firstname", "STRING", "DOES_NOT_CONTAIN", value="a", **NOSET), "emil nobody"),
    (property_("firstname", "STRING", "STARTS_WITH", value="\u00e9M"), "emil"),
    (property_("firstname", "MULTISTRING", "ENDS_WITH", values=["an", "CE"]), "alan grace"),
    (property_("firstname", "STRING", "ENDS_WITH", value="xxxxxxxxxxxxxxxxxxada"), ""),
    (property_("visits", "NUMBER", "IS_GREATER_THAN", value=3), "alan"),
    (property_("visits", "NUMBER", "IS_LESS_THAN_OR_EQUAL_TO", value=3.0), "ada"),
    (property_("visits", "NUMBER", "IS_NOT_EQUAL_TO", value=3, **NOSET), "alan grace emil nobody"),
    (property_("visits", "NUMBER_RANGED", "IS_BETWEEN", lowerBound=3, upperBound=10), "ada alan"),
    (property_("visits", "NUMBER_RANGED", "IS_NOT_BETWEEN", lowerBound=4, upperBound=10), "ada"),
    (property_("vip", "BOOL", "IS_EQUAL_TO", value=True), "ada"),
    (property_("vip", "BOOL", "IS_NOT_EQUAL_TO", value=True, **NOSET), "alan grace emil nobody"),
    (property_("hs_language", "ENUMERATION", "IS_ANY_OF", values=["en", "fr"]), "ada grace"),
    (property_("hs_language", "ENUMERATION", "IS_NONE_OF", values=["en"]), "alan"),
    (property_("hs_language", "ENUMERATION", "IS_EXACTLY", values=["de"]), "alan"),
    (property_("likes", "ENUMERATION", "IS_ANY_OF", values=["tea"]), "alan grace"),
    (property_("likes", "ENUMERATION", "IS_NONE_OF", values=["tea"]), "emil"),
    (property_("likes", "ENUMERATION", "CONTAINS_ALL", values=["figs", "tea"]), "alan"),
    (property_("likes", "ENUMERATION", "DOES_NOT_CONTAIN_ALL", values=["figs", "tea"]), "grace emil"),
    (property_("likes", "ENUMERATION", "IS_EXACTLY", values=["tea"]), "grace"),
    (property_("likes", "ENUMERATION", "IS_EXACTLY", values=["figs", "tea", "figs"]), "alan"),
    (property_("likes", "ENUMERATION", "IS_NOT_EXACTLY", values=["tea"]), "alan emil"),
    (property_("lastname", "ALL_PROPERTY", "IS_KNOWN"), "ada alan grace"),
    (property_("lastname", "ALL_PROPERTY", "IS_UNKNOWN"), "emil nobody"),
    (property_("born", "TIME_POINT", "IS_BEFORE", timePoint=point(year=1906, month=12, day=9)), "emil"),
    (
        property_(
            "born",
            "TIME_POINT",
            "IS_BEFORE",
            timePoint=point(year=1906, month=12, day=9, zoneId="America/New_York"),
            endpointBehavior="INCLUSIVE",
        ),
        "grace emil",
    ),
    (
        property_(
            "seen",
            "TIME_RANGED",
            "IS_BETWEEN",
            lowerBoundTimePoint=point(year=2025, month=4, day=24, hour=12, zoneId="Europe/Berlin"),
            upperBoundTimePoint=point(year=2025, month=4, day=24, hour=10),
        ),
        "emil",
    ),
    (
        property_(
            "seen",
            "TIME_RANGED",
            "IS_BETWEEN",
            lowerBoundTimePoint=point(year=2025, month=4, day=24, hour=10),
            upperBoundTimePoint=today(),
            lowerBoundEndpointBehavior="EXCLUSIVE",
        ),
        "",
    ),
    (property_("createdate", "TIME_POINT", "IS_AFTER", timePoint=today(days=-1)), "ada alan grace emil nobody"),
    (property_("createdate", "TIME_POINT", "IS_AFTER", timePoint=today(days=2, hours=-1)), ""),
    (property_("seen", "DATETIME", "IS_AFTER_DATE", timestamp=1_745_488_799_999), "emil"),
    (property_("seen", "RANGED_DATE", "IS_NOT_BETWEEN", lowerBound=0, upperBound=1_745_488_800_000), ""),
    (
        property_("createdate", "ROLLING_DATE_RANGE", "IS_LESS_THAN_X_DAYS_AGO", numberOfDays=1),
        "ada alan grace emil nobody",
    ),
    (property_("seen", "ROLLING_DATE_RANGE", "IS_MORE_THAN_X_DAYS_AGO", numberOfDays=1), "emil"),
    ({"filterType": "CONSTANT", "shouldAccept": True}, "ada alan grace emil nobody"),
    ({"filterType": "CONSTANT", "shouldAccept": False}, ""),
]
"""A filter, and the contacts that pass it."""


def test_who_passes_a_filter() -> None:
    async def test(http: httpx.AsyncClient) -> None:
        known = await people(http)
        for number, (filter_, expected) in enumerate(FILTERS):
            told = await made(http, "DYNAMIC", f"list {number}", filterBranch=branch(filter_))
            assert await ids(http, told["listId"]) == [known[name] for name in expected.split()], filter_
            assert told["size"] == len(expected.split())

    run(test)


def test_branches_are_put_together() -> None:
    english = property_("hs_language", "ENUMERATION", "IS_ANY_OF", values=["en"])
    few = property_("visits", "NUMBER", "IS_LESS_THAN", value=5)
    tea = property_("likes", "ENUMERATION", "IS_ANY_OF", values=["tea"])

    def of(kind: str, *filters: Json, branches: tuple[Json, ...] = ()) -> Json:
        return {"filterBranchType": kind, "filters": list(filters), "filterBranches": list(branches)}

    asked = {
        "ada": branch(english, few),
        "alan grace": branch(branches=(of("OR", tea),)),
        "ada grace alan": {"filterBranchType": "OR", "filterBranches": [of("AND", english), of("AND", tea)]},
        "grace": branch(english, branches=(of("NOT_ALL", few),)),
        "alan": branch(tea, branches=(of("NOT_ANY", english, few),)),
        "emil nobody": branch(branches=(of("NOT_ANY", branches=(of("AND", english), of("OR", tea, few))),)),
    }

    async def test(http: httpx.AsyncClient) -> None:
        known = await people(http)
        for expected, filters in asked.items():
            told = await made(http, "DYNAMIC", expected, filterBranch=filters)
            assert set(await ids(http, told["listId"])) == {known[name] for name in expected.split()}, expected

    run(test)


def test_associated_records_and_other_lists() -> None:
    async def test(http: httpx.AsyncClient) -> None:
        known = await people(http)
        for name, contact in (("big", "ada"), ("small", "alan"), ("big", "grace")):
            ties = [
                {
                    "to": {"id": known[contact]},
                    "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 3}],
                }
            ]
            values = {"dealname": name, "pipeline": "default", "dealstage": "closedwon"}
            deal = await well(http, "POST", DEALS, {"properties": values, "associations": ties})
        tied = {
            "filterBranchType": "ASSOCIATION",
            "objectTypeId": "0-3",
            "operator": "IN_LIST",
            "associationTypeId": 4,
            "associationCategory": "HUBSPOT_DEFINED",
            "filters": [property_("dealname", "STRING", "IS_EQUAL_TO", value="BIG")],
            "filterBranches": [],
        }
        big = await made(http, "DYNAMIC", "big", filterBranch=branch(branches=(tied,)))
        assert await ids(http, big["listId"]) == [known["ada"], known["grace"]]
        hand = await made(http, name="hand")
        await well(http, "PUT", f"{LISTS}/{hand['listId']}/memberships/add", [known["grace"], known["alan"]])

        def within(list_: Json, operator: str = "IN_LIST") -> Json:
            return {"filterType": "IN_LIST", "listId": list_["listId"], "operator": operator}

        both = await made(http, "DYNAMIC", "both", filterBranch=branch(within(big), within(hand)))
        assert await ids(http, both["listId"]) == [known["grace"]]
        neither = branch(within(big, "NOT_IN_LIST"), within(hand, "NOT_IN_LIST"))
        other = await made(http, "DYNAMIC", "other", filterBranch=neither)
        assert await ids(http, other["listId"]) == [known["emil"], known["nobody"]]
        # Whatever a list depends on may not depend on it.
        ring = await http.put(
            f"{LISTS}/{big['listId']}/update-list-filters", json={"filterBranch": branch(within(both))}
        )
        assert ring.status_code == 400
        # An archived deal ties nobody, and a list that is deleted has nobody for the others.
        await well(http, "DELETE", f"{DEALS}/{deal['id']}")
        assert await ids(http, big["listId"]) == [known["ada"]]
        await well(http, "DELETE", f"{LISTS}/{hand['listId']}")
        assert await ids(http, both["listId"]) == []

    run(test)


BAD: list[Any] = [
    {},
    [],
    {"filterBranchType": "AND", "filters": []},
    {"filterBranchType": "OR", "filterBranches": []},
    {"filterBranchType": "OR", "filters": [{"filterType": "CONSTANT", "shouldAccept": True}]},
    {"filterBranchType": "OR", "filterBranches": [{"filterBranchType": "OR"}]},
    branch({"filterType": "EMAIL_EVENT", "emailId": "1", "operator": "OPENED", "level": "x"}),
    branch(property_("nope", "STRING", "IS_EQUAL_TO", value="x")),
    branch(property_("firstname", "STRING", "HAS_EVER_BEEN_EQUAL_TO", value="x")),
    branch(property_("firstname", "STRING", "CONTAINS", value="")),
    branch(property_("firstname", "MULTISTRING", "CONTAINS", values=[])),
    branch(property_("firstname", "NUMBER", "IS_EQUAL_TO", value=1)),
    branch(property_("hs_language", "STRING", "CONTAINS", value="e")),
    branch(property_("createdate", "TIME_POINT", "IS_AFTER", timePoint=point(year=2025, month=2, day=30))),
    branch(property_("createdate", "TIME_POINT", "IS_AFTER", timePoint=point(year=2025, month=2, day=3, zoneId="X"))),
    branch(property_("createdate", "TIME_POINT", "IS_AFTER", timePoint=today(years=1_000_000))),
    branch(property_("createdate", "TIME_POINT", "IS_AFTER", timePoint=today(), propertyParser="UPDATED_AT")),
    branch(property_("num_associated_deals", "NUMBER", "IS_EQUAL_TO", value=2**70)),
    branch({"filterType": "IN_LIST", "listId": "99", "operator": "IN_LIST"}),
    branch(*[{"filterType": "CONSTANT", "shouldAccept": True}] * 251),
    branch(*[property_("firstname", "MULTISTRING", "CONTAINS", values=["x"] * 1_000)] * 6),
    branch(property_("firstname", "MULTISTRING", "CONTAINS", values=["x"] * 1_001)),
]


@pytest.mark.parametrize("filters", BAD, ids=range(len(BAD)))
def test_filters_that_are_none_are_refused(filters: Any) -> None:
    async def test(http: httpx.AsyncClient) -> None:
        body = {"name": "x", "objectTypeId": "0-1", "processingType": "DYNAMIC", "filterBranch": filters}
        answer = await http.post(LISTS, json=body)
        assert answer.status_code == 400, answer.text
        assert (await well(http, "POST", f"{LISTS}/search", {}))["total"] == 0

    run(test)


def test_branches_that_are_too_deep_are_refused() -> None:
    async def test(http: httpx.AsyncClient) -> None:
        deep: Json = {"filterBranchType": "OR", "filters": [{"filterType": "CONSTANT", "shouldAccept": True}]}
        for _ in range(14):
            deep = {"filterBranchType": "OR", "filterBranches": [deep]}
        body = {
            "name": "x",
            "objectTypeId": "0-1",
            "processingType": "DYNAMIC",
            "filterBranch": branch(branches=(deep,)),
        }
        assert (await http.post(LISTS, json=body)).status_code == 400

    run(test)


def test_the_largest_filters_are_answered() -> None:
    """Each is as long as it may be: in filters, in values, or in both."""
    values = [f"x{n}" for n in range(999)]

    def many(kind: str, operator: str, last: str) -> list[Json]:
        name = "likes" if kind == "ENUMERATION" else "firstname"
        return [property_(name, kind, operator, values=[*values, last])] * 5

    asked = {
        "ada": branch(*[property_("firstname", "STRING", "CONTAINS", value="D")] * 250),
        "alan emil": branch(*many("MULTISTRING", "CONTAINS", "L")),
        "grace alan": branch(*many("ENUMERATION", "IS_ANY_OF", "tea")),
        "emil ada alan": branch(*many("MULTISTRING", "DOES_NOT_CONTAIN", "R")),
        "": branch(*many("ENUMERATION", "IS_EXACTLY", "tea")),
        "grace alan emil": branch(*many("ENUMERATION", "DOES_NOT_CONTAIN_ALL", "tea")),
    }

    async def test(http: httpx.AsyncClient) -> None:
        known = await people(http)
        for number, (expected, filters) in enumerate(asked.items()):
            told = await made(http, "DYNAMIC", f"list {number}", filterBranch=filters)
            assert set(await ids(http, told["listId"])) == {known[name] for name in expected.split()}

    run(test)


def test_a_snapshot_stays_and_a_dynamic_list_follows() -> None:
    async def test(http: httpx.AsyncClient) -> None:
        known = await people(http)
        tea = branch(property_("likes", "ENUMERATION", "IS_ANY_OF", values=["tea"]))
        snapshot = (await made(http, "SNAPSHOT", "then", filterBranch=tea))["listId"]
        dynamic = (await made(http, "DYNAMIC", "now", filterBranch=tea))["listId"]
        await well(http, "PATCH", f"{CONTACTS}/{known['emil']}", {"properties": {"likes": "tea"}})
        await well(http, "PATCH", f"{CONTACTS}/{known['alan']}", {"properties": {"likes": ""}})
        assert await ids(http, snapshot) == [known["alan"], known["grace"]]
        assert await ids(http, dynamic) == [known["grace"], known["emil"]]
        moved = await well(http, "PUT", f"{LISTS}/{snapshot}/memberships/remove", [known["alan"]])
        assert moved == {"recordsIdsAdded": [], "recordIdsRemoved": [known["alan"]], "recordIdsMissing": []}
        refused = await http.put(f"{LISTS}/{dynamic}/memberships/add", json=[known["alan"]])
        assert refused.status_code == 400
        assert (
            await http.put(f"{LISTS}/{snapshot}/update-list-filters", json={"filterBranch": tea})
        ).status_code == 400
        figs = branch(property_("likes", "ENUMERATION", "IS_ANY_OF", values=["figs"]))
        told = await well(http, "PUT", f"{LISTS}/{dynamic}/update-list-filters", {"filterBranch": figs})
        assert told["updatedList"]["listVersion"] == 2 and told["updatedList"]["size"] == 0
        # A property that goes takes all with it who passed by it, and the list can still be read.
        await well(http, "DELETE", "/crm/v3/properties/contacts/likes")
        assert await ids(http, dynamic) == []

    run(test)


def test_pages_in_both_orders_and_both_directions() -> None:
    async def test(http: httpx.AsyncClient) -> None:
        inputs = [{"properties": {"email": f"{n}@x.example"}} for n in range(7)]
        there = [
            one["id"] for one in (await well(http, "POST", f"{CONTACTS}/batch/create", {"inputs": inputs}))["results"]
        ]
        hand = (await made(http))["listId"]
        joined = []
        for chosen in ([there[5]], [there[1], there[6]], [there[0], there[3]]):
            last = (await well(http, "GET", f"{LISTS}/{hand}/memberships/join-order?limit=250"))["results"]
            tick(last)
            await well(http, "PUT", f"{LISTS}/{hand}/memberships/add", chosen)
            joined += chosen
        assert await ids(http, hand) == sorted(joined)
        assert await ids(http, hand, "/join-order") == joined
        for list_, order, expected in (
            (hand, "", sorted(joined)),
            (hand, "/join-order", joined),
            (
                (
                    await made(
                        http, "DYNAMIC", "all", filterBranch=branch({"filterType": "CONSTANT", "shouldAccept": True})
                    )
                )["listId"],
                "/join-order",
                there,
            ),
        ):
            await back_and_forth(http, f"{LISTS}/{list_}/memberships{order}", expected)

    run(test)


def tick(members: list[Json]) -> None:
    """The millisecond in which the last of these joined is over."""
    joined = [datetime.fromisoformat(one["membershipTimestamp"]).timestamp() for one in members]
    while joined and time.time() < joined[-1] + 0.001:
        pass


async def back_and_forth(http: httpx.AsyncClient, path: str, expected: list[str]) -> None:
    pages = []
    body = await well(http, "GET", f"{path}?limit=2")
    assert "prev" not in body["paging"]
    while True:
        pages.append([one["recordId"] for one in body["results"]])
        if "next" not in body.get("paging", {}):
            break
        body = (await http.get(body["paging"]["next"]["link"])).json()
    assert list(chain.from_iterable(pages)) == expected
    before: list[str] = []
    while "prev" in body.get("paging", {}):
        body = (await http.get(body["paging"]["prev"]["link"])).json()
        before += [one["recordId"] for one in body["results"]]
    assert before == expected[: -len(pages[-1])][::-1]


def test_archived_merged_and_erased_records() -> None:
    async def test(http: httpx.AsyncClient) -> None:
        known = await people(http)
        hand = (await made(http))["listId"]
        told = await well(http, "PUT", f"{LISTS}/{hand}/memberships/add", [*known.values(), "17", "x", known["ada"]])
        assert told == {
            "recordsIdsAdded": list(known.values()),
            "recordIdsRemoved": [],
            "recordIdsMissing": ["17", "x"],
        }
        await well(http, "DELETE", f"{CONTACTS}/{known['nobody']}")
        body = {"primaryObjectId": known["ada"], "objectIdToMerge": known["alan"]}
        await well(http, "POST", f"{CONTACTS}/merge", body)
        await well(http, "POST", f"{CONTACTS}/gdpr-delete", {"objectId": known["emil"]})
        left = await ids(http, hand)
        assert len(left) == 2 and known["grace"] in left
        told = await well(
            http, "PUT", f"{LISTS}/{hand}/memberships/add", [known["nobody"], known["emil"], known["alan"]]
        )
        assert told["recordIdsMissing"] == [known["nobody"], known["emil"]] and not told["recordsIdsAdded"]
        of = await well(http, "GET", f"{LISTS}/records/0-1/{known['alan']}/memberships")
        assert [one["listId"] for one in of["results"]] == [hand]

    run(test)


def test_the_lists_of_records() -> None:
    async def test(http: httpx.AsyncClient) -> None:
        known = await people(http)
        hand = (await made(http))["listId"]
        tea = (
            await made(
                http,
                "DYNAMIC",
                "t",
                filterBranch=branch(property_("likes", "ENUMERATION", "IS_ANY_OF", values=["tea"])),
            )
        )["listId"]
        gone = (await made(http, name="gone"))["listId"]
        for list_ in (hand, gone):
            await well(http, "PUT", f"{LISTS}/{list_}/memberships/add", [known["ada"], known["alan"]])
        await well(http, "DELETE", f"{LISTS}/{gone}")
        inputs = [{"objectTypeId": "contact", "recordId": known[name]} for name in ("alan", "nobody", "alan", "grace")]
        inputs.append({"objectTypeId": "0-1", "recordId": "x"})
        told = await well(http, "POST", f"{LISTS}/records/memberships/batch/read", {"inputs": inputs})
        shown = [[one["listId"] for one in result["recordListMemberships"]] for result in told["results"]]
        assert shown == [[hand, tea], [], [hand, tea], [tea], []]
        assert {result["objectTypeId"] for result in told["results"]} == {"0-1"}
        many = {"inputs": [inputs[0]] * 101}
        assert (await http.post(f"{LISTS}/records/memberships/batch/read", json=many)).status_code == 400
        await well(http, "PUT", f"{LISTS}/{gone}/restore")
        assert sorted(await ids(http, gone)) == sorted([known["ada"], known["alan"]])
        copy = (await made(http, name="copy"))["listId"]
        await well(http, "PUT", f"{LISTS}/{copy}/memberships/add-from/{tea}")
        await well(http, "PUT", f"{LISTS}/{copy}/memberships/add-from/{hand}")
        assert await ids(http, copy) == [known["ada"], known["alan"], known["grace"]]
        assert (await http.put(f"{LISTS}/{copy}/memberships/add-from/{copy}")).status_code == 400
        await well(http, "DELETE", f"{LISTS}/{copy}/memberships")
        assert await ids(http, copy) == []

    run(test)


def test_names_kinds_and_folders() -> None:
    async def test(http: httpx.AsyncClient) -> None:
        first = await made(http, name="First", customProperties={"team": "blue"})
        assert first["listId"] == "1" and first["listVersion"] == 1 and first["processingStatus"] == "COMPLETE"
        again = await http.post(LISTS, json={"name": " first", "objectTypeId": "0-2", "processingType": "MANUAL"})
        assert again.status_code == 400 and again.json()["subCategory"] == "ILS.DUPLICATE_LIST_NAMES"
        for bad in ({"processingType": "STATIC"}, {"name": " "}, {"objectTypeId": "0-999"}, {"listFolderId": 7}):
            body = {"name": "y", "objectTypeId": "0-1", "processingType": "MANUAL", **bad}
            assert (await http.post(LISTS, json=body)).status_code in (400, 404), bad
        folder = (await well(http, "POST", f"{LISTS}/folders", {"name": "A"}))["folder"]
        inner = (await well(http, "POST", f"{LISTS}/folders", {"name": "B", "parentFolderId": folder["id"]}))["folder"]
        await well(http, "PUT", f"{LISTS}/folders/move-list", {"listId": "1", "newFolderId": inner["id"]})
        root = (await well(http, "GET", f"{LISTS}/folders"))["folder"]
        assert [node["childNodes"][0]["name"] for node in root["childNodes"]] == ["B"] and root["childLists"] == []
        assert (await well(http, "GET", f"{LISTS}/folders?folderId=2"))["folder"]["childLists"] == [1]
        assert (await http.put(f"{LISTS}/folders/1/move/2")).status_code == 400
        assert (await http.delete(f"{LISTS}/folders/1")).status_code == 400
        found = await well(http, "POST", f"{LISTS}/search", {"query": "FIR", "additionalProperties": ["team", "x"]})
        assert found["lists"][0]["additionalProperties"] == {
            "team": "blue",
            "hs_list_size": "0",
            "hs_folder_name": "B",
            "hs_list_reference_count": "0",
        }
        await well(http, "DELETE", f"{LISTS}/1")
        assert (await http.get(f"{LISTS}/1")).status_code == 404
        await well(http, "DELETE", f"{LISTS}/folders/2")
        await made(http, name="first")
        assert (await http.put(f"{LISTS}/1/restore")).status_code == 400
        await well(http, "PUT", f"{LISTS}/2/update-list-name?listName=Second")
        await well(http, "PUT", f"{LISTS}/1/restore")
        named = await well(http, "GET", f"{LISTS}/object-type-id/contacts/name/FIRST")
        assert named["list"]["listId"] == "1"
        assert (await well(http, "GET", f"{LISTS}/folders"))["folder"]["childLists"] == [1, 2]
        page = await well(http, "POST", f"{LISTS}/search", {"count": 1, "offset": 0})
        assert (page["hasMore"], page["offset"], page["total"]) == (True, 1, 2)

    run(test)


def test_what_was_acknowledged_is_there_after_a_crash_and_is_nobody_elses(tmp_path: Any) -> None:
    server = start(tmp_path / "lists.db")
    with server.client() as http:
        contact = http.post(CONTACTS, json={"properties": {"email": "a@x.example"}}).json()["id"]
        body = {"name": "x", "objectTypeId": "0-1", "processingType": "MANUAL"}
        http.post(LISTS, json=body)
        assert http.put(f"{LISTS}/1/memberships/add", json=[contact]).json()["recordsIdsAdded"] == [contact]
    server.kill()
    server = start(tmp_path / "lists.db")
    with server.client() as http:
        shown = http.get(f"{LISTS}/1/memberships").json()
        assert [one["recordId"] for one in shown["results"]] == [contact]
        assert http.get(f"{LISTS}/1").json()["list"]["size"] == 1
    server.stop()
