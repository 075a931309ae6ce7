"""Records what the example requests of the reference answer, into `src/trunkline/data/reference/answers.json`.

    python tools/examples.py [--check]

Every example that writes is sent to a server of its own, in memory and with a clock of its own, so that the same code
always records the same answers.
"""

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import structlog

from trunkline.app import open_store, running
from trunkline.clock import Clock
from trunkline.http.body import FORM
from trunkline.http.control import PREFIX, SECRET
from trunkline.http.oauth.consent import AUTHORIZE
from trunkline.http.operation import Operation
from trunkline.http.reference.data import Request, guide
from trunkline.http.reference.examples import HERE, TOKEN, UUID, by_key, url
from trunkline.http.reference.intro import REDIRECT, SCOPES
from trunkline.http.routes import OPERATIONS
from trunkline.settings import Settings

ANSWERS = Path(__file__).resolve().parent.parent / "src" / "trunkline" / "data" / "reference" / "answers.json"
TEXT = "pat-local-example"
OWN_SECRET = "secret"
PORTAL = 1_000_001
START = 1_745_571_600_000
"""2025-04-25 09:00 UTC."""

ROWS = by_key(OPERATIONS)
Json = dict[str, Any]


class Steady(Clock):
    """A clock that stands still during a request, and names things in order."""

    def __init__(self) -> None:
        self._now, self._made, self._drawn = START, 0, 0

    def advance(self) -> None:
        """Goes on by a second, to the next request."""
        self._now, self._made = self._now + 1000, 0

    def real(self) -> int:
        """The time in milliseconds."""
        return self._now

    def identifier(self) -> str:
        """An identifier that has the time and a number."""
        self._made += 1
        high = f"{self._now:012x}"
        return f"{high[:8]}-{high[8:]}-7000-8000-{self._made:012x}"

    def secret(self) -> str:
        """43 characters that nobody takes for a secret."""
        self._drawn += 1
        return f"{self._drawn:x>43}"


class World:
    """A server on which the preparations were made; `names` are the variables that they left."""

    def __init__(self, client: httpx.AsyncClient, clock: Steady) -> None:
        self._client = client
        self._clock = clock
        self._names = {TOKEN: TEXT}

    async def prepare(self) -> None:
        """Lets an app in, and makes what the examples work on, a second for each request."""
        self._names |= await connect(self._client, OWN_SECRET)
        for step in guide().prepare:
            answer = await self.send(step, ROWS[step.operation], "v3")
            if step.keep:
                found = re.search(UUID, answer.text)
                self._names[step.keep] = found[0] if found else ""
            if step.keep and "location" in answer.headers:
                await self._completed(answer.headers["location"])
            await self._settled(answer)
            self._clock.advance()

    async def _settled(self, answer: httpx.Response) -> None:
        """Waits until an import or an export is done that was started."""
        link = str(answer.url)
        if link.endswith("/imports"):
            await self._completed(f"{link}/{answer.json()['id']}")
        elif link.endswith("/export/async"):
            await self._completed(answer.json()["links"]["status"])

    async def send(self, request: Request, row: Operation, version: str) -> httpx.Response:
        """Sends one request; what is refused is told."""
        address = self._filled(url(request, row, version))
        content, media = self._filled(request.body or ""), "application/json"
        if row.media == "multipart":
            sent, media = multipart(request)
            headers = {**request.headers, "content-type": media, "authorization": f"Bearer {TEXT}"}
            return await self._client.request(row.method, address, content=sent, headers=headers)
        if request.form:
            content, media = urlencode({name: self._filled(text) for name, text in request.form.items()}), FORM
        headers = {**request.headers, "content-type": media}
        if row.verb is not None:
            headers["authorization"] = f"Bearer {TEXT}"
        answer = await self._client.request(row.method, address, content=content, headers=headers)
        if answer.is_error:
            print(f"{row.method} {answer.url} answered {answer.status_code}: {answer.text[:300]}", file=sys.stderr)
        return answer

    def _filled(self, text: str) -> str:
        return Template(text).safe_substitute(self._names)

    async def _completed(self, link: str) -> None:
        """Waits until a batch is done that is carried out later."""
        headers = {"authorization": f"Bearer {TEXT}"}
        for _ in range(1000):
            told = (await self._client.get(link, headers=headers)).json()
            if told.get("status", told.get("state")) in ("COMPLETE", "DONE"):
                return
            await asyncio.sleep(0.001)
        raise TimeoutError(link)


