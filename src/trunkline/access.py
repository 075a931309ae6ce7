"""Reaching the control namespace from the command line: of the server that has the file, else over the file itself."""

import asyncio
import ssl
from collections.abc import Mapping
from typing import Any, Protocol

import httpx
import msgspec

from trunkline.app import build, is_shared, open_store
from trunkline.clock import Clock
from trunkline.http.call import state_of
from trunkline.http.control import PREFIX, SECRET
from trunkline.settings import Settings
from trunkline.store.protocol import StoreRefused
from trunkline.store.sqlite.connection import MEMORY
from trunkline.store.sqlite.lock import Served, ServerLock

SECONDS = 60
Json = dict[str, Any]


class NotThere(StoreRefused):
    """The thing that the command names is not there."""


class Access(Protocol):
    """What the command line does: all of it goes through the control namespace."""

    def ask(self, method: str, path: str, body: object = None) -> Json:
        """The answer, empty where there is none; raises `StoreRefused` with a sentence for the operator."""


def access(path: str, secret: str | None = None) -> Access:
    """The way to the store of a file, to a database, which a server need not be asked for, or to a server by its URL.

    The last takes the secret of that server.
    """
    if path.startswith(("http://", "https://")):
        if secret is None:
            raise StoreRefused(f"What opens the control namespace of {path} is its secret: set TRUNKLINE_SECRET.")
        return Remote(Served(0, path.rstrip("/"), secret))
    if is_shared(path):
        return Direct(path)
    if path == MEMORY:
        raise StoreRefused("A store in memory lives in its server alone: name that server by its URL instead.")
    lock = ServerLock(path)
    try:
        lock.acquire()
    except StoreRefused:
        served = lock.served()
        if served is None:
            raise
        return Remote(served)
    except FileNotFoundError as cause:
        raise StoreRefused(f"{path} is not there: {cause.strerror}") from cause
    lock.release()
    return Direct(path)


class Direct:
    """Opens the store itself, and asks as if a server had it."""

    def __init__(self, path: str) -> None:
        self._path = path

    def ask(self, method: str, path: str, body: object = None) -> Json:
        """The answer; raises `StoreRefused`."""
        return asyncio.run(self._ask(method, path, body))

    async def _ask(self, method: str, path: str, body: object) -> Json:
        clock = Clock()
        settings = Settings(data=self._path)
        store, secret = open_store(settings, clock), clock.secret()
        await store.open()
        try:
            state = await state_of(store, clock, settings, secret)
            transport = httpx.ASGITransport(app=build(state), client=("", 0))
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                answer = _read(await client.send(_request(client, method, path, body, secret)))
            await state.trail.flush()
            return answer
        finally:
            await store.close()


class Remote:
    """Asks the server that has the file, with the secret that it left in the lock."""

    def __init__(self, served: Served) -> None:
        self._served = served

    def ask(self, method: str, path: str, body: object = None) -> Json:
        """The answer; raises `StoreRefused`."""
        try:
            with httpx.Client(
                base_url=self._served.url, trust_env=False, timeout=SECONDS, verify=_trusted(self._served)
            ) as client:
                return _read(client.send(_request(client, method, path, body, self._served.secret)))
        except (httpx.TransportError, OSError) as cause:
            raise StoreRefused(f"The server at {self._served.url} does not answer: {cause}") from cause


def _trusted(served: Served) -> ssl.SSLContext | bool:
    """Whom to trust to be that server; nobody who speaks plain HTTP is asked, and to load the usual ones takes long."""
    return ssl.create_default_context(cafile=served.authority) if served.authority else False


def _request(
    client: httpx.Client | httpx.AsyncClient, method: str, path: str, body: object, secret: str
) -> httpx.Request:
    content = b"" if body is None else msgspec.json.encode(body)
    headers: Mapping[str, str] = {SECRET: secret, "content-type": "application/json"}
    return client.build_request(method, PREFIX + path, content=content, headers=headers)


def _read(answer: httpx.Response) -> Json:
    if answer.status_code == 404:
        raise NotThere("It is not there.")
    if answer.is_error:
        raise StoreRefused(f"Refused: {msgspec.json.decode(answer.content)['message']}")
    return msgspec.json.decode(answer.content, type=Json) if answer.content else {}
