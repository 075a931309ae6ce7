"""Apps are told of what happened: all of it, in order, signed, again when they failed, and never at a private place."""

import asyncio
import time
from typing import Any

import httpx
import pytest
from consenting import Flow, flow
from hubspot.utils.signature import Signature
from receiver import Event, Receiver, receiving
from server import TOKEN
from threaded import KNOWN, Stage, ThreadedServer

from trunkline.http.control import SECRET

CONTACTS = "/crm/v3/objects/contacts"
HOUR = 3600


def set_up(server: ThreadedServer, url: str, *kinds: str, at_once: int = 5) -> None:
    """The fixed token's app is told of these, `contact.propertyChange:email` for one of a property."""
    with server.client() as api:
        throttling = {"maxConcurrentRequests": at_once}
        api.put("/webhooks/v3/1/settings", json={"targetUrl": url, "throttling": throttling}).raise_for_status()
        for kind in kinds:
            what, _, name = kind.partition(":")
            key = "objectTypeId" if what.startswith("object.") and "propertyChange" not in what else "propertyName"
            asked = {"eventType": what, "active": True} | ({key: name} if name else {})
            api.post("/webhooks/v3/1/subscriptions", json=asked).raise_for_status()


def create(server: ThreadedServer, count: int, start: int = 0) -> list[int]:
    """New contacts."""
    inputs = [{"properties": {"email": f"c{start + number}@example.com"}} for number in range(count)]
    with server.client() as api:
        made = api.post(f"{CONTACTS}/batch/create", json={"inputs": inputs}).raise_for_status()
    return [int(one["id"]) for one in made.json()["results"]]


def control(server: ThreadedServer, method: str, path: str, body: Any = None) -> Any:
    """The answer of the control namespace."""
    with httpx.Client(base_url=server.url, trust_env=False, verify=False, timeout=30) as client:
        answer = client.request(method, f"/_trunkline{path}", json=body, headers={SECRET: KNOWN})
    return answer.raise_for_status().json() if answer.content else None


def advance(server: ThreadedServer, seconds: float) -> None:
    """The portal's clock goes on."""
    control(server, "POST", f"/portals/{server.portal}/clock", {"advance": seconds})


def told(receiver: Receiver, kind: str) -> list[Event]:
    """The events of one kind that were taken."""
    return [event for event in receiver.taken if event["subscriptionType"] == kind]


def test_an_app_is_told_what_happened_to_a_record_in_order(trunkline: ThreadedServer) -> None:
    with receiving() as receiver, trunkline.client() as api:
        create(trunkline, 1)
        kinds = ("contact.creation", "contact.propertyChange:email", "contact.deletion", "contact.merge")
        set_up(trunkline, receiver.url, *kinds, "contact.associationChange", "object.creation:0-48")
        one, other = create(trunkline, 2, 10)
        api.patch(f"{CONTACTS}/{one}", json={"properties": {"email": "new@example.com"}}).raise_for_status()
        company = api.post("/crm/v3/objects/companies", json={"properties": {"name": "x"}}).json()["id"]
        primary = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}]
        api.put(f"/crm/v4/objects/contacts/{one}/associations/companies/{company}", json=primary).raise_for_status()
        api.post(f"{CONTACTS}/merge", json={"primaryObjectId": str(one), "objectIdToMerge": str(other)})
        api.delete(f"{CONTACTS}/{one}").raise_for_status()
        api.post("/crm/v3/objects/calls", json={"properties": {"hs_timestamp": "2026-01-01T12:00:00Z"}})
        receiver.wait(lambda r: bool(told(r, "object.creation") and told(r, "contact.deletion")))

        (call,) = told(receiver, "object.creation")
        assert call["objectTypeId"] == "0-48"
        assert [event["objectId"] for event in told(receiver, "contact.creation")] == [one, other]
        created = told(receiver, "contact.creation")[0]
        head = {"portalId": trunkline.portal, "appId": 1, "attemptNumber": 0, "changeSource": "INTEGRATION"}
        assert head.items() <= created.items()
        assert (created["changeFlag"], abs(created["occurredAt"] / 1000 - time.time()) < HOUR) == ("CREATED", True)
        values = [e["propertyValue"] for e in told(receiver, "contact.propertyChange") if e["objectId"] == one]
        assert values == ["c10@example.com", "new@example.com"]
        (tied, *_) = told(receiver, "contact.associationChange")
        assert tied["associationType"] == "CONTACT_TO_COMPANY"
        assert (tied["fromObjectId"], tied["toObjectId"], tied["associationRemoved"]) == (one, int(company), False)
        assert any(event["isPrimaryAssociation"] for event in told(receiver, "contact.associationChange"))
        (merged,) = told(receiver, "contact.merge")
        assert (merged["primaryObjectId"], merged["mergedObjectIds"]) == (one, [other])
        assert [event["objectId"] for event in told(receiver, "contact.deletion")] == [one]
        ids = [event["eventId"] for event in receiver.taken]
        assert len(ids) == len(set(ids))
        places = [receiver.taken.index(e) for e in receiver.taken if e.get("objectId") == one]
        assert places == sorted(places)


