"""What an operator sees of webhooks at the command line, and does about them."""

import json
from pathlib import Path

from receiver import receiving
from server import run, start


def test_deliveries_are_listed_and_made_again_and_the_secret_is_told(tmp_path: Path) -> None:
    data = str(tmp_path / "told.db")
    with receiving() as receiver:
        server = start(data)
        try:
            with server.client() as api:
                body = {"targetUrl": receiver.url, "throttling": {"maxConcurrentRequests": 1}}
                api.put("/webhooks/v3/1/settings", json=body).raise_for_status()
                asked = {"eventType": "contact.creation", "active": True}
                api.post("/webhooks/v3/1/subscriptions", json=asked).raise_for_status()
                api.post("/crm/v3/objects/contacts", json={"properties": {"email": "a@example.com"}}).raise_for_status()
            receiver.wait(lambda r: bool(r.taken))
            again = run("webhooks", "redeliver", "1", "--data", data).stdout
            assert again.strip() == "delivered: 200"
            listed = run("webhooks", "deliveries", "--status", "delivered", "--json", "--data", data).stdout
            rows = [json.loads(line) for line in listed.splitlines()]
            assert [(row["id"], row["app"], row["state"]) for row in rows] == [(2, 1, "delivered"), (1, 1, "delivered")]
            assert "delivered" in run("webhooks", "deliveries", "--data", data).stdout
            secret = run("webhooks", "secret", "1", "--data", data).stdout.strip()
        finally:
            server.stop()
        assert len(secret) == 43
        assert run("webhooks", "secret", "1", "--data", data).stdout.strip() == secret
        assert receiver.taken[0] == receiver.taken[1]
