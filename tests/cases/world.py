"""What a case knows while it runs: the server, the records it made by name, and how to ask again."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx
from cases.case import Request
from msgspec import UNSET

TYPE = "/crm/v3/objects/calls"
KEY = "ext_ref"
"""The custom unique property by which cases name their records."""
SECOND_KEY = "ext_ref2"
"""Another one, which some cases define."""

_PLACE = re.compile(r"\{(id|portal|token)(?::([^{}]*))?\}")
_NUMBER = re.compile(r"\{number:([^{}]+)\}")


class Server(Protocol):
    """A running server with an empty store, as the fixture hands it over."""

    @property
    def url(self) -> str: ...
    @property
    def token(self) -> str: ...
    @property
    def portal(self) -> int: ...
    def client(self) -> httpx.Client: ...
    def make_token(self, scopes: list[str]) -> str: ...


@dataclass(frozen=True)
class Reply:
    """An answer, read once: `body` is the JSON, or None where the answer is empty or not JSON."""

    method: str
    path: str
    status: int
    headers: httpx.Headers
    text: str
    body: Any

    @property
    def records(self) -> list[dict[str, Any]]:
        """The records of the answer: the results of a batch or a list, or the one record that it is.

        The properties of a schema are a list.
        """
        if not isinstance(self.body, dict):
            return []
        found = self.body.get("results", [self.body])
        records = [record for record in found if isinstance(record, dict) and "id" in record]
        return [record for record in records if isinstance(record.get("properties"), dict)]


@dataclass
class World:
    """One case's view of one server."""

    server: Server
    client: httpx.Client
    authorization: str | None
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By the name a case gives it: a record as the server last showed it before the request under test."""
    defined: set[str] = field(default_factory=set)

    def ask(self, method: str, path: str, body: Any = UNSET) -> Reply:
        """A request beside the one under test, with every scope."""
        content = b"" if body is UNSET else json.dumps(body).encode()
        headers = {} if body is UNSET else {"Content-Type": "application/json"}
        return _reply(self.client.request(method, path, content=content, headers=headers), path)

    def ask_well(self, method: str, path: str, body: Any = UNSET) -> Reply:
        """Like `ask`; an answer that is no success ends the case."""
        reply = self.ask(method, path, body)
        if reply.status >= 300 or reply.status == 207:
            raise AssertionError(f"{method} {path} with {body!r} answered {reply.status}: {reply.text}")
        return reply

    def send(self, request: Request) -> Reply:
        """The request under test."""
        path = self.fill(request.path)
        content = self._content(request)
        built = self.client.build_request(request.method, path, content=content)
        del built.headers["Authorization"]
        if self.authorization is not None:
            built.headers["Authorization"] = self.authorization
        if content is not None:
            built.headers["Content-Type"] = "application/json"
        built.headers.update(self.fill(request.headers))
        return _reply(self.client.send(built), path)

    def _content(self, request: Request) -> bytes | None:
        if not isinstance(request.raw_hex, type(UNSET)):
            return bytes.fromhex(request.raw_hex)
        if not isinstance(request.raw_body, type(UNSET)):
            parts = self.fill(request.raw_body)
            return "".join(parts).encode()
        if request.body is UNSET:
            return None
        return json.dumps(self.fill(request.body), ensure_ascii=False, separators=(",", ":")).encode()

    def upsert(self, *inputs: dict[str, Any]) -> list[dict[str, Any]]:
        """The results of an upsert that must succeed whole."""
        results: list[dict[str, Any]] = self.ask_well("POST", f"{TYPE}/batch/upsert", {"inputs": inputs}).body[
            "results"
        ]
        return results

    def id(self, name: str) -> str:
        """The id of a record that the case made."""
        return str(self.records[name]["id"])

    def fill(self, value: Any) -> Any:
        """A value of a case with its placeholders resolved and its repeats written out.

        `{id:A1}` is the id of the record A1 and `{number:A1}` the same as a JSON number; `{portal}` and `{token}` are
        the server's. An object of `$repeat` and `$item` is a list of so many items, `{n}` in it counting from 1; one of
        `$text` and `$times` is a text repeated.
        """
        if isinstance(value, str):
            whole = _NUMBER.fullmatch(value)
            return int(self.id(whole[1])) if whole else _PLACE.sub(self._place, value)
        if isinstance(value, list):
            return [self.fill(element) for element in value]
        if isinstance(value, dict):
            if "$text" in value:
                return str(value["$text"]) * int(value["$times"])
            if "$repeat" in value:
                return [self.fill(numbered(value["$item"], n)) for n in range(1, value["$repeat"] + 1)]
            return {self.fill(key): self.fill(inner) for key, inner in value.items()}
        return value

    def _place(self, match: re.Match[str]) -> str:
        if match[1] == "id":
            return self.id(match[2])
        return str(self.server.portal) if match[1] == "portal" else self.server.token

    def named(self, reply: Reply) -> Iterator[tuple[str, dict[str, Any]]]:
        """The records of an answer with their names: by a known id, by a key they show, or else by their id."""
        known = {record["id"]: name for name, record in self.records.items()}
        for record in reply.records:
            shown = record["properties"]
            yield known.get(record["id"]) or shown.get(KEY) or shown.get(SECOND_KEY) or record["id"], record


def numbered(value: Any, n: int) -> Any:
    """A value with every `{n}` in its texts replaced by a number."""
    if isinstance(value, str):
        return value.replace("{n}", str(n))
    if isinstance(value, list):
        return [numbered(element, n) for element in value]
    if isinstance(value, dict):
        return {key: numbered(inner, n) for key, inner in value.items()}
    return value


def _reply(response: httpx.Response, path: str) -> Reply:
    is_json = response.headers.get("Content-Type", "").startswith("application/json")
    body = json.loads(response.text) if is_json and response.text else None
    return Reply(response.request.method, path, response.status_code, response.headers, response.text, body)