def test_requests_are_signed_as_the_official_client_checks(trunkline: ThreadedServer) -> None:
    with receiving() as receiver:
        set_up(trunkline, receiver.url, "contact.creation")
        create(trunkline, 1)
        receiver.wait(lambda r: bool(r.taken))
        secret = control(trunkline, "GET", "/apps/1/signing")["secret"]
        headers, body, _ = receiver.requests[0]
        assert headers["x-hubspot-signature-version"] == "v1"
        assert Signature.is_valid(headers["x-hubspot-signature"], secret, body, signature_version="v1")
        timestamp = headers["x-hubspot-request-timestamp"]
        third = headers["x-hubspot-signature-v3"]
        assert Signature.is_valid(third, secret, body, receiver.url, signature_version="v3", timestamp=timestamp)
        assert not Signature.is_valid(third, "other", body, receiver.url, signature_version="v3", timestamp=timestamp)


def test_the_older_signature_can_be_the_one_over_the_url_too(stage: Stage) -> None:
    with receiving() as receiver, stage.serving(webhook_signature="v2") as server:
        set_up(server, receiver.url, "contact.creation")
        create(server, 1)
        receiver.wait(lambda r: bool(r.taken))
        secret = control(server, "GET", "/apps/1/signing")["secret"]
        headers, body, _ = receiver.requests[0]
        assert headers["x-hubspot-signature-version"] == "v2"
        signature = headers["x-hubspot-signature"]
        assert Signature.is_valid(signature, secret, body, receiver.url, signature_version="v2")
        assert not Signature.is_valid(signature, secret, body, receiver.url + "&c=d", signature_version="v2")


def test_a_receiver_that_was_down_for_an_hour_is_told_all_of_it(trunkline: ThreadedServer) -> None:
    with receiving() as receiver:
        port = int(receiver.url.split(":")[2].partition("/")[0])
    set_up(trunkline, receiver.url, "contact.creation")
    ids = create(trunkline, 100) + create(trunkline, 100, 100)
    waited(trunkline, lambda tried: len(tried) >= 2)
    for _ in range(4):
        advance(trunkline, HOUR / 4)
        time.sleep(1.2)
    with receiving(port) as again:
        advance(trunkline, 2 * HOUR)
        again.wait(lambda r: len(r.taken) >= 200)
        assert sorted(event["objectId"] for event in again.taken) == sorted(ids)
        assert all(event["attemptNumber"] > 0 for event in again.taken)
        assert all(len(one.events) <= 100 for one in again.requests)


def waited(server: ThreadedServer, done: Any) -> list[dict[str, Any]]:
    """The deliveries once something is so."""
    for _ in range(150):
        found: list[dict[str, Any]] = control(server, "GET", "/deliveries")["results"]
        if done(found):
            return found
        time.sleep(0.1)
    raise AssertionError(found)


def test_one_event_that_fails_does_not_stop_the_others(trunkline: ThreadedServer) -> None:
    with receiving() as receiver:
        set_up(trunkline, receiver.url, "contact.creation")
        bad: list[int] = []
        receiver.answer = lambda events: 500 if {e["objectId"] for e in events} & set(bad) or not bad else 200
        ids = create(trunkline, 20)
        receiver.wait(lambda r: bool(r.requests))
        bad.append(ids[7])
        create(trunkline, 5, 50)
        receiver.wait(lambda r: len(r.taken) == 5)
        for _ in range(7):
            advance(trunkline, HOUR)
            time.sleep(1.2)
        receiver.wait(lambda r: len(r.taken) == 24)
        assert ids[7] not in {event["objectId"] for event in receiver.taken}
        receiver.answer = lambda _: 200
        advance(trunkline, 8 * HOUR)
        receiver.wait(lambda r: len(r.taken) == 25)
        assert receiver.taken[-1]["objectId"] == ids[7]


