"""Requests with their answers, as the log keeps them: the newest ones, up to a number and to a size."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from itertools import islice

from msgspec import Struct

from trunkline.stopwatch import Step

Headers = Sequence[tuple[bytes, bytes]]

OVERHEAD = 2048
"""Bytes that an exchange is counted for beside its bodies."""


class Message(Struct, frozen=True):
    """One direction: headers, and the body as far as it is kept, of so many bytes in all."""

    headers: Headers
    body: bytes
    size: int


class Error(Struct, frozen=True, kw_only=True):
    """An error that an answer tells of, with what it leaves out: the code of its kind, and where in the request it is.

    `position` is that of the input that it is about, `context` tells inputs apart as the answer does, and `details` are
    messages about single fields, each with where that field is.
    """

    kind: str
    message: str
    at: str | None = None
    position: int | None = None
    context: Mapping[str, Sequence[str]] = {}
    details: Sequence[tuple[str, str | None]] = ()

    @property
    def size(self) -> int:
        """Bytes that it takes, about."""
        return len(self.message) + sum(len(message) for message, _ in self.details)


class Exchange(Struct, frozen=True, kw_only=True):
    """A request and its answer; nothing secret is in it.

    `at` is the real time in milliseconds since 1970, durations are nanoseconds, `path` is without the query. `status`
    is 0 where the client had no answer, `template` that of the route, `fault` the name of what struck it, and `spans`
    are the stretches of the journal that it wrote.
    """

    number: int
    correlation_id: str
    at: int
    method: str
    path: str
    query: str
    template: str | None
    status: int
    portal: int
    app: int
    duration: int
    steps: Mapping[Step, int]
    request: Message
    answer: Message
    warnings: Sequence[object] = ()
    errors: Sequence[Error] = ()
    fault: str | None = None
    spans: Sequence[tuple[int, int]] = ()

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        errors = sum(error.size for error in self.errors)
        return OVERHEAD + len(self.request.body) + len(self.answer.body) + errors

    @property
    def failed(self) -> bool:
        """Whether something in it failed, or the client had no answer."""
        return self.status >= 400 or not self.status or bool(self.errors)


class Sought(Struct, frozen=True, kw_only=True):
    """Which exchanges are asked for; what is None, or False, leaves all.

    `nobodys` asks beside those of a portal for those that were refused before it was known whose they are. `status` is
    one as `429`, or all of a hundred as `4xx`; `path` a pattern in which `*` is any text.
    """

    portal: int | None = None
    app: int | None = None
    status: str | None = None
    path: str | None = None
    method: str | None = None
    nobodys: bool = False
    failed: bool = False
    warned: bool = False

    def fits(self, one: Exchange) -> bool:
        """Whether an exchange is asked for."""
        return (
            (self.portal in (None, one.portal) or (self.nobodys and not one.portal))
            and self.app in (None, one.app)
            and self.method in (None, one.method)
            and (self.status is None or self.status in (str(one.status), f"{one.status // 100}xx"))
            and (self.path is None or fnmatchcase(one.path, self.path))
            and (not self.failed or one.failed)
            and (not self.warned or bool(one.warnings))
        )


class Exchanges:
    """The newest exchanges: at most `most` of them, of at most `size` bytes in all."""

    def __init__(self, most: int, size: int) -> None:
        self._most = most
        self._room = size
        self._kept: deque[Exchange] = deque()
        self._number = 0

    def __iter__(self) -> Iterator[Exchange]:
        """All of them, the oldest first."""
        return iter(self._kept)

    def number(self) -> int:
        """The number of the next one, counted from 1."""
        self._number += 1
        return self._number

    def add(self, one: Exchange) -> None:
        """Keeps an exchange, and lets go of the oldest for which there is no room any more."""
        self._kept.append(one)
        self._room -= one.size
        while self._kept and (len(self._kept) > self._most or self._room < 0):
            self._room += self._kept.popleft().size

    def find(self, correlation_id: str) -> Exchange | None:
        """The exchange of that correlation id."""
        return next((one for one in reversed(self._kept) if one.correlation_id == correlation_id), None)

    def some(self, sought: Sought, limit: int, after: int | None = None) -> list[Exchange]:
        """At most `limit` of those that are asked for, the oldest first: the newest, or the next after a number."""
        if after is not None:
            return list(islice((one for one in self._kept if one.number > after and sought.fits(one)), limit))
        return list(islice(filter(sought.fits, reversed(self._kept)), limit))[::-1]

    def clear(self, portal: int | None = None) -> None:
        """Lets go of all of them, or of those of a portal."""
        kept = [] if portal is None else [one for one in self._kept if one.portal != portal]
        self._room += sum(one.size for one in self._kept) - sum(one.size for one in kept)
        self._kept = deque(kept)
