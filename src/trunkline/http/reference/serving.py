"""Serving what the server tells about itself, to anyone, with no token.

Nothing is made before it is asked for. The pages may load nothing but their own style and scripts from this server, and
send nothing anywhere else. They hold nothing that is not the same for everybody.
"""

import asyncio
import gzip
import hashlib
import json
import re
from functools import lru_cache
from importlib.resources import files

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from trunkline import language
from trunkline.http.frame import JSON
from trunkline.http.reference.examples import HERE

JAVASCRIPT = "text/javascript;charset=utf-8"
STATIC = {
    "page.css": "text/css;charset=utf-8",
    "page.js": JAVASCRIPT,
    "search.js": JAVASCRIPT,
    "try.js": JAVASCRIPT,
}
OPENAPI = "openapi.json"
INDEX = "search.json"
HTML = "text/html;charset=utf-8"
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HOST = re.compile(r"[A-Za-z0-9.-]+(:\d+)?|\[[0-9A-Fa-f:.]+\](:\d+)?")
VARIES = "Accept-Encoding, Accept-Language, Cookie"


def routes() -> list[Route]:
    """The document, the pages, and the parts that the pages load."""
    return [
        Route(f"/{OPENAPI}", _openapi),
        Route("/docs", _contents),
        Route("/docs/{name}", _contents),
        Route("/docs/{name}/{part}", _part),
    ]


async def _openapi(request: Request) -> Response:
    return await _answer(request, OPENAPI, JSON.decode())


async def _contents(request: Request) -> Response:
    """The contents of a version, or what all pages load; raises a 404 for what is neither."""
    from trunkline.http.reference.entries import NUMBERED, names

    name = request.path_params.get("name", NUMBERED)
    if name in STATIC:
        return await _answer(request, name, STATIC[name])
    if name not in names():
        raise HTTPException(404)
    return await _answer(request, name, HTML)


async def _part(request: Request) -> Response:
    """A chapter of a version, or what its search looks through; raises a 404 for what is neither."""
    from trunkline.http.reference.entries import chapters, names

    name, part = request.path_params["name"], request.path_params["part"]
    if name not in names() or (part != INDEX and part not in chapters(name)):
        raise HTTPException(404)
    return await _answer(request, f"{name}/{part}", JSON.decode() if part == INDEX else HTML)


async def _answer(request: Request, name: str, content_type: str) -> Response:
    """The content in the reader's language, or a 304 when the client has it already."""
    asked = request.query_params.get(language.ASKED)
    read = language.ENGLISH if name in (*STATIC, OPENAPI) else _read(request, asked)
    is_packed = "gzip" in request.headers.get("accept-encoding", "")
    content, tag = await asyncio.to_thread(_sent, name, read, _address(request), is_packed)
    headers = {"etag": tag, "cache-control": "no-cache", "content-security-policy": POLICY, "vary": VARIES}
    if content_type == HTML and (keeping := language.keeping(asked)):
        headers["set-cookie"] = keeping
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    packed = {"content-encoding": "gzip"} if is_packed else {}
    return Response(content, 200, headers | packed | {"content-type": content_type})


def _read(request: Request, asked: str | None) -> str:
    """The reader's language."""
    return language.chosen(asked, request.cookies.get(language.COOKIE), request.headers.get("accept-language"))


def _address(request: Request) -> str:
    """The address that the client reached this server by; what is no host name is not repeated."""
    host = request.headers.get("host", "")
    return f"{request.url.scheme}://{host}" if HOST.fullmatch(host) else HERE


@lru_cache(maxsize=64)
def _sent(name: str, read: str, address: str, is_packed: bool) -> tuple[bytes, str]:
    """What is sent under a name to those who use an address, and its entity tag."""
    content = _made(name, read).replace(HERE.encode(), address.encode())
    sent = gzip.compress(content, mtime=0) if is_packed else content
    return sent, f'"{hashlib.sha256(sent).hexdigest()[:32]}"'


@lru_cache(maxsize=64)
def _made(name: str, read: str) -> bytes:
    from trunkline.http.reference import finding, page
    from trunkline.http.reference.document import document
    from trunkline.http.reference.edition import edition
    from trunkline.http.reference.entries import chapters

    if name in STATIC:
        return (files("trunkline") / "http" / "reference" / "static" / name).read_bytes()
    if name == OPENAPI:
        return json.dumps(document(), ensure_ascii=False).encode()
    version, _, part = name.partition("/")
    if part == INDEX:
        return json.dumps(finding.index(edition(read), version), ensure_ascii=False).encode()
    return (
        page.chapter(edition(read), version, chapters(version)[part]) if part else page.contents(edition(read), version)
    )