def test_what_was_undone_is_not_told_when_it_was_not_yet(trunkline: ThreadedServer) -> None:
    with receiving() as receiver:
        set_up(trunkline, receiver.url, "contact.creation")
        control(trunkline, "POST", f"/portals/{trunkline.portal}/checkpoints", {"name": "a"})
        receiver.answer = lambda _: 503
        create(trunkline, 3)
        receiver.wait(lambda r: bool(r.requests))
        control(trunkline, "POST", f"/portals/{trunkline.portal}/rewind", {"to": "a"})
        receiver.answer = lambda _: 200
        advance(trunkline, HOUR)
        kept = create(trunkline, 1, 90)
        receiver.wait(lambda r: bool(r.taken))
        time.sleep(1.2)
        assert [event["objectId"] for event in receiver.taken] == kept


def test_a_redirect_is_not_followed(trunkline: ThreadedServer) -> None:
    with receiving() as receiver:
        receiver.answer = lambda _: 307
        set_up(trunkline, receiver.url, "contact.creation")
        create(trunkline, 1)
        (tried,) = waited(trunkline, lambda found: len(found) == 1)
        assert (tried["state"], tried["answer"], len(receiver.requests)) == ("failed", 307, 1)


@pytest.mark.parametrize("url", ["https://10.0.0.1/", "https://[::ffff:10.0.0.1]/", "https://169.254.169.254/x"])
def test_nothing_is_delivered_to_a_private_address(trunkline: ThreadedServer, url: str) -> None:
    set_up(trunkline, url, "contact.creation")
    create(trunkline, 1)
    (tried,) = waited(trunkline, lambda found: len(found) == 1)
    assert (tried["state"], tried["answer"]) == ("failed", None)
    assert tried["cause"] == "no address of the target may be delivered to"


def test_a_slow_receiver_is_told_by_as_many_requests_as_it_wants_and_holds_up_nobody(
    trunkline: ThreadedServer,
) -> None:
    under_way, most = [0], [0]

    def slow(events: list[Event]) -> int:
        under_way[0] += 1
        most[0] = max(most[0], under_way[0])
        time.sleep(0.5)
        under_way[0] -= 1
        return 200

    with receiving() as receiver:
        receiver.answer = slow
        set_up(trunkline, receiver.url, "contact.creation", at_once=2)
        ids = [id_ for number in range(6) for id_ in create(trunkline, 100, number * 100)]
        assert len(receiver.taken) < len(ids), "the writes did not wait for the app"
        receiver.wait(lambda r: len(r.taken) == len(ids))
        assert most[0] <= 2


