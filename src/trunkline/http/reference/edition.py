"""The document as it is read in one language, with what says the words around it."""

from functools import cache, partial
from typing import Any

from msgspec import Struct

from trunkline.http.reference.document import document
from trunkline.language import Say, text

Json = dict[str, Any]
READ = ("summary", "description", "meaning", "advice")
"""The members of the document that people read."""

KEPT = ("examples", "x-examples", "x-codeSamples")
"""The members in which nothing is translated."""

TRANSLATED = ("paths", "components", "x-errors")


class Edition(Struct, frozen=True):
    """The reference in a language: `document` has its texts in it."""

    language: str
    say: Say
    document: Json


@cache
def edition(language: str) -> Edition:
    """The reference in a language."""
    return edited(language, partial(text, language))


def edited(language: str, say: Say) -> Edition:
    """The reference in the words of `say`."""
    whole = document()
    components = {name: whole["components"][name] for name in ("schemas", "parameters")}
    parts = whole | {"components": components}
    return Edition(language, say, whole | {name: _translated(parts[name], say) for name in TRANSLATED})


def _translated(part: Any, say: Say) -> Any:
    if isinstance(part, list):
        return [_translated(each, say) for each in part]
    if not isinstance(part, dict):
        return part
    return {name: _member(name, value, say) for name, value in part.items()}


def _member(name: str, value: Any, say: Say) -> Any:
    if name in KEPT:
        return value
    return say(value) if name in READ and isinstance(value, str) and value else _translated(value, say)
