"""Bodies of requests and answers as people read them."""

import re

import msgspec
from msgspec import Struct

from trunkline.bench.exchange import Message

MOST = 20_000
"""Characters of a body that a page shows."""

MOST_BYTES = 256
"""Bytes that are shown of what is no text."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")


class Content(Struct, frozen=True):
    """A body as it is shown: what kind it is, its text, how many characters there would be, and what file it makes."""

    kind: str
    text: str
    length: int

    @property
    def short(self) -> bool:
        """Whether only a part is shown."""
        return len(self.text) < self.length

    @property
    def file(self) -> str:
        """What it is called as a file."""
        return {"json": "body.json", "text": "body.txt"}.get(self.kind, "body.bin")


def content(message: Message) -> Content:
    """A body: JSON is laid out, and what is no text is told by its bytes."""
    body = message.body
    if not body:
        return Content("none", "", 0)
    laid = _json(body)
    text = plain(message) if laid is None else laid
    if text is None:
        return Content("binary", _dump(body[:MOST_BYTES]), len(body))
    return Content("text" if laid is None else "json", text[:MOST], len(text))


def plain(message: Message) -> str | None:
    """A body as text; None if it is none. The last character may be missing where the log cut it."""
    whole = len(message.body) == message.size
    try:
        text = message.body.decode() if whole else _cut(message.body)
    except UnicodeDecodeError:
        return None
    return None if _CONTROL.search(text) else text


def _cut(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as cause:
        if cause.reason == "unexpected end of data":
            return body[: cause.start].decode()
        raise


def _json(body: bytes) -> str | None:
    try:
        return msgspec.json.format(body, indent=2).decode()
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _dump(body: bytes) -> str:
    """Bytes in lines of sixteen, with what is printable in them beside."""
    lines = (body[n : n + 16] for n in range(0, len(body), 16))
    return "\n".join(f"{line.hex(' '):<47}  {''.join(_printable(byte) for byte in line)}" for line in lines)


def _printable(byte: int) -> str:
    return chr(byte) if 32 <= byte < 127 else "."
