"""An app and a person who lets it in, on a server in this process whose clock a test moves."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from server import SETTINGS
from slate import clean

from trunkline.app import open_store, running
from trunkline.clock import Clock
from trunkline.http.control import SECRET
from trunkline.settings import Settings

Json = dict[str, Any]

READ, WRITE = "crm.objects.contacts.read", "crm.objects.contacts.write"
CALLBACK = "https://dialer.example.com/callback"
KNOWN = "secret"


class Hands(Clock):
    """A clock that goes on as it is told, in milliseconds."""

    ahead = 0

    def real(self) -> int:
        """The time, and what it was put forward."""
        return super().real() + self.ahead

    def advance(self, *, seconds: float = 0, minutes: float = 0) -> None:
        """Puts it forward."""
        self.ahead += round((seconds + 60 * minutes) * 1000)


class Flow:
    """One app on one server: `id` and `secret` are its credentials, `http` is a browser and an app at once."""

    def __init__(self, http: httpx.AsyncClient, clock: Hands) -> None:
        self.http, self.clock = http, clock
        self.app = 0
        self.id = self.secret = ""

    async def control(self, method: str, path: str, body: object = None) -> httpx.Response:
        """A request of the operator's."""
        return await self.http.request(method, f"/_trunkline{path}", json=body, headers={SECRET: KNOWN})

    async def register(self, **members: object) -> Json:
        """Registers the app, which reads and writes calls unless told otherwise."""
        asked = {"name": "Dialer", "redirectUris": [CALLBACK], "scopes": [READ, WRITE]} | members
        made: Json = (await self.control("POST", "/apps", asked)).raise_for_status().json()
        self.app, self.id, self.secret = made["id"], made["clientId"], made["clientSecret"]
        return made

    def link(self, **members: str) -> str:
        """The address that the app sends a person to."""
        query = {"client_id": self.id, "redirect_uri": CALLBACK, "scope": f"{READ} {WRITE}"} | members
        return str(httpx.URL("/oauth/authorize", params=query))

    async def answer(self, link: str, **members: str) -> httpx.Response:
        """Opens the page and answers it; allows in the default portal unless told otherwise."""
        page = await self.http.get(link)
        assert page.status_code == 200, page.text
        fields = {"csrf": csrf_of(page), "portal": "1000001", "decision": "allow"} | members
        return await self.http.post(link, data=fields, headers={"origin": "http://localhost"})

    async def code(self, **members: str) -> str:
        """A new code."""
        return sent_back(await self.answer(self.link(**members)))["code"]

    async def token(self, version: str = "v1", **fields: str) -> httpx.Response:
        """Asks for a token, with the app's credentials."""
        form = {"client_id": self.id, "client_secret": self.secret} | fields
        return await self.http.post(f"/oauth/{version}/token", data={k: v for k, v in form.items() if v})

    async def exchange(self, code: str, **fields: str) -> httpx.Response:
        """Exchanges a code."""
        return await self.token(**{"grant_type": "authorization_code", "redirect_uri": CALLBACK, "code": code} | fields)

    async def granted(self) -> Json:
        """The tokens of a new consent."""
        granted: Json = (await self.exchange(await self.code())).raise_for_status().json()
        return granted

    async def refresh(self, text: str, **fields: str) -> httpx.Response:
        """Asks for an access token with a refresh token."""
        return await self.token(**{"grant_type": "refresh_token", "refresh_token": text} | fields)

    async def calls(self, token: str) -> httpx.Response:
        """A request to the API."""
        return await self.http.get("/crm/v3/objects/calls", headers={"authorization": f"Bearer {token}"})


@asynccontextmanager
async def flow(called: str = "localhost", **members: Any) -> AsyncIterator[Flow]:
    """A server that is called by a name, with a registered app."""
    with clean() as data:
        settings, clock = Settings(**SETTINGS | {"data": data} | members), Hands()
        async with running(settings, clock, open_store(settings, clock), KNOWN) as app:
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=f"http://{called}") as http:
                made = Flow(http, clock)
                await made.register()
                yield made


def csrf_of(page: httpx.Response) -> str:
    """What the form of a page is sealed with."""
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', page.text)
    assert found, page.text
    return found[1]


def sent_back(response: httpx.Response) -> Mapping[str, str]:
    """What the app is told in the address that the person is sent to."""
    assert response.status_code == 303, response.text
    place = urlsplit(response.headers["location"])
    assert f"{place.scheme}://{place.netloc}{place.path}" == CALLBACK
    return {name: values[0] for name, values in parse_qs(place.query).items()}
