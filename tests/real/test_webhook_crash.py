"""A server that dies in the midst of telling an app goes on where it was: nothing is lost, and each record in order."""

from pathlib import Path

from receiver import Event, Receiver, receiving
from server import Server, run, start

CONTACTS = "/crm/v3/objects/contacts"


def set_up(server: Server, url: str) -> None:
    """The fixed token's app is told of new contacts, and of their names."""
    with server.client() as api:
        throttling = {"maxConcurrentRequests": 2}
        api.put("/webhooks/v3/1/settings", json={"targetUrl": url, "throttling": throttling}).raise_for_status()
        for asked in (
            {"eventType": "contact.creation"},
            {"eventType": "contact.propertyChange", "propertyName": "firstname"},
        ):
            api.post("/webhooks/v3/1/subscriptions", json=asked | {"active": True}).raise_for_status()


def write(server: Server, start: int) -> list[int]:
    """A hundred new contacts, whose names are then changed."""
    inputs = [{"properties": {"email": f"c{start + number}@example.com", "firstname": "a"}} for number in range(100)]
    with server.client() as api:
        made = api.post(f"{CONTACTS}/batch/create", json={"inputs": inputs}).raise_for_status().json()["results"]
        changed = [{"id": one["id"], "properties": {"firstname": "b"}} for one in made]
        api.post(f"{CONTACTS}/batch/update", json={"inputs": changed}).raise_for_status()
    return [int(one["id"]) for one in made]


def names(receiver: Receiver, id_: int) -> list[str]:
    """What a contact was called, as it was first told."""
    of_one = [e["propertyValue"] for e in receiver.taken if e["objectId"] == id_ and "propertyValue" in e]
    return list(dict.fromkeys(of_one))


def test_a_server_that_is_killed_while_it_tells_an_app_loses_nothing(tmp_path: Path) -> None:
    data = tmp_path / "killed.db"
    with receiving() as receiver:

        def ill(events: list[Event]) -> int:
            return 503 if len(receiver.requests) % 3 == 1 else 200

        receiver.answer = ill
        server = start(data)
        try:
            set_up(server, receiver.url)
            ids = [id_ for number in range(5) for id_ in write(server, number * 100)]
            receiver.wait(lambda r: len(r.requests) >= 4)
        finally:
            server.kill()
        before = len(receiver.taken)
        assert before < 3 * len(ids)
        receiver.answer = lambda _: 200
        again = start(data)
        try:
            advance(again)
            receiver.wait(lambda r: len({e["eventId"] for e in r.taken}) == 3 * len(ids), seconds=30)
        finally:
            assert again.stop() == 0
        assert {e["objectId"] for e in receiver.taken} == set(ids)
        assert all(names(receiver, id_) == ["a", "b"] for id_ in ids)


def advance(server: Server) -> None:
    """The clock of the portal goes on by an hour, as an operator has it do."""
    run("clock", "advance", "3600", "--data", str(server.data))
