"""What a test asks of the control namespace."""

import http.client
import json
from collections.abc import Mapping
from contextlib import closing
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

SECONDS = 30.0

Json = dict[str, Any]


class Refused(Exception):
    """What a test asked of the control namespace was refused; says why in a sentence."""


class Operator:
    """The operator of a server, by its URL and its secret.

    The standard library's client is used: another one takes longer to import than a test may wait.
    """

    def __init__(self, url: str, secret: str) -> None:
        self._place = urlsplit(url)
        self._secret = secret

    def ask(self, method: str, path: str, body: object = None, query: Mapping[str, object] | None = None) -> Json:
        """The answer, empty where there is none; raises `Refused`, and `OSError` when there is no such server."""
        target = f"/_trunkline{path}{f'?{urlencode(query)}' if query else ''}"
        content = None if body is None else json.dumps(body).encode()
        headers = {"x-trunkline-secret": self._secret, "content-type": "application/json"}
        with closing(self._connection()) as connection:
            connection.request(method, target, content, headers)
            answer = connection.getresponse()
            return _read(f"{method} {target}", answer.status, answer.read())

    def pages(self, path: str, query: Mapping[str, object] | None = None) -> list[Json]:
        """All results of a list, of which an answer has a page."""
        found: list[Json] = []
        asked = dict(query or {})
        while True:
            page = self.ask("GET", path, query=asked)
            found += page["results"]
            if "paging" not in page:
                return found
            asked["after"] = page["paging"]["next"]["after"]

    def _connection(self) -> http.client.HTTPConnection:
        kind = http.client.HTTPSConnection if self._place.scheme == "https" else http.client.HTTPConnection
        return kind(self._place.hostname or "", self._place.port, timeout=SECONDS)


def part(name: str) -> str:
    """A name as a part of a path."""
    return quote(name, safe="")


def _read(asked: str, status: int, content: bytes) -> Json:
    if status >= 400:
        raise Refused(f"{asked}: {status} {_said(content)}")
    answer: Json = json.loads(content) if content else {}
    return answer


def _said(content: bytes) -> str:
    try:
        return str(json.loads(content)["message"])
    except (ValueError, KeyError, TypeError):
        return content.decode(errors="replace")[:200]
