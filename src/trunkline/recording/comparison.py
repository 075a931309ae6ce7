"""Comparing an answer with a recorded one, field by field.

What a client said must come back as it said it. What a service makes up itself (ids, times, UUIDs, tokens, cursors,
links) only has to be of the same kind, and the same thing wherever it comes up again.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from trunkline.recording.binding import Bindings
from trunkline.recording.kind import (
    CURSORS,
    KINDS,
    MOMENT,
    UUID,
    is_custom_type,
    is_epoch,
    is_moment,
    is_uuid,
    leaves,
    names_id,
)
from trunkline.recording.mask import Mask
from trunkline.recording.pseudonym import EMAIL, NOBODYS, SECRET

ABSENT = "(absent)"
PORTALS = frozenset({"portalId", "hubId", "hub_id", "portal_id"})
PASSING = frozenset({"expires_in", "expiresIn"})
OTHER_ENDS = frozenset({"to", "toObjectId"})
TYPE_IDS = frozenset({"typeId", "associationTypeId"})
OWN_TYPES = frozenset({"USER_DEFINED", "INTEGRATOR_DEFINED"})

_LINK = re.compile(r"https?://")
_TOKENS = re.compile(rf"({UUID.pattern}|{MOMENT.pattern})", re.ASCII)


class Difference(Struct, frozen=True, omit_defaults=True):
    """One field that is otherwise. `got` and `expected` are JSON, or `ABSENT`; `said` is the service's own message."""

    path: str
    expected: Any
    got: Any
    said: str = ""


class Said:
    """All that a client has said so far, as it was recorded."""

    def __init__(self) -> None:
        self._texts: set[str] = set()
        self._moments: set[datetime] = set()

    def add(self, value: Any) -> None:
        """Takes in a JSON value."""
        for leaf in leaves(value):
            self._texts.add(str(leaf))
            if (moment := _moment(leaf)) is not None:
                self._moments.add(moment)

    def __contains__(self, value: object) -> bool:
        return str(value) in self._texts or (_moment(value) in self._moments)


