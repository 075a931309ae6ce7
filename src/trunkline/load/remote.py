"""A service that speaks HubSpot's API, reached over HTTP, with the patience that takes."""

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import NamedTuple, Self

import httpx
import msgspec
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential,
    wait_random,
)

from trunkline.load.pace import Pace
from trunkline.load.stopped import Stopped

TRIES = 8
"""How often a request is sent before the run stops; with growing pauses, about two minutes."""

LONGEST_PAUSE = 600.0
"""Seconds. A service that asks for a longer one has a daily limit or an outage: better to run again later."""

_WAITING = {408, 423, 429, 477}
"""Besides the 5xx, the statuses that pass: timeout, locked, rate limit, account on the move (behaviour 5.9)."""

_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""Failures before a request was sent."""


class Answer(NamedTuple):
    """What the service said. `message` is its own words, or the beginning of a body that is not HubSpot's."""

    status: int
    body: bytes

    @property
    def message(self) -> str:
        """For people, in one line."""
        with contextlib.suppress(msgspec.DecodeError):
            body = msgspec.json.decode(self.body)
            if isinstance(body, dict) and isinstance(body.get("message"), str):
                return str(body["message"])
        text = re.sub(r"<[^>]*>", " ", self.body.decode(errors="replace"))
        return " ".join(text.split())[:200] or "an empty answer"


class Lost(Exception):
    """A request that must not be sent twice may have been carried out or not; the text says what was heard instead."""


class _Passing(Exception):
    """A failure that may be gone at the next try. `after` is the pause the service asked for, in seconds.

    `refused` means that nothing can have been carried out.
    """

    def __init__(self, reason: str, after: float | None = None, *, refused: bool = False) -> None:
        super().__init__(reason)
        self.after = after
        self.refused = refused


class Remote:
    """Sends requests to `url`, again and again while the failure is one that passes.

    Repeating is safe because all that is sent may be sent twice, but for what says otherwise. `note` is told of each
    pause; once `halt` is set, pauses end and nothing is repeated. `pause` is what waits, in seconds; `pace` keeps
    inside a rate limit. Use it as an asynchronous context.
    """

    def __init__(
        self,
        url: str,
        token: str | None,
        *,
        halt: asyncio.Event,
        note: Callable[[str], None],
        pause: Callable[[float], Awaitable[None]] | None = None,
        pace: Pace | None = None,
    ) -> None:
        headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "trunkline-load"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self.url = checked_url(url)
        self._client = httpx.AsyncClient(headers=headers, timeout=httpx.Timeout(60, connect=10))
        self._halt = halt
        self._note = note
        self._pause = pause or self._wait
        self._pace = pace

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        await self._client.aclose()

    async def send(
        self, method: str, path: str, body: object = None, tries: int = TRIES, *, again: bool = True
    ) -> Answer:
        """The answer to one request, whatever its status, except where asking more is pointless.

        Without `again` it is sent once more only when it cannot have been carried out, and else raises `Lost`. Raises
        Stopped for a refused token (401, 403), for a redirect, and when `tries` have failed.
        """
        content = None if body is None else msgspec.json.encode(body)
        try:
            answer: Answer = await self._retrying(tries)(self._once, method, path, content, again)
        except _Passing as cause:
            raise Stopped(f"{self.url} gave no answer after {tries} tries: {cause}") from cause
        if answer.status in (401, 403):
            raise Stopped(f"{self.url} refuses the token ({answer.status}): {answer.message}")
        if answer.status < 200 or 300 <= answer.status < 400:
            raise Stopped(f"{self.url} answers {answer.status}, which is no answer of this API; is the URL right?")
        return answer

    def _retrying(self, tries: int) -> AsyncRetrying:
        return AsyncRetrying(
            stop=stop_after_attempt(tries),
            wait=_pause_length,
            retry=retry_if_exception_type(_Passing),
            before_sleep=self._tell,
            sleep=self._rest,
            reraise=True,
        )

    async def _once(self, method: str, path: str, content: bytes | None, again: bool) -> Answer:
        try:
            return await self._tried(method, path, content)
        except _Passing as cause:
            if again or cause.refused:
                raise
            raise Lost(str(cause)) from cause

    async def _tried(self, method: str, path: str, content: bytes | None) -> Answer:
        if self._pace is not None:
            await self._pace.enter()
        try:
            response = await self._client.request(method, self.url + path, content=content)
        except httpx.RequestError as cause:
            raise _Passing(str(cause) or type(cause).__name__, refused=isinstance(cause, _UNSENT)) from cause
        if self._pace is not None:
            self._pace.learn(response.headers)
        answer = Answer(response.status_code, response.content)
        if answer.status in _WAITING or answer.status >= 500:
            refused = answer.status in _WAITING
            raise _Passing(f"{answer.status}: {answer.message}", _asked_pause(response), refused=refused)
        return answer

    def _tell(self, state: RetryCallState) -> None:
        cause = state.outcome.exception() if state.outcome else None
        self._note(f"{cause}; again in {state.upcoming_sleep:.1f} s")

    async def _rest(self, seconds: float) -> None:
        await self._pause(seconds)
        if self._halt.is_set():
            raise _Passing("the run is stopping")

    async def _wait(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._halt.wait(), seconds)


def checked_url(url: str) -> str:
    """`url` without a slash at the end. Raises Stopped unless it is an http or https URL with a host."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as cause:
        raise Stopped(f"{url}: {cause}.") from cause
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise Stopped(f"{url}: write a URL such as http://127.0.0.1:8000 or https://api.hubapi.com.")
    return url.rstrip("/")


_growing = wait_exponential(multiplier=0.5, max=30) + wait_random(0, 1)


def _pause_length(state: RetryCallState) -> float:
    cause = state.outcome.exception() if state.outcome else None
    if isinstance(cause, _Passing) and cause.after is not None:
        return cause.after
    return _growing(state)


def _asked_pause(response: httpx.Response) -> float | None:
    """The Retry-After header in seconds; None if there is none, or if it is a date."""
    try:
        seconds = float(response.headers.get("Retry-After", ""))
    except ValueError:
        return None
    if seconds > LONGEST_PAUSE:
        message = Answer(response.status_code, response.content).message
        raise Stopped(f"The service asks to wait {seconds:.0f} s: {message}")
    return max(seconds, 0.0)
