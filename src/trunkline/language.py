"""What people read, in their language. English stands in the code and in the data; other languages are data files.

`data/languages/CODE/` has a file for each of the `SHELVES`: a table with a translation for each English text. A text
may have names in braces, which are filled in after it was translated, and code between backticks, which stays as it is.
A text without a translation is shown in English; tests look for those. Nothing is read before somebody asks for a
language other than English, and the large shelf only for a text that is on no other.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.resources import files

Say = Callable[..., str]
"""`text` in the language of a page: says an English text, with the values of the names in it."""

ENGLISH = "en"
LANGUAGES: Mapping[str, str] = {ENGLISH: "English", "de": "Deutsch", "pt": "Português"}
"""By code, what a language calls itself."""

TAGS: Mapping[str, str] = {ENGLISH: "en", "de": "de", "pt": "pt-BR"}
"""By code, the language tag for `lang` in HTML."""

SHELVES = ("docs", "reference")
"""The words of the pages under `/docs`, and what they tell of operations."""

ASKED = "lang"
"""The name in a query that asks for a language."""

COOKIE = "trunkline_language"
"""Keeps the language that was chosen by hand."""

YEAR = 365 * 24 * 60 * 60


def text(language: str, english: str, **values: object) -> str:
    """A text in a language, with the values of the names in its braces; as it is where none are given."""
    found = english if language == ENGLISH else _found(language, english)
    return found.format(**values) if values else found


def chosen(asked: str | None, kept: str | None, accepted: str | None) -> str:
    """The code of the language to show: what the address asks for, what was chosen before, what the browser accepts."""
    for code in (asked, kept, *_preferred(accepted or "")):
        if code is not None and code in LANGUAGES:
            return code
    return ENGLISH


def keeping(asked: str | None) -> str | None:
    """The `Set-Cookie` that keeps what the address asks for; None if it asks for no language that there is."""
    if asked not in LANGUAGES:
        return None
    return f"{COOKIE}={asked}; Path=/; Max-Age={YEAR}; SameSite=Lax; HttpOnly"


@cache
def shelf(language: str, name: str) -> Mapping[str, str]:
    """The translations of one shelf by the English text."""
    path = files("trunkline") / "data" / "languages" / language / f"{name}.toml"
    return tomllib.loads(path.read_text("utf-8"))


def _found(language: str, english: str) -> str:
    return next((found for name in SHELVES if (found := shelf(language, name).get(english))), english)


def _preferred(accepted: str) -> Iterator[str]:
    """The languages of an `Accept-Language`, best first, without their regions."""
    weighed = []
    for part in accepted.split(","):
        tag, _, rest = part.partition(";")
        weight = _weight(rest)
        if weight > 0:
            weighed.append((weight, tag.strip().partition("-")[0].lower()))
    weighed.sort(key=lambda each: -each[0])
    return (code for _, code in weighed)


def _weight(parameters: str) -> float:
    """The quality value; 0, which refuses, for one that is none."""
    name, equals, value = parameters.strip().partition("=")
    if not equals:
        return 1
    try:
        return float(value) if name.strip() == "q" else 0
    except ValueError:
        return 0
