"""Reaching a store from the command line: through its server when one is running, else directly."""

import asyncio
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

import msgspec

from trunkline.clock import Clock
from trunkline.errors import Refusal
from trunkline.http.control import PREFIX, SECRET, NewToken, describe, issue
from trunkline.store.protocol import StoreRefused
from trunkline.store.sqlite.connection import MEMORY
from trunkline.store.sqlite.lock import Served, ServerLock
from trunkline.store.sqlite.store import SqliteStore

SECONDS = 30
Json = dict[str, Any]
T = TypeVar("T")


class Access(Protocol):
    """What the command line does with tokens. Everything raises `StoreRefused` with a sentence for the operator."""

    def create(self, name: str, scopes: list[str], portal: int | None) -> Json:
        """Makes a token; the answer has its text."""

    def list(self) -> "list[Json]":
        """All tokens, without their texts."""

    def revoke(self, app: int) -> bool:
        """Revokes one; False when there is none to revoke."""


def access(path: str) -> Access:
    """The way to the store of a file."""
    if path == MEMORY:
        raise StoreRefused("A store in memory lives in its server alone; give that server a --token instead.")
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
    """Opens the file itself."""

    def __init__(self, path: str) -> None:
        self._store = SqliteStore(path, Clock())

    def create(self, name: str, scopes: list[str], portal: int | None) -> Json:
        """Makes a token; the answer has its text."""
        try:
            asked = msgspec.convert({"name": name, "scopes": scopes, "portal": portal}, NewToken)
            token, text = asyncio.run(self._opened(lambda: issue(self._store, Clock(), asked)))
        except (msgspec.ValidationError, Refusal) as cause:
            raise StoreRefused(f"No such token can be made: {cause}") from cause
        return describe(token) | {"token": text}

    def list(self) -> "list[Json]":
        """All tokens, without their texts."""

        async def read() -> list[Json]:
            return [describe(token) for token in self._store.tokens()]

        return asyncio.run(self._opened(read))

    def revoke(self, app: int) -> bool:
        """Revokes one; False when there is none to revoke."""
        return asyncio.run(self._opened(lambda: self._store.revoke(app)))

    async def _opened(self, work: Callable[[], Awaitable[T]]) -> T:
        await self._store.open()
        try:
            return await work()
        finally:
            await self._store.close()


class Remote:
    """Asks the server that has the file, with the secret that it left in the lock."""

    def __init__(self, served: Served) -> None:
        self._served = served

    def create(self, name: str, scopes: list[str], portal: int | None) -> Json:
        """Makes a token; the answer has its text."""
        asked = {"name": name, "scopes": scopes, "portal": portal}
        return msgspec.json.decode(self._ask("POST", "/tokens", asked), type=Json)

    def list(self) -> "list[Json]":
        """All tokens, without their texts."""
        return msgspec.json.decode(self._ask("GET", "/tokens"), type=dict[str, list[Json]])["results"]

    def revoke(self, app: int) -> bool:
        """Revokes one; False when there is none to revoke."""
        try:
            self._ask("DELETE", f"/tokens/{app}")
        except LookupError:
            return False
        return True

    def _ask(self, method: str, path: str, body: Json | None = None) -> bytes:
        headers = {SECRET: self._served.secret, "content-type": "application/json"}
        data = None if body is None else msgspec.json.encode(body)
        request = urllib.request.Request(f"{self._served.url}{PREFIX}{path}", data, headers, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=SECONDS) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as cause:
            if cause.code == 404:
                raise LookupError(path) from cause
            raise StoreRefused(f"The server refused: {msgspec.json.decode(cause.read())['message']}") from cause
        except OSError as cause:
            raise StoreRefused(f"The server at {self._served.url} does not answer: {cause}") from cause
