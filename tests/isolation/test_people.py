"""A person who decides for one portal is not told of others, and cannot let an app into them."""

import asyncio
from pathlib import Path

from isolation.ground import founded
from isolation.install import register, submitted
from isolation.rows import rows
from isolation.wire import Sent
from isolation.world import World, world

PASSWORD = "a long password"
NOWHERE = 9_999_999


def test_a_person_learns_nothing_of_portals_they_do_not_decide_for(tmp_path: Path) -> None:
    async def told() -> None:
        async with world(tmp_path / "one.db", sign_in="always") as one:
            await _try_others(one)

    asyncio.run(told())


async def _try_others(one: World) -> None:
    own, other = await founded(one, "our own"), await founded(one, "somebody else's")
    client = await register(one, "app", other)
    cookie = await _signed_in(one, own)
    pages = [await one.send(_page(path, client.asked, cookie)) for path in ("", f"/{own}", f"/{other}", f"/{NOWHERE}")]
    assert [page.status for page in pages] == [200, 200, 400, 400]
    assert "our own" in pages[0].text
    assert not any("somebody else" in page.text for page in pages)
    told = [page.body.decode().replace(page.header("x-request-id"), "") for page in pages]
    assert told[2].replace(str(other), "") == told[3].replace(str(NOWHERE), "")
    before = rows(one.path, other)
    for portal in (other, NOWHERE):
        reply = await submitted(
            one, "/oauth/authorize", client.asked, {"decision": "allow", "portal": str(portal)}, cookie
        )
        assert (reply.status, reply.header("location")) == (400, "")
    assert rows(one.path, other) == before


async def _signed_in(one: World, portal: int) -> str:
    """The cookie of a person who decides for one portal."""
    person = {"email": "ada@example.com", "password": PASSWORD}
    await one.operate("POST", "/users", person | {"portals": [portal]})
    reply = await submitted(one, "/oauth/sign-in", {}, person)
    assert reply.status == 303, reply.text
    return reply.header("set-cookie").partition(";")[0]


def _page(path: str, query: dict[str, str], cookie: str) -> Sent:
    return Sent("GET", f"/oauth{path}/authorize", query, {"cookie": cookie})
