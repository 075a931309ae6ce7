"""The same with a mistake that integrations really make: `pytest --bug NAME` tries one, and a test finds it."""

from collections.abc import Sequence
from typing import Any

import httpx
from dialer.calls import Call
from dialer.hubspot import HubSpot
from dialer.sync import Sync


class Duplicate(Sync):
    """Creates where it should create or update.

    When an answer gets lost, HubSpot has the calls already: sent again, they are there twice.
    """

    def send(self, calls: Sequence[Call]) -> Any:
        inputs = [{"objectWriteTraceId": str(n), "properties": self.properties(call)} for n, call in enumerate(calls)]
        return self.hubspot.post("/crm/v3/objects/calls/batch/create", {"inputs": inputs})


class LostRow(Sync):
    """Takes every status of the 200s for a success, and so does not see the failures in a 207."""

    def rejected(self, calls: Sequence[Call], answer: Any) -> list[tuple[Call, str]]:
        return []


class Seconds(Sync):
    """Sends seconds where HubSpot wants milliseconds: the call is in January 1970."""

    def properties(self, call: Call) -> dict[str, str]:
        return super().properties(call) | {"hs_timestamp": str(round(call.began.timestamp()))}


class ExpiredToken(HubSpot):
    """Takes the token that it got once for one that is good for ever."""

    def when_expired(self, answer: httpx.Response) -> None:
        answer.raise_for_status()


class Impatient(HubSpot):
    """Asks again at once when it is told that it asks too much."""

    def when_too_fast(self, answer: httpx.Response) -> None:
        pass


BUGS: dict[str, tuple[type[HubSpot], type[Sync]]] = {
    "duplicate": (HubSpot, Duplicate),
    "lost-row": (HubSpot, LostRow),
    "seconds": (HubSpot, Seconds),
    "expired-token": (ExpiredToken, Sync),
    "impatient": (Impatient, Sync),
}
