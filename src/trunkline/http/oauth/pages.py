"""The pages that people see on the way of an authorization, and their style sheet.

They hold no script and load nothing but their style and icon from this server. No site may frame them, no cache keeps
them, and no other site is told that their reader comes from them.
"""

import hashlib
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

if TYPE_CHECKING:
    from jinja2 import Environment

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action {targets}"
)
HEADERS = {
    "content-type": "text/html;charset=utf-8",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
    "referrer-policy": "same-origin",
}
"""With no-referrer browsers would not say where a form comes from, which is how a forged one is told."""

STYLE = "/oauth/style.css"

_HOST = re.compile(r"[A-Za-z0-9.-]+")
_TARGETS = re.compile(r"('self'|'none'|[a-z][a-z0-9+.-]*:(//[A-Za-z0-9.-]+(:\d+)?)?)( (?!$)|$)")


def routes() -> list[Route]:
    """What the pages load."""
    return [Route(STYLE, _style)]


def render(name: str, *, status: int = 200, form_action: str = "'self'", **context: object) -> Response:
    """One page: the template of a name, with all that it shows.

    `form_action` says where the page's form may lead, redirects included (see `leading_to`); raises `ValueError` when
    that is no list of such places, since it would say something else to the browser. A template that is given less
    than it shows raises `jinja2.UndefinedError`.
    """
    if not re.fullmatch(f"({_TARGETS.pattern})+", form_action):
        raise ValueError(f"no sources of a policy: {form_action!r}")
    content = _templates().get_template(name).render(context)
    headers = HEADERS | {"content-security-policy": POLICY.format(targets=form_action)}
    return Response(content, status, headers)


def leading_to(uri: str) -> str:
    """The `form_action` of a page whose form ends, by a redirect, at a URI: browsers check each step of the way.

    A host that such a list cannot name, as an IPv6 address, is stood for by its scheme.
    """
    parts = urlsplit(uri)
    host = parts.hostname or ""
    if not _HOST.fullmatch(host):
        return f"'self' {parts.scheme}:"
    port = f":{parts.port}" if parts.port is not None else ""
    return f"'self' {parts.scheme}://{host}{port}"


@cache
def _templates() -> "Environment":
    # Imported when the first page is asked for: most servers never show one, and all of them start faster.
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("trunkline.http.oauth"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )


async def _style(request: Request) -> Response:
    """The style sheet, or a 304 when the client has it already."""
    content, tag = _sheet()
    headers = {"etag": tag, "cache-control": "no-cache"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(content, 200, headers | {"content-type": "text/css;charset=utf-8"})


@cache
def _sheet() -> tuple[bytes, str]:
    content = (files("trunkline") / "http" / "oauth" / "static" / "style.css").read_bytes()
    return content, f'"{hashlib.sha256(content).hexdigest()[:32]}"'
