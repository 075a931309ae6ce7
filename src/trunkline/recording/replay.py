"""Sending recorded requests to a service, one after the other, and comparing its answers."""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import httpx
import msgspec
from msgspec import UNSET, Struct

from trunkline.load.stopped import Stopped
from trunkline.recording.binding import Bindings
from trunkline.recording.case import Case, Request
from trunkline.recording.comparison import Comparison, Difference, Said
from trunkline.recording.filling import filled, filled_form, filled_path, made_up_in, scopes_of, secrets_in
from trunkline.recording.kind import ids_in
from trunkline.recording.mask import Mask

READS = ("/search", "/batch/read")
"""How the paths end of what is posted and changes nothing."""

CHECKS = frozenset({"status", "status_in", "header_equals", "body_equals", "body_contains", "body_empty"})
"""What is looked at in an answer, of all that a case can name."""

TOO_MANY = 429
WAITS = 5
LONGEST_WAIT = 60.0
USUAL_WAIT = 10.0
LOOK_AGAIN = 1.0
"""Seconds between two looks at a search that does not find yet what it shall."""


class Outcome(Struct, frozen=True):
    """What became of one case: `skipped` says why it was not sent."""

    case: str
    differences: list[Difference] = []
    skipped: str = ""


class Replay:
    """One run against one service.

    `writes` says whether requests are sent that change something, `pause` is the least time between two requests, and
    `search_wait` how long a search is asked again while its answer differs; both in seconds.
    `mask` is that of the recording: a value that it masks to the recorded one is the same.
    """

    def __init__(
        self,
        client: httpx.Client,
        token: str | None,
        *,
        writes: bool,
        pause: float = 0.0,
        search_wait: float = 0.0,
        mask: Mask | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._token = token
        self._writes = writes
        self._pause = pause
        self._search_wait = search_wait
        self._mask = mask
        self._sleep = sleep
        self._bindings = Bindings()
        self._said = Said()
        self._lost: set[str] = set()
        self._sent = -pause

    def run(self, cases: Iterable[Case]) -> Iterator[Outcome]:
        """What becomes of each case. Raises `Stopped` when the service gives no answer."""
        for case in cases:
            why = self._why_not(case)
            differences = [] if why else self._compared(case)
            if why or (differences and differences[0].path == "status"):
                self._lost.update(self._made_in(case))
            yield Outcome(case.id, differences, why)

    def _why_not(self, case: Case) -> str:
        """Why a case is not sent; nothing when it is."""
        if any(set(step) != {"no_token"} for step in case.given) or not case.expect.keys() <= CHECKS:
            return "it is one of the tests' own, which takes steps or checks that only they have"
        if "body of the request is not kept" in case.note:
            return "the body of its request was not kept"
        if not self._writes and _changes(case.request):
            return "it changes something; --allow-writes sends it"
        if not {part for part in secrets_in(case.request) if not self._bindings.has(part)} <= self._refused(case):
            return "it needs a secret that was masked"
        if self._lost & {part for part in made_up_in(case.request) if not self._bindings.has(part)}:
            return "it is about something that a case before it should have made"
        return ""

    def _refused(self, case: Case) -> set[str]:
        return {case.request.headers.get("Authorization", "").removeprefix("Bearer ")}

    def _made_in(self, case: Case) -> set[str]:
        """The ids of what there will not be."""
        expected = case.expect.get("body_equals") if _changes(case.request) else None
        return {id_ for id_ in ids_in(expected) if id_ not in self._said and not self._bindings.has(id_)}

    def _compared(self, case: Case) -> list[Difference]:
        self._said.add(case.request.body if case.request.body is not UNSET else None)
        self._said.add([part for part in made_up_in(case.request) if not self._bindings.has(part)])
        deadline = time.monotonic() + (self._search_wait if case.request.path.endswith("/search") else 0.0)
        while True:
            bindings = self._bindings.copy()
            differences = self._differences(case, self._answer(case), bindings)
            if not differences or time.monotonic() >= deadline:
                self._bindings.take(bindings)
                return differences
            self._sleep(LOOK_AGAIN)

    def _differences(self, case: Case, answer: httpx.Response, bindings: Bindings) -> list[Difference]:
        expect, body = case.expect, _json(answer)
        wanted = expect.get("status_in", [expect.get("status", answer.status_code)])
        if answer.status_code not in wanted:
            return [Difference("status", wanted[0], answer.status_code, _message(body))]
        scopes = scopes_of(case.request.path)
        if case.request.method == "GET" and "/associations/" in case.request.path:
            scopes = scopes[-1:]
        any_order = "/batch/" in case.request.path
        more = "body_contains" in expect
        comparison = Comparison(self._said, bindings, scopes, more=more, any_order=any_order, mask=self._mask)
        found: list[Difference] = []
        for name in ("body_equals", "body_contains"):
            if name in expect:
                found += comparison.differences(expect[name], body)
        if expect.get("body_empty") and answer.content:
            found.append(Difference("body", "", body if body is not None else answer.text[:200]))
        for name, value in expect.get("header_equals", {}).items():
            found += comparison.header(name, value, answer.headers.get(name))
        return found

    def _answer(self, case: Case) -> httpx.Response:
        """The answer, once the service has time for it."""
        for _ in range(WAITS):
            answer = self._send(case)
            if answer.status_code != TOO_MANY or TOO_MANY in (
                case.expect.get("status"),
                *case.expect.get("status_in", ()),
            ):
                return answer
            self._sleep(min(_asked_wait(answer), LONGEST_WAIT))
        raise Stopped(f"{self._client.base_url} answers 429 again and again. Run it later, or with a lower --rate.")

    def _send(self, case: Case) -> httpx.Response:
        self._sleep(max(0.0, self._sent + self._pause - time.monotonic()))
        self._sent = time.monotonic()
        try:
            return self._client.send(self._request(case))
        except httpx.HTTPError as cause:
            raise Stopped(f"{self._client.base_url} gives no answer: {str(cause) or type(cause).__name__}.") from cause

    def _request(self, case: Case) -> httpx.Request:
        asked, content = case.request, _content(case.request, self._bindings)
        headers = {"Accept": "application/json"}
        if content:
            headers["Content-Type"] = "application/json"
        if self._token and not case.given:
            headers["Authorization"] = f"Bearer {self._token}"
        own = {name: self._bindings.in_text(value, "") for name, value in asked.headers.items()}
        path = filled_path(asked.path, self._bindings)
        return self._client.build_request(asked.method, path, content=content, headers=headers | own)


def _content(request: Request, bindings: Bindings) -> bytes:
    scopes = scopes_of(request.path)
    if isinstance(request.raw_hex, str):
        return bytes.fromhex(request.raw_hex)
    if isinstance(request.raw_body, str):
        return filled_form(request.raw_body, scopes[0], bindings).encode()
    if request.body is UNSET:
        return b""
    return msgspec.json.encode(filled(request.body, scopes, bindings))


def _changes(request: Request) -> bool:
    """Whether a request may change something."""
    path = request.path.partition("?")[0]
    return request.method not in ("GET", "HEAD") and not (request.method == "POST" and path.endswith(READS))


def _json(answer: httpx.Response) -> Any:
    try:
        return msgspec.json.decode(answer.content)
    except msgspec.DecodeError:
        return None


def _message(body: Any) -> str:
    return str(body.get("message", "")) if isinstance(body, dict) else ""


def _asked_wait(answer: httpx.Response) -> float:
    try:
        return float(answer.headers.get("Retry-After", USUAL_WAIT))
    except ValueError:
        return USUAL_WAIT
