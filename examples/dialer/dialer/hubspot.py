"""HubSpot's API, asked until it answers."""

from collections.abc import Callable
from typing import Any

import httpx

from dialer.login import Login

ATTEMPTS = 6

TEN_SECONDS = 10.0
"""The window of HubSpot's usual limit, whose 429 has no Retry-After."""


class GivenUp(Exception):
    """HubSpot did not take a request, though it was sent again and again."""


class HubSpot:
    """Sends requests; `wait` is `time.sleep`, except in tests."""

    def __init__(self, http: httpx.Client, login: Login, wait: Callable[[float], object]) -> None:
        self.http = http
        self.login = login
        self.wait = wait

    def post(self, path: str, body: object) -> Any:
        """The body of the answer; raises `GivenUp`, and `httpx.HTTPStatusError` for what will not be better later.

        A request is sent again when its answer does not come, though it may have been carried out: it has to be one
        that does no harm the second time.
        """
        for attempt in range(ATTEMPTS):
            try:
                answer = self.http.post(path, json=body, headers={"authorization": f"Bearer {self.login.access_token}"})
            except httpx.TransportError:
                self.wait(2.0**attempt)
                continue
            if answer.status_code == 401:
                self.when_expired(answer)
            elif answer.status_code == 429:
                self.when_too_fast(answer)
            elif answer.status_code >= 500:
                self.wait(2.0**attempt)
            else:
                return answer.raise_for_status().json()
        raise GivenUp(path)

    def when_expired(self, answer: httpx.Response) -> None:
        """The access token is good no longer."""
        self.login.renew(self.http)

    def when_too_fast(self, answer: httpx.Response) -> None:
        """A rate limit is reached; one of a day will not be over soon."""
        if answer.json().get("policyName") == "DAILY":
            answer.raise_for_status()
        self.wait(float(answer.headers.get("retry-after", TEN_SECONDS)))
