"""The journal of webhooks: subscriptions and their filters, entries one by one and in batches, files, snapshots."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import pytest
from inprocess import client
from pulling import (
    CONTACTS,
    JOURNAL,
    LOCAL,
    PORTAL,
    SCOPES,
    SNAPSHOTS,
    SUBSCRIPTIONS,
    Json,
    change,
    contact,
    everything,
    file_of,
    made,
    short,
    wish,
)

from trunkline.http.control import SECRET

KEPT = 3 * 24 * 60 * 60 * 1000


def run(test: Callable[[httpx.AsyncClient], Awaitable[None]]) -> None:
    async def body() -> None:
        async with client() as api:
            await test(api)

    asyncio.run(body())


def test_an_app_reads_what_it_subscribed_to_in_order() -> None:
    async def test(api: httpx.AsyncClient) -> None:
        before = await contact(api, firstname="Before")
        await made(api, SUBSCRIPTIONS, wish("CREATE", "UPDATE", "DELETE", properties=["firstname"]))
        id_ = await contact(api, firstname="Ann", lastname="Lee")
        await change(api, id_, firstname="Bea", lastname="Li")
        await change(api, id_, lastname="Low")
        await change(api, before, firstname="After")
        await api.delete(f"{CONTACTS}/{id_}")
        assert short(await everything(api)) == [
            ("CREATE", int(id_), {"firstname": "Ann"}),
            ("UPDATE", int(id_), {"firstname": "Bea"}),
            ("UPDATE", int(before), {"firstname": "After"}),
            ("DELETE", int(id_), {}),
        ]

    run(test)


def test_entries_are_found_one_by_one_and_an_entry_stays_as_it_is() -> None:
    async def test(api: httpx.AsyncClient) -> None:
        for place in ("earliest", "latest"):
            assert (await api.get(f"{JOURNAL}/{place}")).status_code == 204
        await made(api, SUBSCRIPTIONS, wish("CREATE"))
        ids = [await contact(api, firstname="Ann")]
        first = (await api.get(f"{JOURNAL}/earliest")).json()
        assert (await api.get(f"{JOURNAL}/latest")).json()["currentOffset"] == first["currentOffset"]
        assert (await api.get(f"{JOURNAL}/offset/{first['currentOffset']}/next")).status_code == 204
        was = await file_of(api, first)
        ids.append(await contact(api, firstname="Bea"))
        second = (await api.get(f"{JOURNAL}/offset/{first['currentOffset']}/next")).json()
        told = [await file_of(api, entry) for entry in (first, second)]
        assert told[0] == was
        assert [str(event["objectId"]) for one in told for event in one["journalEvents"]] == ids
        sent = {"inputs": [second["currentOffset"], first["currentOffset"], "elsewhere"]}
        found = await api.post(f"{JOURNAL}/batch/read", json=sent)
        assert found.status_code == 207
        assert [one["currentOffset"] for one in found.json()["results"]] == sent["inputs"][:2]
        assert [one["category"] for one in found.json()["errors"]] == ["OBJECT_NOT_FOUND"]
        assert (await api.get(f"{JOURNAL}/offset/elsewhere/next")).status_code == 404

    run(test)


def test_many_changes_are_many_entries_of_which_the_latest_are_found() -> None:
    async def test(api: httpx.AsyncClient) -> None:
        await made(api, SUBSCRIPTIONS, wish("UPDATE", properties=["lastname"]))
        ids = [await contact(api, firstname=str(number)) for number in range(3)]
        for number in range(200):
            inputs = [{"id": id_, "properties": {"lastname": str(number)}} for id_ in ids]
            await made(api, f"{CONTACTS}/batch/update", {"inputs": inputs})
        all_ = short(await everything(api))
        assert all_ == [("UPDATE", int(id_), {"lastname": str(n)}) for n in range(200) for id_ in ids]
        assert short(await everything(api, count=2)) == all_
        last = (await api.get(f"{JOURNAL}/batch/latest/2")).json()["results"]
        told = [event for entry in last for event in (await file_of(api, entry))["journalEvents"]]
        assert len(last) == 2
        assert short(told) == all_[-len(told) :]
        for entry in last[:1]:
            after = (await api.get(f"{JOURNAL}/offset/{entry['currentOffset']}/next")).json()
            assert after["currentOffset"] == last[1]["currentOffset"]

    run(test)


def test_what_an_app_read_of_before_it_unsubscribed_is_still_told() -> None:
    async def test(api: httpx.AsyncClient) -> None:
        one = await made(api, SUBSCRIPTIONS, wish("CREATE"))
        assert await made(api, SUBSCRIPTIONS, wish("CREATE")) | {"updatedAt": ""} == one | {"updatedAt": ""}
        id_ = await contact(api, firstname="Ann")
        for _ in range(2):
            assert (await api.delete(f"{SUBSCRIPTIONS}/{one['id']}")).status_code == 204
        assert (await api.get(f"{SUBSCRIPTIONS}/{one['id']}")).status_code == 404
        assert (await api.get(SUBSCRIPTIONS)).json() == {"results": []}
        await contact(api, firstname="Bea")
        assert short(await everything(api)) == [("CREATE", int(id_), {"firstname": "Ann"})]
        two = await made(api, SUBSCRIPTIONS, wish("CREATE"))
        assert two["id"] != one["id"]
        assert (await api.delete(f"{SUBSCRIPTIONS}/portals/{PORTAL}")).status_code == 204
        assert (await api.get(SUBSCRIPTIONS)).json() == {"results": []}

    run(test)


def test_a_filter_tells_by_what_a_record_was_like_then() -> None:
    async def test(api: httpx.AsyncClient) -> None:
        one = await made(api, SUBSCRIPTIONS, wish("CREATE", "UPDATE", "DELETE"))
        id_ = await contact(api, firstname="Ann", city="Rome")
        condition = {"filterType": "CRM_OBJECT_PROPERTY", "property": "city", "operator": "EQ", "value": "Paris"}
        asked = {"subscriptionId": one["id"], "filter": {"conditions": [condition]}}
        number = (await made(api, f"{SUBSCRIPTIONS}/filters", asked))["filterId"]
        shown = (await api.get(f"{SUBSCRIPTIONS}/filters/{number}")).json()
        assert shown["filter"] == asked["filter"]
        assert (await api.get(f"{SUBSCRIPTIONS}/filters/subscription/{one['id']}")).json() == [shown]
        for name, city in (("Bea", "Rome"), ("Cid", "Paris"), ("Dan", "Paris"), ("Eve", "Oslo")):
            await change(api, id_, firstname=name, city=city)
        assert (await api.delete(f"{SUBSCRIPTIONS}/filters/{number}")).status_code == 204
        assert (await api.get(f"{SUBSCRIPTIONS}/filters/{number}")).status_code == 404
        await change(api, id_, firstname="Fay")
        await api.delete(f"{CONTACTS}/{id_}")
        assert short(await everything(api)) == [
            ("CREATE", int(id_), {"firstname": "Ann", "city": "Rome"}),
            ("UPDATE", int(id_), {"firstname": "Cid", "city": "Paris"}),
            ("UPDATE", int(id_), {"firstname": "Dan"}),
            ("UPDATE", int(id_), {"firstname": "Fay"}),
            ("DELETE", int(id_), {}),
        ]

    run(test)


def test_associations_merges_and_privacy_deletions_are_told() -> None:
    async def test(api: httpx.AsyncClient) -> None:
        one, two, three = [await contact(api, firstname=name) for name in ("One", "Two", "Three")]
        company = (await made(api, "/crm/v3/objects/companies", {"properties": {"name": "A"}}))["id"]
        tied = wish("ASSOCIATION_ADDED", "ASSOCIATION_REMOVED", kind="ASSOCIATION", associatedObjectTypeIds=["company"])
        await made(api, SUBSCRIPTIONS, tied)
        await made(api, SUBSCRIPTIONS, wish("MERGE", objectIds=[int(one)]))
        await made(api, SUBSCRIPTIONS, wish("GDPR_DELETE", kind="GDPR_PRIVACY_DELETION"))
        place = f"/crm/v4/objects/contacts/{one}/associations"
        await api.put(f"{place}/default/companies/{company}")
        await api.delete(f"{place}/companies/{company}")
        await made(api, f"{CONTACTS}/merge", {"primaryObjectId": one, "objectIdToMerge": two})
        await api.post(f"{CONTACTS}/gdpr-delete", json={"objectId": three})
        told = await everything(api)
        assert [one["action"] for one in told] == ["ASSOCIATION_ADDED", "ASSOCIATION_REMOVED", "MERGE", "GDPR_DELETE"]
        assert [one["type"] for one in told] == ["ASSOCIATION", "ASSOCIATION", "OBJECT", "GDPR_PRIVACY_DELETION"]
        other = {"associatedObjectTypeId": "0-2", "associatedObjectId": int(company)}
        assert (other | {"associationType": "CONTACT_TO_COMPANY"}).items() <= told[0].items()
        assert told[2]["mergedObjectIds"] == [int(two)]

    run(test)


def test_a_snapshot_tells_what_a_record_was_like_when_it_was_asked_for() -> None:
    async def test(api: httpx.AsyncClient) -> None:
        id_ = await contact(api, firstname="Ann", city="Rome")
        wishes = [
            {"portalId": PORTAL, "objectTypeId": "contacts", "objectId": number, "properties": ["city"]}
            for number in (int(id_), 4)
        ]
        good, bad = (await made(api, SNAPSHOTS, {"snapshotRequests": wishes}))["snapshotResponses"]
        await change(api, id_, city="Oslo")
        await api.delete(f"{CONTACTS}/{id_}")
        assert short(await everything(api)) == [("SNAPSHOT", int(id_), {"city": "Rome"})]
        for journal in (JOURNAL, LOCAL):
            told = [(await api.get(f"{journal}/status/{one['snapshotStatusId']}")).json() for one in (good, bad)]
            assert [one["status"] for one in told] == ["SUCCESS", "FAILED"]
        assert (await api.get(f"{JOURNAL}/status/{PORTAL}")).status_code == 404
        await clock(api, KEPT)
        assert (await api.get(f"{JOURNAL}/status/{good['snapshotStatusId']}")).json()["status"] == "EXPIRED"

    run(test)


async def clock(api: httpx.AsyncClient, by: int) -> None:
    """Moves the clock of the portal on by milliseconds."""
    path = f"/_trunkline/portals/{PORTAL}/clock"
    moved = await api.post(path, json={"advance": by / 1000}, headers={SECRET: "secret"})
    assert moved.status_code == 200, moved.text


def test_entries_are_kept_for_three_days_of_the_clock_of_the_portal() -> None:
    async def test(api: httpx.AsyncClient) -> None:
        await made(api, SUBSCRIPTIONS, wish("CREATE"))
        for name in ("Ann", "Bea"):
            await contact(api, firstname=name)
            entry = (await api.get(f"{JOURNAL}/latest")).json()
        first = (await api.get(f"{JOURNAL}/earliest")).json()
        await clock(api, KEPT // 2)
        third = await contact(api, firstname="Cid")
        assert (await api.get(first["url"])).status_code == 403
        after = (await api.get(f"{JOURNAL}/offset/{entry['currentOffset']}/next")).json()
        await clock(api, KEPT // 2)
        assert (await api.post(f"{JOURNAL}/batch/read", json={"inputs": [first["currentOffset"]]})).json()["numErrors"]
        earliest = await file_of(api, (await api.get(f"{JOURNAL}/earliest")).json())
        assert [str(one["objectId"]) for one in earliest["journalEvents"]] == [third]
        await clock(api, KEPT)
        assert (await api.get(f"{JOURNAL}/earliest")).status_code == 204
        assert (await api.get(f"{JOURNAL}/latest")).status_code == 204
        await contact(api, firstname="Dan")
        assert (await api.get(f"{JOURNAL}/offset/{after['currentOffset']}/next")).status_code == 200
        late = await api.get(f"{JOURNAL}/offset/{entry['currentOffset']}/next")
        assert (late.status_code, late.json()["category"]) == (404, "OBJECT_NOT_FOUND")

    run(test)


def test_what_was_undone_is_not_told() -> None:
    async def test(api: httpx.AsyncClient) -> None:
        await made(api, SUBSCRIPTIONS, wish("CREATE", "UPDATE", properties=["firstname"]))
        id_ = await contact(api, firstname="Ann")
        operator = {SECRET: "secret"}
        await made(api, f"/_trunkline/portals/{PORTAL}/checkpoints", {"name": "here"}, headers=operator)
        await change(api, id_, firstname="Bea")
        entry = (await api.get(f"{JOURNAL}/latest")).json()
        await made(api, f"/_trunkline/portals/{PORTAL}/rewind", {"to": "here"}, headers=operator)
        await change(api, id_, firstname="Cid")
        assert short(await everything(api))[1:] == [("UPDATE", int(id_), {"firstname": "Cid"})]
        next_ = (await api.get(f"{JOURNAL}/offset/{entry['currentOffset']}/next")).json()
        assert short((await file_of(api, next_))["journalEvents"]) == [("UPDATE", int(id_), {"firstname": "Cid"})]

    run(test)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (wish(), "actions"),
        (wish("GDPR_DELETE"), "actions"),
        (wish("CREATE", kind="ASSOCIATION"), "actions"),
        (wish("CREATE", portal=7), "portalId"),
        (wish("CREATE", objectIds=list(range(1001))), "objectIds"),
        ({"subscriptionType": "APP_LIFECYCLE_EVENT", "properties": []}, "eventTypeId"),
    ],
)
def test_subscriptions_that_break_a_rule_are_refused(body: Json, field: str) -> None:
    async def test(api: httpx.AsyncClient) -> None:
        answer = await api.post(SUBSCRIPTIONS, json=body, headers={"x-trunkline-detail": "full"})
        assert (answer.status_code, answer.json()["category"], answer.json()["in"]) == (400, "VALIDATION_ERROR", field)
        assert (await api.get(SUBSCRIPTIONS)).json() == {"results": []}

    run(test)


@pytest.mark.parametrize("kind", ["APP_LIFECYCLE_EVENT", "LIST_MEMBERSHIP"])
def test_subscriptions_to_what_is_not_in_the_journal_are_kept(kind: str) -> None:
    async def test(api: httpx.AsyncClient) -> None:
        actions = ["ADDED_TO_LIST"] if kind == "LIST_MEMBERSHIP" else []
        asked = {"subscriptionType": kind, "portalId": PORTAL, "eventTypeId": "4-1", "actions": actions, "listIds": [1]}
        one = await made(api, SUBSCRIPTIONS, asked)
        assert (await api.get(SUBSCRIPTIONS)).json() == {"results": [one]}
        await contact(api, firstname="Ann")
        assert await everything(api) == []

    run(test)


async def token(api: httpx.AsyncClient, portal: int, *scopes: str) -> dict[str, str]:
    body = {"name": "app", "scopes": scopes or SCOPES, "portal": portal}
    told = (await api.post("/_trunkline/tokens", json=body, headers={SECRET: "secret"})).json()
    return {"authorization": f"Bearer {told['token']}"}


def test_an_app_reads_only_of_its_own_portal_what_it_may_and_by_its_own_offsets() -> None:
    async def test(api: httpx.AsyncClient) -> None:
        portal = (await api.post("/_trunkline/portals", json={"name": "b"}, headers={SECRET: "secret"})).json()["id"]
        ours, theirs = await token(api, PORTAL), await token(api, portal)
        other = await token(api, PORTAL)
        for place in (PORTAL, portal):
            answers = [
                await api.post(SUBSCRIPTIONS, json=wish("CREATE", portal=place), headers=h) for h in (ours, theirs)
            ]
            assert sorted(one.status_code for one in answers) == [200, 400]
        assert (await api.post(SUBSCRIPTIONS, json=wish("CREATE", type_="0-3"), headers=ours)).status_code == 403
        await contact(api, firstname="Ann")
        (await api.post(CONTACTS, json={"properties": {"firstname": "Bea"}}, headers=theirs)).raise_for_status()

        assert [one["propertyChanges"] for one in await everything(api, headers=ours)] == [{"firstname": "Ann"}]
        assert [one["propertyChanges"] for one in await everything(api, headers=theirs)] == [{"firstname": "Bea"}]
        assert await everything(api, headers=other) == []
        entry = (await api.get(f"{JOURNAL}/earliest", headers=ours)).json()
        for stranger in (theirs, other):
            for journal in (JOURNAL, LOCAL):
                place = f"{journal}/offset/{entry['currentOffset']}/next"
                assert (await api.get(place, headers=stranger)).status_code == 404
        assert (await api.get(f"{LOCAL}/earliest", params={"installPortalId": portal}, headers=ours)).status_code == 404
        shot = {"portalId": portal, "objectTypeId": "0-1", "objectId": 100000000001, "properties": []}
        assert (await api.post(SNAPSHOTS, json={"snapshotRequests": [shot]}, headers=ours)).status_code == 400
        (await api.delete(f"{SUBSCRIPTIONS}/portals/{PORTAL}", headers=theirs)).raise_for_status()
        assert len((await api.get(SUBSCRIPTIONS, headers=ours)).json()["results"]) == 1
        reading = await token(api, PORTAL, "developer.webhooks_journal.read")
        assert (await api.get(SUBSCRIPTIONS, headers=reading)).status_code == 403
        assert (await api.get(entry["url"][:-1] + "x")).status_code == 403

    run(test)
