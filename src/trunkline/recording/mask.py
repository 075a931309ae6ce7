"""Masking what was said: secrets and the portal's number always, people unless told otherwise.

Nothing of a request or an answer is kept that has not been through here. A secret is masked wherever it comes up again,
and what is a person's wherever it comes up in the same request and answer, in paths and messages too.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode

import msgspec

from trunkline.recording.pseudonym import EMAIL, NOBODYS, PHONE, Pseudonyms

SECRETS = frozenset(
    {
        "accesstoken",
        "apikey",
        "apptoken",
        "assertion",
        "authorization",
        "clientsecret",
        "codeverifier",
        "hapikey",
        "idtoken",
        "password",
        "refreshtoken",
        "secret",
        "token",
    }
)
FORM_SECRETS = SECRETS | {"code", "state"}
"""Names of members, in lower case without marks, whose values are secrets; in forms and queries there are more."""

PORTALS = frozenset({"portalid", "hubid"})
NAMES = ("firstname", "lastname", "middlename", "fullname", "username", "displayname", "nickname", "hsfullnameoremail")
PHONES = ("phone", "fax", "mobile", "tonumber", "fromnumber", "whatsapp")
TEXTS = ("body", "bodypreview", "bodypreviewhtml", "html", "text", "title", "subject", "content", "notes")
FREE = frozenset({"dealname", "query"})
WEB = frozenset({"domain", "website", "hsemaildomain"})

SHORTEST = 4
"""Letters of the shortest value that is masked wherever it comes up: shorter ones are a part of too much."""

_VALUES = frozenset({"value", "values", "highValue", "operation"})
_TOKEN = re.compile(r"\bpat-[a-z]{2}\d-[\w-]{8,}|\beyJ[\w-]+\.[\w-]+\.[\w-]+|\bBearer +(?!masked-)[\w.~+/=-]+")
_APP = re.compile(r"(\bapp[\w.-]*\.hubspot\.com/(?:[\w-]+/)+?)(\d{4,})\b")
_TOKEN_PATHS = re.compile(r"(/oauth/[^/]+/(?:access|refresh)-tokens/)([^/?]+)")

Make = Callable[[str], str]


class Mask:
    """What masks all that is said in one recording.

    `people` says whether addresses, numbers, names and what people wrote are masked, and `also` which properties are
    masked like what people wrote.
    """

    def __init__(self, key: bytes, *, people: bool = True, also: frozenset[str] = frozenset()) -> None:
        self._pseudonyms = Pseudonyms(key)
        self._people = people
        self._also = {_plain(name) for name in also}
        self._secrets: dict[str, str] = {}
        self._passing: dict[str, str] = {}
        self._anywhere: re.Pattern[str] | None = None

    def begin(self) -> None:
        """Forgets what the request and answer before had of people."""
        self._passing = {}
        self._anywhere = None

    def learn(self, value: Any, key: str = "") -> None:
        """Takes in what is to be masked wherever it comes up, before any of it is."""
        for text, make in self._found(value, key, SECRETS):
            self._note(text, make(text), passing=make != self._pseudonyms.secret)

    def learn_secret(self, text: str) -> None:
        """Takes in a secret."""
        self._note(text, self._pseudonyms.secret(text), passing=False)

    def learn_form(self, text: str) -> None:
        """Takes in the secrets of a form or a query."""
        for name, value in parse_qsl(text, keep_blank_values=True):
            for found, make in self._found(value, name, FORM_SECRETS):
                self._note(found, make(found), passing=make != self._pseudonyms.secret)

    def learn_path(self, path: str) -> None:
        """Takes in the secrets of a path and its query."""
        path, _, query = path.partition("?")
        for found in _TOKEN_PATHS.finditer(path):
            self.learn_secret(unquote(found[2]))
        self.learn_form(query)

    def value(self, value: Any, key: str = "") -> Any:
        """A JSON value, masked."""
        if isinstance(value, dict):
            about = _about(value)
            return {self._name(name): self.value(inner, _context(name, about, key)) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.value(inner, key) for inner in value]
        if isinstance(value, str):
            return self._text(value, key, SECRETS)
        if isinstance(value, int) and not isinstance(value, bool) and _plain(key) in PORTALS:
            return int(self._pseudonyms.number(str(value)))
        return value

    def path(self, path: str) -> str:
        """A path with its query, masked; parts that stay keep the way in which they are written."""
        path, mark, query = path.partition("?")
        path = "/".join(map(self._segment, path.split("/")))
        return path + (mark and f"?{self.form(query)}")

    def form(self, text: str) -> str:
        """A form or a query, masked."""
        given = parse_qsl(text, keep_blank_values=True)
        masked = [(name, self._text(value, name, FORM_SECRETS)) for name, value in given]
        return text if masked == given else urlencode(masked)

    def _name(self, name: str) -> str:
        """What a member is called; some are called by an address."""
        return self._text(name, "", SECRETS) if "@" in name else name

    def _segment(self, segment: str) -> str:
        plain = unquote(segment)
        masked = self._text(plain, "", SECRETS)
        return segment if masked == plain else quote(masked, safe="@+")

    def _text(self, text: str, key: str, secrets: frozenset[str]) -> str:
        make = self._maker(key, secrets)
        if make is not None and text:
            return make(text)
        if text[:1] in ("{", "[") and (inner := _inner(text)) is not None:
            masked = self.value(inner, key)
            return text if masked == inner else msgspec.json.encode(masked).decode()
        text = _TOKEN.sub(lambda found: self._pseudonyms.secret(found[0]), text)
        text = _APP.sub(lambda found: found[1] + self._pseudonyms.number(found[2]), text)
        text = self._known().sub(lambda found: self._passing.get(found[0]) or self._secrets[found[0]], text)
        if self._people:
            text = EMAIL.sub(lambda found: self._email(found[0]), text)
            text = PHONE.sub(lambda found: self._pseudonyms.phone(found[0]), text)
        return text

    def _email(self, text: str) -> str:
        return text if text.endswith(NOBODYS) else self._pseudonyms.email(text)

    def _found(self, value: Any, key: str, secrets: frozenset[str]) -> Iterator[tuple[str, Make]]:
        """The texts and numbers that are masked for what they are called, each with what masks it."""
        if isinstance(value, dict):
            about = _about(value)
            for name, inner in value.items():
                yield from self._found(inner, _context(name, about, key), secrets)
        elif isinstance(value, list):
            for inner in value:
                yield from self._found(inner, key, secrets)
        elif isinstance(value, str | int) and not isinstance(value, bool) and (make := self._maker(key, secrets)):
            yield str(value), make
            for address in EMAIL.findall(str(value)) if self._people else ():
                domain = address.rpartition("@")[2]
                yield domain, self._pseudonyms.domain

    def _maker(self, key: str, secrets: frozenset[str]) -> Make | None:
        """What masks the values of a member that is called so."""
        name, made = _plain(key), self._pseudonyms
        if name in secrets:
            return made.secret
        if name in PORTALS:
            return made.number
        if name in self._also:
            return made.text
        return self._person(name) if self._people else None

    def _person(self, name: str) -> Make | None:
        made = self._pseudonyms
        if name.endswith(NAMES) or name in FREE or (name.endswith(TEXTS) and name != "context"):
            return made.text
        if name.endswith("email"):
            return lambda text: EMAIL.sub(lambda found: made.email(found[0]), text)
        if any(part in name for part in PHONES):
            return made.phone
        return (lambda text: _web(text, made.domain)) if name in WEB else None

    def _note(self, text: str, pseudonym: str, *, passing: bool) -> None:
        if len(text) >= SHORTEST and text != pseudonym:
            (self._passing if passing else self._secrets)[text] = pseudonym
            self._anywhere = None

    def _known(self) -> re.Pattern[str]:
        """What finds everything that was learned, the longest first."""
        if self._anywhere is None:
            every = sorted({*self._secrets, *self._passing}, key=len, reverse=True)
            self._anywhere = re.compile(r"(?<![\w@])(?:" + ("|".join(map(re.escape, every)) or "(?!)") + r")(?!\w)")
        return self._anywhere


def _plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()


def _about(value: dict[str, Any]) -> str:
    """The name of the property that an object is about, as in a filter or in older bodies."""
    named = (value.get(name) for name in ("propertyName", "property", "name"))
    return next((name for name in named if isinstance(name, str)), "")


def _context(name: str, about: str, key: str) -> str:
    return (about or key) if name in _VALUES else name


def _inner(text: str) -> Any:
    """The JSON that a text is, if it is an object or a list."""
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None


def _web(text: str, domain: Make) -> str:
    """An address of the web, or a domain, with another domain."""
    return re.sub(r"[\w-]+(?:\.[\w-]+)+", lambda found: domain(found[0].removeprefix("www.")), text, count=1)
