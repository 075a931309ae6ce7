"""Finished calls on their way into HubSpot, in batches."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from dialer.calls import Call
from dialer.hubspot import HubSpot

KEY = "dialer_call_key"
"""The property of HubSpot's calls that holds the dialer's key, and that no two calls have the same of."""

BATCH = 100
"""Inputs that HubSpot takes in one request."""

UPSERT = "/crm/v3/objects/calls/batch/upsert"


@dataclass
class Outcome:
    """How many calls HubSpot has taken, and those that it never will, with its reasons: for somebody to look at."""

    taken: int = 0
    rejected: list[tuple[Call, str]] = field(default_factory=list)


class Sync:
    """Puts calls into HubSpot. To put the same call in again changes nothing."""

    def __init__(self, hubspot: HubSpot) -> None:
        self.hubspot = hubspot

    def push(self, calls: Iterable[Call]) -> Outcome:
        """Puts in all of them; raises what `HubSpot.post` does, and then the same calls can be put in again."""
        outcome = Outcome()
        for some in batches(calls):
            answer = self.send(some)
            outcome.taken += len(answer["results"])
            outcome.rejected += self.rejected(some, answer)
        return outcome

    def send(self, calls: Sequence[Call]) -> Any:
        """Sends one batch. Each call has its own trace id, by which HubSpot tells which ones it did not take."""
        inputs = [
            {"idProperty": KEY, "id": call.key, "objectWriteTraceId": str(n), "properties": self.properties(call)}
            for n, call in enumerate(calls)
        ]
        return self.hubspot.post(UPSERT, {"inputs": inputs})

    def properties(self, call: Call) -> dict[str, str]:
        """A call in HubSpot's words. Times are milliseconds, since 1970 or of a duration."""
        return {
            "hs_timestamp": str(round(call.began.timestamp() * 1000)),
            "hs_call_duration": str(round(call.lasted.total_seconds() * 1000)),
            "hs_call_to_number": call.number,
            "hs_call_status": call.status,
            "hs_call_external_id": call.key,
        }

    def rejected(self, calls: Sequence[Call], answer: Any) -> list[tuple[Call, str]]:
        """The calls of a batch that were not taken: a status of 207 is a success for the others alone."""
        return [
            (calls[int(n)], error["message"])
            for error in answer.get("errors", [])
            for n in error["context"]["objectWriteTraceId"]
        ]


def batches(calls: Iterable[Call]) -> Iterator[Sequence[Call]]:
    """The calls as they come, as many at once as HubSpot takes."""
    waiting = iter(calls)
    while some := list(islice(waiting, BATCH)):
        yield some
