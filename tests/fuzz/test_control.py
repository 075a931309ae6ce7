"""The routes beside the imitated API, damaged in every way: they refuse, and never fail."""

from random import Random

import pytest
from fuzz.damage import damaged
from fuzz.effort import seeds
from fuzz.requests import JSON, Request
from threaded import KNOWN, ThreadedServer

from trunkline.http.control import SECRET

KEY = {SECRET: KNOWN}
TOKEN = b'{"name": "one", "scopes": ["crm.objects.contacts.read"], "portal": 1000001}'
FAULT = b'{"kind": "reset", "route": "/crm/v3/objects/{type}", "count": 2, "probability": 0.5, "seconds": 1}'

ASKED = [
    Request("GET", "/_trunkline/health", "", {}, b""),
    Request("GET", "/_trunkline/ready", "", {}, b""),
    Request("GET", "/_trunkline/metrics", "", KEY, b""),
    Request("GET", "/_trunkline/errors/DUPLICATE_IDS", "", {}, b""),
    Request("GET", "/_trunkline/tokens", "", KEY, b""),
    Request("POST", "/_trunkline/tokens", "", JSON | KEY, TOKEN),
    Request("DELETE", "/_trunkline/tokens/1", "", KEY, b""),
    Request("GET", "/_trunkline/portals/1000001/faults", "", KEY, b""),
    Request("POST", "/_trunkline/portals/1000001/faults", "", JSON | KEY, FAULT),
    Request("DELETE", "/_trunkline/portals/1000001/faults/reset", "", KEY, b""),
    Request("GET", "/_trunkline/requests", "status=4xx&path=*&after=1&limit=5", KEY, b""),
    Request("GET", "/_trunkline/requests/019cb2f4-5d6e-7a10-8c3b-2f1e0d9c8b7a", "", KEY, b""),
    Request("GET", "/openapi.json", "", {}, b""),
    Request("GET", "/docs", "", {}, b""),
    Request("GET", "/docs/page.css", "", {"if-none-match": "*"}, b""),
]


@pytest.mark.parametrize("seed", seeds(1))
def test_nothing_breaks_the_routes_beside_the_api(seed: int, trunkline: ThreadedServer) -> None:
    chance = Random(seed)
    with trunkline.client() as client:
        for asked in ASKED * 30:
            sent = damaged(asked, chance)
            url = client.base_url.copy_with(raw_path=sent.target.encode())
            answer = client.request(sent.method, url, headers=sent.headers, content=sent.content)
            assert answer.status_code < 500, sent
            assert "x-hubspot-correlation-id" in answer.headers
        assert client.get("/_trunkline/health").json()["status"] == "ok"