class Comparison:
    """One answer beside the recorded one. It binds what was made up.

    `scopes` are the types that the request is about, `more` whether an answer may hold more than is expected, and
    `any_order` whether its results may come in another order. With a `mask`, that of the recording, a value is the same
    if its pseudonym is the recorded one.
    """

    def __init__(
        self,
        said: Said,
        bindings: Bindings,
        scopes: Sequence[str] = ("",),
        *,
        more: bool = False,
        any_order: bool = False,
        mask: Mask | None = None,
    ) -> None:
        self._said = said
        self.bindings = bindings
        self._scope, self._other = scopes[0], scopes[-1]
        self._more = more
        self._any_order = any_order
        self._mask = mask

    def differences(self, expected: Any, got: Any, path: str = "body") -> list[Difference]:
        """Where an answer is otherwise, in the order of what was recorded."""
        return list(self._values(expected, got, path, "", self._scope, {}))

    def header(self, name: str, expected: str, got: str | None) -> Iterator[Difference]:
        """The difference of a header, if there is one."""
        path = f"header.{name}"
        if got is None:
            yield Difference(path, expected, ABSENT)
        elif name.lower() == "content-type":
            if _plain(expected) != _plain(got):
                yield Difference(path, expected, got)
        elif name.lower() != "retry-after":
            yield from self._values(expected, got, path, name, self._scope, {})

    def _values(
        self, expected: Any, got: Any, path: str, key: str, scope: str, around: dict[str, Any]
    ) -> Iterator[Difference]:
        if isinstance(expected, dict) and isinstance(got, dict):
            yield from self._objects(expected, got, path, key, scope)
        elif isinstance(expected, list) and isinstance(got, list):
            yield from self._lists(expected, got, path, key, scope, around)
        elif not self._same(expected, got, key, scope, around):
            yield Difference(path, expected, got)

    def _objects(
        self, expected: dict[str, Any], got: dict[str, Any], path: str, key: str, scope: str
    ) -> Iterator[Difference]:
        others = dict.fromkeys(OTHER_ENDS, self._other)
        inner = {name: name if key == "associations" else others.get(name, scope) for name in expected}
        for name, value in expected.items():
            if name in got:
                yield from self._values(value, got[name], f"{path}.{name}", name, inner[name], expected)
            else:
                yield Difference(f"{path}.{name}", value, ABSENT)
        if not self._more:
            yield from (Difference(f"{path}.{name}", ABSENT, got[name]) for name in got if name not in expected)

    def _lists(
        self, expected: list[Any], got: list[Any], path: str, key: str, scope: str, around: dict[str, Any]
    ) -> Iterator[Difference]:
        pairs: Iterable[tuple[int, int]] = ((n, n) for n in range(min(len(expected), len(got))))
        if self._any_order and key in ("results", "errors"):
            pairs = self._paired(expected, got, path, key, scope, around)
        left, right = set(range(len(expected))), set(range(len(got)))
        for n, m in pairs:
            left.discard(n)
            right.discard(m)
            yield from self._values(expected[n], got[m], f"{path}.{n}", key, scope, around)
        yield from (Difference(f"{path}.{n}", expected[n], ABSENT) for n in sorted(left))
        yield from (Difference(f"{path}.{m}", ABSENT, got[m]) for m in sorted(right))

    def _paired(
        self, expected: list[Any], got: list[Any], path: str, key: str, scope: str, around: dict[str, Any]
    ) -> Iterator[tuple[int, int]]:
        """For each expected element one that is the same, the nearest first; for the rest those that differ least."""
        free, left = list(range(len(got))), []
        for n, wanted in enumerate(expected):
            near = sorted(free, key=lambda m: abs(m - n))
            found = next((m for m in near if not self._count(wanted, got[m], path, key, scope, around)), None)
            if found is None:
                left.append(n)
            else:
                free.remove(found)
                yield n, found
        for n in left[: len(free)]:
            found = min(free, key=lambda m: self._count(expected[n], got[m], path, key, scope, around))
            free.remove(found)
            yield n, found

    def _count(self, expected: Any, got: Any, path: str, key: str, scope: str, around: dict[str, Any]) -> int:
        """How many differences there would be."""
        trial = Comparison(
            self._said, self.bindings.copy(), (self._scope, self._other), more=self._more, mask=self._mask
        )
        return len(list(trial._values(expected, got, path, key, scope, around)))

    def _same(self, expected: Any, got: Any, key: str, scope: str, around: dict[str, Any]) -> bool:
        if isinstance(expected, str) and expected in KINDS:
            return KINDS[expected](got)
        if type(expected) is not type(got):
            return False
        if isinstance(expected, bool) or expected is None or expected == "" or got == "":
            return bool(expected == got)
        if self._is_made_up(expected, got, key, around):
            return self.bindings.agree(str(expected), str(got), scope)
        if key in PASSING or (_is_time(expected) and _is_time(got) and expected not in self._said):
            return True
        return expected == got or (isinstance(expected, str) and self._same_text(expected, got, key, scope))

    def _is_made_up(self, expected: Any, got: Any, key: str, around: dict[str, Any]) -> bool:
        """Whether a value is one for which the service may have another, unless the client said it."""
        texts = str(expected), str(got)
        if texts[0].startswith(SECRET) or key in PORTALS:
            return True
        # A person whom the client did not name: each service has its own.
        if texts[0].endswith(NOBODYS) and expected not in self._said and all(map(EMAIL.fullmatch, texts)):
            return True
        if not self.bindings.has(texts[0]) and expected in self._said:
            return False
        if all(map(is_uuid, texts)) or all(map(is_custom_type, texts)) or key in CURSORS:
            return True
        own = key not in TYPE_IDS or bool(OWN_TYPES & {around.get("category"), around.get("associationCategory")})
        return own and names_id(key) and all(text.isdigit() for text in texts)

    def _same_text(self, expected: str, got: str, key: str, scope: str) -> bool:
        mapped = self.bindings.in_text(expected, scope)
        if mapped == got or self._same_but_for_the_moment(expected, got, mapped):
            return True
        if self._mask is not None and self._mask.value(got, key) == expected:
            return True
        return bool(_LINK.match(expected) and _LINK.match(got)) and _link(mapped) == _link(got)

    def _same_but_for_the_moment(self, expected: str, got: str, mapped: str) -> bool:
        """Whether a text is the same but for times and UUIDs in it that the client did not say."""
        parts, own, recorded = (_TOKENS.split(text) for text in (mapped, got, expected))
        if len(parts) != len(own) or parts[::2] != own[::2]:
            return False
        tokens = zip(parts[1::2], own[1::2], recorded[1::2], strict=True)
        return all(
            part == other
            or (said not in self._said and is_uuid(part) == is_uuid(other) and is_moment(part) == is_moment(other))
            for part, other, said in tokens
        )


def _plain(header: str) -> str:
    return header.replace(" ", "").lower()


def _link(text: str) -> list[str]:
    """The parts of a link's path and query, ids struck out: where it leads is each service's own."""
    parts = urlsplit(text)
    return ["#" if part.isdigit() else part for part in re.split(r"[/?&=]", f"{parts.path}?{parts.query}")]


def _is_time(value: Any) -> bool:
    return is_moment(value) or is_epoch(value)


def _moment(value: object) -> datetime | None:
    """A time, however it is written."""
    try:
        if is_epoch(value):
            return datetime.fromtimestamp(int(str(value)) / 1000).astimezone()
        text = str(value)
        return datetime.fromisoformat(text).astimezone() if re.match(r"\d{4}-\d\d-\d\d", text) else None
    except ValueError:
        return None
