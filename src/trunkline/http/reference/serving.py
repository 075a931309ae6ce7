"""Serving what the server tells about itself, to anyone, with no token.

Nothing is made before it is asked for. The pages may load nothing but their own style and script from this server.
"""

import asyncio
import hashlib
import json
import re
from functools import lru_cache
from importlib.resources import files

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from trunkline.http.frame import JSON
from trunkline.http.reference.examples import HERE

STATIC = {
    "page.css": "text/css;charset=utf-8",
    "page.js": "text/javascript;charset=utf-8",
    "icon.svg": "image/svg+xml",
}
HTML = "text/html;charset=utf-8"
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HOST = re.compile(r"[A-Za-z0-9.-]+(:\d+)?|\[[0-9A-Fa-f:.]+\](:\d+)?")


def routes() -> list[Route]:
    """The document, the pages, and the parts that the pages load."""
    return [
        Route("/openapi.json", _openapi),
        Route("/docs", _page),
        Route("/docs/{name}", _page),
    ]


async def _openapi(request: Request) -> Response:
    return await _answer(request, "openapi.json", JSON.decode())


async def _page(request: Request) -> Response:
    """A page, or a part of one; raises a 404 for what is neither."""
    from trunkline.http.reference import page

    name = request.path_params.get("name", page.NUMBERED)
    if name in STATIC:
        return await _answer(request, name, STATIC[name])
    if name not in page.names():
        raise HTTPException(404)
    return await _answer(request, name, HTML)


async def _answer(request: Request, name: str, content_type: str) -> Response:
    """The content, or a 304 when the client has it already."""
    content, tag = await asyncio.to_thread(_sent, name, _address(request))
    headers = {"etag": tag, "cache-control": "no-cache", "content-security-policy": POLICY}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(content, 200, headers | {"content-type": content_type})


def _address(request: Request) -> str:
    """The address that the client reached this server by; what is no host name is not repeated."""
    host = request.headers.get("host", "")
    return f"{request.url.scheme}://{host}" if HOST.fullmatch(host) else HERE


@lru_cache(maxsize=32)
def _sent(name: str, address: str) -> tuple[bytes, str]:
    """What is sent under a name to those who use an address, and its entity tag."""
    content = _made(name).replace(HERE.encode(), address.encode())
    return content, f'"{hashlib.sha256(content).hexdigest()[:32]}"'


@lru_cache(maxsize=32)
def _made(name: str) -> bytes:
    from trunkline.http.reference.document import document
    from trunkline.http.reference.page import page

    if name in STATIC:
        return (files("trunkline") / "http" / "reference" / "static" / name).read_bytes()
    return json.dumps(document(), ensure_ascii=False).encode() if name == "openapi.json" else page(name)
