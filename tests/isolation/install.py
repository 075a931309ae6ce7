"""An OAuth app, and how a person lets it into a portal, by the pages of the server itself."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

from isolation.wire import FORM, Reply, Sent
from isolation.world import World

CALLBACK = "http://localhost:9999/callback"
"""The redirect URI of the examples of the reference."""

SCOPES = ["oauth", "crm.objects.contacts.read", "crm.objects.contacts.write"]


@dataclass(frozen=True)
class Client:
    """An app that was registered."""

    id: str
    secret: str

    @property
    def asked(self) -> dict[str, str]:
        """The query of the page on which a person lets it in."""
        return {"client_id": self.id, "redirect_uri": CALLBACK, "scope": " ".join(SCOPES)}

    @property
    def fields(self) -> dict[str, str]:
        """What it proves itself with."""
        return {"client_id": self.id, "client_secret": self.secret}


@dataclass(frozen=True)
class Tokens:
    """What an app was given for a code."""

    code: str
    access: str
    refresh: str


async def register(world: World, name: str, portal: int) -> Client:
    """A new app, which may also call one portal with its own credentials."""
    body = {"name": name, "redirectUris": [CALLBACK], "scopes": SCOPES, "portal": portal}
    made = await world.operate("POST", "/apps", body)
    return Client(made["clientId"], made["clientSecret"])


async def consented(world: World, client: Client, portal: int) -> str:
    """The code of a person who lets an app into a portal."""
    form = {"decision": "allow", "portal": str(portal)}
    sent = await submitted(world, "/oauth/authorize", client.asked, form)
    return parse_qs(urlsplit(sent.header("location")).query)["code"][0]


async def submitted(
    world: World, path: str, query: Mapping[str, str], form: Mapping[str, str], cookie: str = ""
) -> Reply:
    """What a page's form is answered with: first the page is opened, as a browser does."""
    page = await world.send(Sent("GET", path, query, {"cookie": cookie} if cookie else {}))
    seal = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert seal is not None, page.text
    headers = {"cookie": cookie or page.header("set-cookie").partition(";")[0], "content-type": FORM}
    content = urlencode({"csrf": seal[1], **form}).encode()
    return await world.send(Sent("POST", path, query, headers, content))


async def installed(world: World, client: Client, portal: int) -> Tokens:
    """The tokens of an app that was let into a portal."""
    code = await consented(world, client, portal)
    form = client.fields | {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    answer = json.loads(await post(world, "/oauth/v3/token", form))
    return Tokens(code, answer["access_token"], answer["refresh_token"])


async def post(world: World, path: str, form: dict[str, str]) -> bytes:
    """The body that a form is answered with, which has to succeed."""
    reply = await world.send(Sent("POST", path, {}, {"content-type": FORM}, urlencode(form).encode()))
    assert reply.status < 300, reply.text
    return reply.body
