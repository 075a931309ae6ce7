"""The pages that people see on the way of an authorization, and their style sheet.

They hold no script and load nothing but their style and icon from this server.
"""

import re
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from trunkline.http.face import HEADERS, part, templates

PACKAGE = "trunkline.http.oauth"

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action {targets}"
)
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
    content = templates(PACKAGE).get_template(name).render(context)
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


async def _style(request: Request) -> Response:
    """The style sheet, or a 304 when the client has it already."""
    return part(request, PACKAGE, "style.css")