def test_a_request_that_takes_too_long_has_failed(trunkline: ThreadedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trunkline.http.hooks.sender.PATIENCE", 0.2)

    def slow(events: list[Event]) -> int:
        time.sleep(0.6)
        return 200

    with receiving() as receiver:
        receiver.answer = slow
        set_up(trunkline, receiver.url, "contact.creation")
        create(trunkline, 1)
        (tried,) = waited(trunkline, lambda found: len(found) == 1)
        assert (tried["state"], tried["cause"]) == ("failed", "no answer within 0.2 seconds")


def test_what_was_while_a_subscription_slept_is_not_told(trunkline: ThreadedServer) -> None:
    with receiving() as receiver, trunkline.client() as api:
        set_up(trunkline, receiver.url, "contact.creation")
        first = create(trunkline, 1)
        receiver.wait(lambda r: len(r.taken) == 1)
        api.patch("/webhooks/v3/1/subscriptions/1", json={"active": False}).raise_for_status()
        create(trunkline, 1, 10)
        api.patch("/webhooks/v3/1/subscriptions/1", json={"active": True}).raise_for_status()
        last = create(trunkline, 1, 20)
        receiver.wait(lambda r: len(r.taken) == 2)
        assert [event["objectId"] for event in receiver.taken] == first + last


def test_a_delivery_is_made_again_when_it_is_asked_for(trunkline: ThreadedServer) -> None:
    with receiving() as receiver:
        set_up(trunkline, receiver.url, "contact.creation")
        create(trunkline, 2)
        (made,) = waited(trunkline, lambda found: len(found) == 1)
        assert (made["state"], made["answer"], len(made["events"])) == ("delivered", 200, 2)
        again = control(trunkline, "POST", f"/deliveries/{made['id']}/redeliver")
        assert (again["state"], again["events"]) == ("delivered", made["events"])
        assert receiver.taken == made["events"] * 2
        for query, found in {"app=1&status=delivered": 2, "status=failed": 0, "portal=5": 0, "limit=1": 1}.items():
            assert len(control(trunkline, "GET", f"/deliveries?{query}")["results"]) == found


def test_an_oauth_app_is_signed_to_with_its_client_secret(trunkline: ThreadedServer) -> None:
    made = control(trunkline, "POST", "/apps", {"name": "x", "portal": trunkline.portal})
    with receiving() as receiver, trunkline.client() as api:
        app = f"/webhooks/v3/{made['id']}"
        body = {"targetUrl": receiver.url, "throttling": {"maxConcurrentRequests": 1}}
        api.put(f"{app}/settings", json=body).raise_for_status()
        api.post(f"{app}/subscriptions", json={"eventType": "contact.creation", "active": True}).raise_for_status()
        create(trunkline, 1)
        receiver.wait(lambda r: bool(r.taken))
        headers, text, _ = receiver.requests[0]
        assert Signature.is_valid(headers["x-hubspot-signature"], made["clientSecret"], text, signature_version="v1")
        turned = control(trunkline, "POST", f"/apps/{made['id']}/rotate", {})
        assert control(trunkline, "GET", f"/apps/{made['id']}/signing") == {"secret": turned["clientSecret"]}


def test_an_app_is_told_of_a_portal_for_as_long_as_it_is_let_in() -> None:
    async def test(receiver: Receiver) -> None:
        async with flow() as app:
            app.http.headers["authorization"] = f"Bearer {TOKEN}"
            hooks = f"/webhooks/v3/{app.app}"
            body = {"targetUrl": receiver.url, "throttling": {"maxConcurrentRequests": 1}}
            (await app.http.put(f"{hooks}/settings", json=body)).raise_for_status()
            asked = {"eventType": "contact.creation", "active": True}
            (await app.http.post(f"{hooks}/subscriptions", json=asked)).raise_for_status()
            ids = [await contact(app, "before")]
            await app.granted()
            await asyncio.sleep(2.5)
            ids.append(await contact(app, "in"))
            await asyncio.to_thread(receiver.wait, lambda r: len(r.taken) == 1)
            (await app.control("DELETE", f"/apps/{app.app}/consents")).raise_for_status()
            await asyncio.sleep(2.5)
            ids.append(await contact(app, "out"))
            await app.granted()
            await asyncio.sleep(2.5)
            ids.append(await contact(app, "again"))
            await asyncio.to_thread(receiver.wait, lambda r: len(r.taken) == 2)
            assert [event["objectId"] for event in receiver.taken] == [ids[1], ids[3]]

    with receiving() as receiver:
        asyncio.run(test(receiver))


async def contact(app: Flow, name: str) -> int:
    """A new contact."""
    body = {"properties": {"email": f"{name}@example.com"}}
    return int((await app.http.post(CONTACTS, json=body)).raise_for_status().json()["id"])


def figures(server: ThreadedServer) -> dict[str, float]:
    """The series of webhooks, as Prometheus is told them."""
    with httpx.Client(base_url=server.url, trust_env=False, verify=False, timeout=30) as client:
        text = client.get("/_trunkline/metrics", headers={SECRET: KNOWN}).raise_for_status().text
    lines = (line.rpartition(" ") for line in text.splitlines() if line.startswith("trunkline_webhook"))
    return {name: float(value) for name, _, value in lines}


def test_it_is_measured_how_far_behind_an_app_is(trunkline: ThreadedServer) -> None:
    lag = f'trunkline_webhook_lag_seconds{{app="1",portal="{trunkline.portal}"}}'
    with receiving() as receiver, trunkline.client() as api:
        receiver.answer = lambda _: 500
        set_up(trunkline, receiver.url, "contact.creation")
        create(trunkline, 1)
        waited(trunkline, lambda found: len(found) == 1)
        advance(trunkline, 30)
        found = figures(trunkline)
        assert 30 <= found[lag] < HOUR
        assert found['trunkline_webhook_requests_total{outcome="failed"}'] == 1
        receiver.answer = lambda _: 200
        advance(trunkline, HOUR)
        waited(trunkline, lambda found: found[0]["state"] == "delivered")
        found = figures(trunkline)
        assert (found[lag], found['trunkline_webhook_requests_total{outcome="delivered"}']) == (0, 1)
        api.delete("/webhooks/v3/1/settings").raise_for_status()
        gone(lambda: lag in figures(trunkline))


def gone(there: Any) -> None:
    """Returns once something is no longer so."""
    for _ in range(150):
        if not there():
            return
        time.sleep(0.1)
    raise AssertionError("it is still there")
