"""A request to an application in this process, and its answer to the byte."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

import httpx
from starlette.types import ASGIApp, Message

HOST = "localhost"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=parts"


@dataclass(frozen=True)
class Sent:
    """A request; the path and the values of the query are not encoded yet."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""


@dataclass(frozen=True)
class Reply:
    """An answer."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        """The value of a header; "" where there is none."""
        return dict(self.headers).get(name, "")

    @property
    def text(self) -> str:
        """Headers and body in one text, to be looked through."""
        return "\n".join([*(f"{name}: {value}" for name, value in self.headers), self.body.decode()])


def multipart(form: Mapping[str, str], files: Mapping[str, str]) -> bytes:
    """The bytes of a form with files, each by its name."""
    parts = [("files", (name, content.strip(), "text/csv")) for name, content in files.items()]
    fields = [(name, (None, text)) for name, text in form.items()]
    made = httpx.Request("POST", "http://test", files=[*fields, *parts], headers={"content-type": MULTIPART})
    return made.read()


async def ask(app: ASGIApp, sent: Sent) -> Reply:
    """Sends a request, as from a browser or a client on the same machine."""
    headers = {"host": HOST, "content-length": str(len(sent.content))} | dict(sent.headers)
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": sent.method,
        "scheme": "http",
        "path": sent.path,
        "raw_path": quote(sent.path).encode(),
        "query_string": urlencode(sent.query).encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": (HOST, 80),
    }
    told: list[Message] = []
    contents = [sent.content]

    async def receive() -> Message:
        if not contents:
            await asyncio.Event().wait()  # the client stays until it has its answer
        return {"type": "http.request", "body": contents.pop(), "more_body": False}

    async def send(message: Message) -> None:
        told.append(message)

    await app(scope, receive, send)
    start = next(message for message in told if message["type"] == "http.response.start")
    body = b"".join(message.get("body", b"") for message in told if message["type"] == "http.response.body")
    return Reply(start["status"], tuple((name.decode(), value.decode()) for name, value in start["headers"]), body)
