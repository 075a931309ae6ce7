"""What apps learn of tokens, and can do with them, ends with themselves and with their portals."""

import asyncio
import json
from pathlib import Path
from urllib.parse import urlencode

from isolation.ground import Ground, founded
from isolation.install import CALLBACK, Client, consented, installed, post, register
from isolation.pair import pair
from isolation.wire import FORM, JSON, Reply, Sent
from isolation.world import World, world


async def _form(one: World, path: str, form: dict[str, str]) -> Reply:
    return await one.send(Sent("POST", path, {}, {"content-type": FORM}, urlencode(form).encode()))


def test_an_app_has_nothing_of_the_tokens_of_others(tmp_path: Path) -> None:
    async def all_of_it() -> None:
        async with pair(tmp_path) as both:
            one, spy, theirs = both.full.world, both.full.spy, both.victims[-1].ground
            await _ask_about(one, spy.client, theirs)
            await _exchange(one, spy.client, theirs)
            await _ask_who(one, spy)

    asyncio.run(all_of_it())


def test_who_is_not_the_app_cannot_end_what_it_was_given(tmp_path: Path) -> None:
    async def told() -> None:
        async with world(tmp_path / "one.db", rotate_refresh=True) as one:
            await _come_again(one)

    asyncio.run(told())


async def _come_again(one: World) -> None:
    """A code or a refresh token that comes a second time ends what came of it, unless others come with it."""
    portal = await founded(one, "theirs")
    theirs, ours = await register(one, "theirs", portal), await register(one, "ours", portal)
    first = await installed(one, theirs, portal)
    refresh = {"grant_type": "refresh_token", "refresh_token": first.refresh}
    second = json.loads(await post(one, "/oauth/v3/token", theirs.fields | refresh))
    code = {"grant_type": "authorization_code", "redirect_uri": CALLBACK, "code": first.code}
    for form in (code, refresh):
        for fields in (
            ours.fields,
            theirs.fields | {"client_secret": "wrong"},
            {"client_id": "x", "client_secret": "y"},
        ):
            assert (await _form(one, "/oauth/v3/token", fields | form)).status == 400
            await one.call(first.access, "GET", "/crm/v3/objects/calls")
            await one.call(second["access_token"], "GET", "/crm/v3/objects/calls")
    assert (await _form(one, "/oauth/v3/token", theirs.fields | code)).status == 400
    told = await one.send(Sent("GET", "/crm/v3/objects/calls", {}, {"authorization": f"Bearer {first.access}"}))
    assert told.status == 401


async def _ask_about(one: World, ours: Client, theirs: Ground) -> None:
    """Tokens of others are not active, and revoking them does nothing."""
    held = await installed(one, theirs.client, theirs.portal)
    for text in (held.access, held.refresh, theirs.token):
        for version in ("v3", "2026-03", "2026-09"):
            told = await _form(one, f"/oauth/{version}/token/introspect", ours.fields | {"token": text})
            assert (told.status, json.loads(told.body)) == (200, {"active": False})
            assert (await _form(one, f"/oauth/{version}/token/revoke", ours.fields | {"token": text})).status == 200
    await one.call(held.access, "GET", "/crm/v3/objects/calls")
    await one.call(theirs.token, "GET", "/crm/v3/objects/calls")
    asked = theirs.client.fields | {"token": held.refresh}
    assert json.loads(await post(one, "/oauth/v3/token/introspect", asked))["active"]


async def _exchange(one: World, ours: Client, theirs: Ground) -> None:
    """A code and a refresh token are good for their own app, after another one tried them, too."""
    held = await installed(one, theirs.client, theirs.portal)
    code = {"grant_type": "authorization_code", "redirect_uri": CALLBACK}
    code["code"] = await consented(one, theirs.client, theirs.portal)
    refresh = {"grant_type": "refresh_token", "refresh_token": held.refresh}
    for form, fault in ((code, "BAD_AUTH_CODE"), (refresh, "BAD_REFRESH_TOKEN")):
        refused = await _form(one, "/oauth/2026-03/token", ours.fields | form)
        assert (refused.status, json.loads(refused.body)["status"]) == (400, fault)
        assert "access_token" in json.loads(await post(one, "/oauth/2026-03/token", theirs.client.fields | form))


async def _ask_who(one: World, spy: Ground) -> None:
    """What a token tells is of its own portal."""
    told = await one.send(Sent("GET", f"/oauth/v1/access-tokens/{spy.names['ACCESS_TOKEN']}"))
    assert json.loads(told.body)["hub_id"] == spy.portal
    body = json.dumps({"tokenKey": spy.token}).encode()
    path = "/oauth/v2/private-apps/get/access-token-info"
    told = await one.send(Sent("POST", path, {}, {"content-type": JSON}, body))
    assert json.loads(told.body)["hubId"] == spy.portal
