"""How the pages look: their templates, what these may call, and what their pages may load."""

from functools import cache
from typing import TYPE_CHECKING

from starlette.responses import Response

from trunkline.http import face
from trunkline.http.face import HEADERS
from trunkline.web import words

if TYPE_CHECKING:
    from jinja2 import Template

PACKAGE = "trunkline.web"

PARTS = ("style.css", "script.js", "overview.js", "traffic.js")
"""The files that pages load."""

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; media-src {media}; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)


NOWHERE = "'none'"
"""From where nothing may come."""


def shown(name: str, /, *, status: int = 200, media: str = NOWHERE, **context: object) -> Response:
    """The page of a template, with what it shows; `media` says where sound and pictures in motion may come from."""
    content = _template(name).render(**context)
    return Response(content, status, HEADERS | {"content-security-policy": POLICY.format(media=media)})


@cache
def _template(name: str) -> "Template":
    """A template, which knows the words for moments, spans and numbers."""
    environment = face.templates(PACKAGE)
    environment.filters.update(words.FILTERS)
    return environment.get_template(name)
