"""A recorded request as it is sent to another service: with that service's own ids and tokens in it."""

import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode

from trunkline.recording.binding import ANYWHERE, MADE_UP, Bindings
from trunkline.recording.case import Request
from trunkline.recording.kind import CURSORS, leaves, names_id
from trunkline.recording.pseudonym import SECRET

_VERSION = re.compile(r"v\d+|\d{4}-\d\d")
_STEPS = frozenset(
    {"batch", "create", "read", "update", "upsert", "archive", "search", "merge", "associations", "default"}
)


def scopes_of(path: str) -> list[str]:
    """The types that a path is about, the first being that of its records."""
    segments = [segment for segment in path.partition("?")[0].split("/") if segment]
    named = [segment for segment in segments[1:] if not _VERSION.fullmatch(segment) and segment not in _STEPS]
    after = named[named.index("objects") + 1 :] if "objects" in named else named
    return [segment for segment in after if not MADE_UP.fullmatch(segment)] or [""]


def filled_path(path: str, bindings: Bindings) -> str:
    """A path and its query with this service's ids."""
    path, mark, query = path.partition("?")
    segments = path.split("/")
    own = [_segment(segment, segments[n - 1] if n else "", bindings) for n, segment in enumerate(segments)]
    return "/".join(own) + (mark and f"?{filled_form(query, scopes_of(path)[0], bindings)}")


def filled_form(text: str, scope: str, bindings: Bindings) -> str:
    """A form or a query with this service's ids."""
    given = parse_qsl(text, keep_blank_values=True)
    filled = [
        (name, _text(value, scope, bindings, 1 if names_id(name) or name in CURSORS else ANYWHERE))
        for name, value in given
    ]
    return text if filled == given else urlencode(filled)


def filled(value: Any, scopes: Sequence[str], bindings: Bindings, key: str = "", *, end: bool = False) -> Any:
    """A body with this service's ids. Those at the other `end` of an association are of the last type that the path
    names, or of another than the first."""
    end = end or key == "to"
    if isinstance(value, dict):
        return {name: filled(inner, scopes, bindings, name, end=end) for name, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, scopes, bindings, key, end=end) for inner in value]
    text = str(value)
    if isinstance(value, bool) or not isinstance(value, str | int) or not bindings.has(text):
        return value
    if text.isdigit() and len(text) < ANYWHERE and not names_id(key):
        return value
    own = bindings.of(text, scopes[-1] if end else scopes[0], elsewhere=end and len(scopes) == 1)
    return int(own) if isinstance(value, int) and own.isdigit() else own


def made_up_in(request: Request) -> Iterator[str]:
    """Every part of a request that may be a value which a service made up."""
    path, _, query = request.path.partition("?")
    texts = [unquote(segment) for segment in path.split("/")]
    texts += [value for _, value in parse_qsl(query)]
    if isinstance(request.raw_body, str):
        texts += [value for _, value in parse_qsl(request.raw_body)]
    for text in [*texts, *map(str, leaves(request.body))]:
        yield from MADE_UP.findall(text)


def secrets_in(request: Request) -> Iterator[str]:
    """The pseudonyms of secrets in a request."""
    return (part for part in made_up_in(request) if part.startswith(SECRET))


def _text(text: str, scope: str, bindings: Bindings, fewest: int) -> str:
    """A text with this service's ids, or what stands for the whole of it."""
    if text.isdigit() and len(text) < fewest:
        return text
    return bindings.of(text, scope) if bindings.has(text) else bindings.in_text(text, scope, fewest)


def _segment(segment: str, before: str, bindings: Bindings) -> str:
    plain = unquote(segment)
    own = _text(plain, before, bindings, 1 if plain.isdigit() else ANYWHERE)
    return segment if own == plain else quote(own, safe="")