def multipart(request: Request) -> tuple[bytes, str]:
    """A form with files, and its media type."""
    files = [("files", (name, content.strip(), "text/csv")) for name, content in request.files.items()]
    media = "multipart/form-data; boundary=trunkline"
    built = httpx.Request("POST", HERE, data=dict(request.form), files=files, headers={"content-type": media})
    return built.read(), media


async def connect(client: httpx.AsyncClient, secret: str) -> dict[str, str]:
    """Registers an app and lets it in: by name, what the examples take from variables.

    `secret` is that of the server's control namespace.
    """
    asked = {"name": "Dialer", "redirectUris": [REDIRECT], "scopes": SCOPES, "portal": PORTAL}
    app = (await client.post(f"{PREFIX}/apps", json=asked, headers={SECRET: secret})).json()
    names = {
        "APP_ID": "1",
        "PORTAL_ID": str(PORTAL),
        "CLIENT_ID": app["clientId"],
        "CLIENT_SECRET": app["clientSecret"],
    }
    for age in ("", "OLD_"):
        form = {"grant_type": "authorization_code", "code": await code(client, names["CLIENT_ID"])}
        form |= {"redirect_uri": REDIRECT, **{name.lower(): names[name] for name in ("CLIENT_ID", "CLIENT_SECRET")}}
        given = (await client.post("/oauth/2026-03/token", data=form)).json()
        names |= {f"{age}{name.upper()}": given[name] for name in ("access_token", "refresh_token")}
    return names | {"CODE": await code(client, names["CLIENT_ID"])}


async def code(client: httpx.AsyncClient, client_id: str) -> str:
    """The code for which a person lets an app in, as in a browser."""
    question = {"client_id": client_id, "redirect_uri": REDIRECT, "scope": " ".join(SCOPES)}
    page = await client.get(AUTHORIZE, params=question)
    (seal,) = re.findall('name="csrf" value="([^"]+)"', page.text)
    decision = {"csrf": seal, "portal": str(PORTAL), "decision": "allow"}
    sent = await client.post(AUTHORIZE, params=question, data=decision)
    return parse_qs(urlsplit(sent.headers["location"]).query)["code"][0]


@asynccontextmanager
async def world() -> AsyncIterator[World]:
    """A new server, prepared."""
    settings, clock = Settings(data=":memory:", token=TEXT), Steady()
    async with running(settings, clock, open_store(settings, clock), OWN_SECRET) as app:
        transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 1), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=HERE) as client:
            made = World(client, clock)
            await made.prepare()
            yield made


async def recorded() -> Json:
    """By operation, for each of its examples, the answers that differ by version."""
    found: Json = {about.operation: [[] for _ in about.example] for about in guide().operation}
    for version in dict.fromkeys(version for row in OPERATIONS for version in row.versions):
        async with world() as reading:
            for about in guide().operation:
                row = ROWS[about.operation]
                for number, example in enumerate(about.example if version in row.versions else ()):
                    if version not in example.not_in:
                        _add(found[about.operation][number], await _answer(example, row, version, reading))
    return found


def _add(known: list[Json], answer: Json) -> None:
    """Adds an answer, or its version to an equal one."""
    same = next((other for other in known if {**other, "versions": None} == {**answer, "versions": None}), None)
    if same is None:
        known.append(answer)
    else:
        same["versions"] += answer["versions"]


async def _answer(request: Request, row: Operation, version: str, reading: World) -> Json:
    """What a request answers; one that may write has a server of its own."""
    if row.verb is not None and row.verb.lower().endswith("read") and row.method != "DELETE":
        return _kept(request, version, await reading.send(request, row, version))
    async with world() as own:
        return _kept(request, version, await own.send(request, row, version))


def _kept(request: Request, version: str, answer: httpx.Response) -> Json:
    kept: Json = {"versions": [version], "status": answer.status_code}
    body: Any = answer.json() if answer.content else None
    if request.shorten is not None:
        results = body if isinstance(body, list) else body["results"]
        kept["total"] = len(results)
        del results[request.shorten :]
    return kept if body is None else kept | {"body": body}


def text() -> str:
    """The file as it is to be."""
    return json.dumps(asyncio.run(recorded()), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    made = text()
    if "--check" in sys.argv:
        sys.exit("Not up to date, run `make reference`: answers.json" if ANSWERS.read_text("utf-8") != made else 0)
    ANSWERS.write_text(made, "utf-8")
