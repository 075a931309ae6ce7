"""The requests to one app: signed, within a time, and what becomes of each."""

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import httpx
import msgspec

from trunkline.clock import Clock
from trunkline.feeds import signature
from trunkline.feeds.signature import Version
from trunkline.feeds.subscription import Target
from trunkline.http.hooks.log import Delivery
from trunkline.http.hooks.reach import Forbidden, Private, Ways

PATIENCE = 5.0
"""Seconds in which a request has to be answered (behaviour 20.4)."""

MOST_READ = 65_536
"""Bytes of an answer that are read; what comes after them is cut off with the connection."""

HEADERS = {"content-type": "application/json", "user-agent": "Trunkline webhooks"}
EXTENSIONS = {"timeout": httpx.Timeout(PATIENCE).as_dict()}

_encode = msgspec.json.Encoder().encode


@cache
def _context() -> ssl.SSLContext:
    return ssl.create_default_context()


class Sender:
    """Sends to one target until it is closed."""

    def __init__(self, clock: Clock, target: Target, secret: str, version: Version, private: Private) -> None:
        self.target = target
        self.secret = secret
        self._clock = clock
        self._version: Version = version
        self._ways = Ways(private, _context)

    async def send(self, portal: int, app: int, attempt: int, events: Sequence[Mapping[str, Any]]) -> Delivery:
        """Sends events in one request, and says what became of it; it is `delivered`, or has `failed`."""
        began = self._clock.ticks()
        answer, cause = await self._post(_encode(events))
        return Delivery(
            at=self._clock.now(portal),
            portal=portal,
            app=app,
            url=self.target.url,
            attempt=attempt,
            state="delivered" if answer is not None and 200 <= answer < 300 else "failed",
            answer=answer,
            cause=cause,
            took=(self._clock.ticks() - began) // 1_000_000,
            events=events,
        )

    async def _post(self, body: bytes) -> tuple[int | None, str]:
        url = self.target.url
        # Receivers compare the timestamp with their own clock, which nobody moved.
        signed = signature.headers(self.secret, self._version, url, body, self._clock.real())
        try:
            request = httpx.Request("POST", url, headers={**HEADERS, **signed}, content=body, extensions=EXTENSIONS)
            async with asyncio.timeout(PATIENCE), self._ways.sent(request) as got:
                read = 0
                async for piece in got.aiter_raw():
                    read += len(piece)
                    if read > MOST_READ:
                        break
                return got.status_code, "" if got.is_success else f"answered {got.status_code}"
        except TimeoutError:
            return None, f"no answer within {PATIENCE:g} seconds"
        except Forbidden as cause:
            return None, str(cause)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as cause:
            return None, f"{type(cause).__name__}: {cause}"[:200]

    async def close(self) -> None:
        """Closes the connections that are kept."""
        await self._ways.close()
