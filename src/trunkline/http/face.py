"""What all pages for people have in common: their templates, the headers that they are sent with, and what they load.

No site may frame a page, no cache keeps one, and no other site is told that its reader comes from it. What pages load
comes from this server alone.
"""

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

if TYPE_CHECKING:
    from jinja2 import Environment

HEADERS = {
    "content-type": "text/html;charset=utf-8",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
    "referrer-policy": "same-origin",
}
"""With no-referrer browsers would not say where a form comes from, which is how a forged one is told."""

MEDIA: Mapping[str, str] = {
    ".css": "text/css;charset=utf-8",
    ".js": "text/javascript;charset=utf-8",
    ".svg": "image/svg+xml",
}
"""What the files are that pages load."""


PACKAGE = "trunkline.http"
COMMON = ("ground.css", "icon.svg")
"""What all pages load."""


def routes() -> list[Route]:
    """What all pages load."""
    return [Route("/face/{name}", _common)]


async def _common(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in COMMON:
        raise HTTPException(404)
    return part(request, PACKAGE, name)


@cache
def templates(package: str) -> "Environment":
    """The templates in a package's folder of that name, beside those that all have in common.

    A template that is given less than it shows is an error.
    """
    # Imported when the first page is asked for: most servers never show one, and all of them start faster.
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader(PACKAGE)]),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def part(request: Request, package: str, name: str) -> Response:
    """A file that pages load, of a package's folder `static`, or a 304 when the client has it already."""
    content, tag = _file(package, name)
    headers = {"etag": tag, "cache-control": "no-cache"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(content, 200, headers | {"content-type": MEDIA[name[name.rindex(".") :]]})


@cache
def _file(package: str, name: str) -> tuple[bytes, str]:
    content = (files(package) / "static" / name).read_bytes()
    return content, f'"{hashlib.sha256(content).hexdigest()[:32]}"'
