"""The gate of one operation: products, scopes and limits, and what its answers carry."""

import asyncio

import httpx
import pytest
from idle import Idle, idle
from msgspec.structs import replace
from starlette.routing import Route, Router

from trunkline.clock import Clock
from trunkline.http.frame import Frame
from trunkline.http.line import Line
from trunkline.http.routes import OPERATIONS
from trunkline.identity.moves import Moves

LIST = next(row for row in OPERATIONS if (row.method, row.api, row.path) == ("GET", "objects", "/{type}"))
CALLS = "/crm/v3/objects/calls"
READ = "crm.objects.contacts.read"


@pytest.mark.parametrize(("tier", "status"), [("PROFESSIONAL", 200), ("STARTER", 403)])
def test_a_portal_without_the_product_is_told_the_scopes(tier: str, status: int) -> None:
    async def test() -> None:
        async with idle() as server:
            portal = (await server.state.accounts.portals())[0]
            changed = replace(portal, products={"sales": tier})
            await server.state.accounts.keep(Moves(portals=(changed,)))
            server.state.gate.forget()
            line = Line(server.state, replace(LIST, products={"sales": "PROFESSIONAL", "cms": "FREE"}), "v3")
            router = Router([Route("/crm/v3/objects/{type}", line, methods=["GET"])])
            transport = httpx.ASGITransport(app=Frame(router, Clock()))
            headers = server.http.headers
            async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as http:
                answer = await http.get(CALLS)
            assert answer.status_code == status, answer.text
            if status == 403:
                assert answer.json()["category"] == "MISSING_SCOPES"
                assert READ in answer.json()["errors"][0]["context"]["requiredGranularScopes"]
                assert "x-hubspot-ratelimit-remaining" in answer.headers

    asyncio.run(test())


@pytest.mark.parametrize(
    ("path", "status"), [(CALLS, 200), (f"{CALLS}/1", 404), (f"{CALLS}?limit=x", 400), ("/crm/v3/objects/none", 400)]
)
def test_what_is_left_is_told_with_every_answer_to_a_caller(path: str, status: int) -> None:
    async def test(server: Idle) -> None:
        answer = await server.http.get(path)
        assert answer.status_code == status
        assert "x-hubspot-ratelimit-remaining" in answer.headers
        nobody = await server.http.get(path, headers={"authorization": "Bearer no"})
        assert nobody.status_code == 401
        assert not [name for name in nobody.headers if "ratelimit" in name]

    async def whole() -> None:
        async with idle() as server:
            await test(server)

    asyncio.run(whole())
