"""A request of the log as a command and as a program that send it again."""

import re
import shlex
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from msgspec import Struct

from trunkline.bench.exchange import Exchange
from trunkline.http.masking import MASKED
from trunkline.web.traffic.content import content, plain

TOKEN = "TRUNKLINE_TOKEN"
"""The variable that holds the token, whose text is in no log."""

LONGEST = 4_000
"""Characters of a body that stands in the command itself; a longer one is in a file beside it."""

DROPPED = frozenset(
    (
        *("accept-encoding", "connection", "content-length", "cookie", "expect", "forwarded"),
        *("host", "keep-alive", "origin", "priority", "referer", "te"),
        *("trailer", "transfer-encoding", "upgrade", "user-agent", "via", "x-trunkline-secret"),
    )
)
"""Headers that clients set by themselves, or that somebody on the way set."""

PASSING = ("sec-", "x-forwarded-", "proxy-", "cf-")
"""How the names of other such headers begin."""

_BEARER = re.compile(rf"(?i)(bearer ){MASKED}")
_PLAIN = re.compile(r"[A-Za-z0-9-]+")
_UNSAFE = re.compile(r"[^!-~]")


class Repeat(Struct, frozen=True):
    """The command and the program, the file that the body must be in, if any, and whether a secret is left out."""

    curl: str
    python: str
    file: str | None
    masked: bool


def repeat(one: Exchange, origin: str) -> Repeat:
    """How a request is sent again to a server."""
    headers = list(_headers(one))
    text = plain(one.request)
    whole = len(one.request.body) == one.request.size
    alone = text is not None and whole and len(text) <= LONGEST
    file = content(one.request).file if one.request.size and not alone else None
    address = f"{origin}{_path(one.path)}" + (f"?{_safe(one.query)}" if one.query else "")
    return Repeat(
        "".join(_curl(one.method, address, headers, text or "", file)),
        "".join(_python(one.method, address, headers, text or "", file)),
        file,
        MASKED in address
        or MASKED in (text or "")
        or any(MASKED in value for _, value in headers if not _is_bearer(value)),
    )


def _headers(one: Exchange) -> Iterator[tuple[str, str]]:
    """The headers that are the client's own."""
    for raw, content_ in one.request.headers:
        name, value = raw.decode("latin-1").lower(), content_.decode("latin-1")
        if name not in DROPPED and not name.startswith(PASSING) and (name, value) != ("accept", "*/*"):
            yield name, value


def _is_bearer(value: str) -> bool:
    return _BEARER.fullmatch(value) is not None


def _path(path: str) -> str:
    return quote(path, safe="/:@!$&'()*+,;=-._~")


def _safe(query: str) -> str:
    """A query as it came, with what no address may hold escaped."""
    return _UNSAFE.sub(lambda found: quote(found[0].encode("latin-1", "replace")), query)


def _curl(method: str, address: str, headers: Sequence[tuple[str, str]], body: str, file: str | None) -> Iterator[str]:
    options = _method(method, bool(body) or file is not None) + _literal(address)
    yield f"curl {options}{shlex.quote(address)}"
    for name, value in headers:
        yield f" \\\n  -H {_shell_header(name, value)}"
    if body or file is not None:
        if not any(name == "content-type" for name, _ in headers):
            # Without this curl would say that it sends a form.
            yield " \\\n  -H 'content-type:'"
        yield f" \\\n  --data-binary @{file}" if file is not None else f" \\\n  --data-raw {shlex.quote(body)}"


def _method(method: str, sends: bool) -> str:
    if method == "HEAD":
        return "--head "
    return "" if method == ("POST" if sends else "GET") else f"-X {shlex.quote(method)} "


def _literal(address: str) -> str:
    """What keeps curl from reading more into an address than it says."""
    return ("--globoff " if any(mark in address for mark in "[]{}") else "") + (
        "--path-as-is " if "/." in address else ""
    )


def _shell_header(name: str, value: str) -> str:
    found = _BEARER.fullmatch(value)
    # Only between double quotes is a variable filled in, and there a name may hold nothing that a shell heeds.
    if found and _PLAIN.fullmatch(name):
        return f'"{name}: {found[1]}${TOKEN}"'
    return shlex.quote(f"{name}: {value}" if value else f"{name};")


def _python(
    method: str, address: str, headers: Sequence[tuple[str, str]], body: str, file: str | None
) -> Iterator[str]:
    shown = [(repr(name), _python_value(value)) for name, value in headers]
    if any("os.environ" in value for _, value in shown):
        yield "import os\n"
    if file is not None:
        yield "from pathlib import Path\n"
    yield f"import httpx\n\nanswer = httpx.request(\n    {method!r},\n    {address!r},\n"
    if shown:
        yield "    headers=[\n" + "".join(f"        ({name}, {value}),\n" for name, value in shown) + "    ],\n"
    if file is not None:
        yield f"    content=Path({file!r}).read_bytes(),\n"
    elif body:
        yield f"    content={body!r},\n"
    yield ")\nprint(answer.status_code, answer.text)"


def _python_value(value: str) -> str:
    found = _BEARER.fullmatch(value)
    if found:
        return f"f\"{found[1]}{{os.environ['{TOKEN}']}}\""
    return repr(value) if value.isascii() else repr(value.encode("latin-1"))
