"""Upserting batches, and finding out what became of each row."""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec

from trunkline.load.batches import SIZE
from trunkline.load.mapping import Call
from trunkline.load.remote import Answer, Remote
from trunkline.load.stopped import Stopped

PATH = "/crm/v3/objects/calls/batch/upsert"

DIVISIBLE = {400, 409, 413, 422}
"""Refusals of a whole request for which one of its rows may be to blame."""

_HOPELESS = re.compile(r"non-unique|Unable to infer object type")
"""Refusals (behaviour 1.8, 1.25) that no choice of rows would change."""

_LONGEST_REASON = 500
_OPTIONS = re.compile(r'\[label: ".*?\n(, )?\]', re.DOTALL)
_OPTION = re.compile(r'^value: "(.*)"$', re.MULTILINE)


class Fate(NamedTuple):
    """What became of some rows."""

    created: int = 0
    updated: int = 0
    rejected: Sequence[tuple[Call, str]] = ()


class _Result(msgspec.Struct):
    id: str | int = ""
    new: bool = False


class _Fault(msgspec.Struct):
    message: str = ""
    context: dict[str, Any] | None = None


class _Body(msgspec.Struct):
    results: list[_Result] = []
    errors: list[_Fault] = []


class Sender:
    """Sends calls to the service's upsert, by the property `key`, and tells `told` the fate of every one of them.

    A call is told of once, in as many portions as it takes. Each input carries the number of its line as
    `objectWriteTraceId`, so that the service takes the good rows of a batch and names the bad (behaviour 1.13).
    """

    def __init__(self, remote: Remote, key: str, told: Callable[[Fate], None]) -> None:
        self._remote = remote
        self._key = key
        self._told = told
        self._landed = 0
        self._born: set[str | int] = set()

    async def upsert(self, calls: Sequence[Call]) -> None:
        """Writes up to 100 calls with keys that all differ.

        A request that is refused as a whole is divided until the rows to blame stand alone. Raises Stopped for an
        answer that every row would get; also when a full batch is refused row by row for one and the same reason
        before anything has gone in.
        """
        reasons = await self._send(calls)
        if len(calls) >= SIZE and len(reasons) == len(calls) and len(set(reasons)) == 1 and not self._landed:
            raise Stopped(f"{self._remote.url} refuses every row: {reasons[0]}")

    async def _send(self, calls: Sequence[Call]) -> list[str]:
        """Answers the reasons of the rows that were refused alone, after the division of a refused request."""
        answer = await self._remote.send("POST", PATH, {"inputs": [self._input(call) for call in calls]})
        if answer.status in (200, 207):
            return await self._settle(calls, answer)
        if answer.status not in DIVISIBLE or _HOPELESS.search(answer.message):
            raise Stopped(f"{self._remote.url} refuses the upsert ({answer.status}): {answer.message}")
        if len(calls) == 1:
            reason = readable(answer.message)
            self._tell(Fate(rejected=[(calls[0], reason)]))
            return [reason]
        return await self._divide(calls)

    async def _divide(self, calls: Sequence[Call]) -> list[str]:
        middle = len(calls) // 2
        return [*await self._send(calls[:middle]), *await self._send(calls[middle:])]

    async def _settle(self, calls: Sequence[Call], answer: Answer) -> list[str]:
        body = _decoded(answer, self._remote.url)
        named, unnamed = _reasons(body.errors)
        rejected = [(call, named[_trace(call)]) for call in calls if _trace(call) in named]
        rest = [call for call in calls if _trace(call) not in named]
        self._tell(Fate(rejected=rejected))
        if len(body.results) == len(rest):
            self._tell(self._count(body.results))
        elif len(rest) == 1:
            reason = unnamed or f"the service answered {answer.status} without a result for this row"
            self._tell(Fate(rejected=[(rest[0], reason)]))
        elif rest:
            # Some rows failed unnamed. Asking again in parts is safe; what was created stays counted as created.
            self._born.update(result.id for result in body.results if result.new)
            await self._divide(rest)
        return []

    def _count(self, results: Sequence[_Result]) -> Fate:
        created = sum(result.new or result.id in self._born for result in results)
        return Fate(created, len(results) - created)

    def _tell(self, fate: Fate) -> None:
        self._landed += fate.created + fate.updated
        self._told(fate)

    def _input(self, call: Call) -> dict[str, object]:
        return {
            "idProperty": self._key,
            "id": call.key,
            "properties": call.properties,
            "objectWriteTraceId": _trace(call),
        }


def readable(message: str) -> str:
    """A refusal's message for people, in one line and no novel.

    Takes the sentences out of `Property values were not valid: [...]` (behaviour 4.1) and the bare values out of the
    list of allowed options (4.2).
    """
    head, sign, tail = message.partition("Property values were not valid: ")
    if sign and not head:
        try:
            message = "; ".join(entry["message"] for entry in json.loads(tail))
        except (ValueError, TypeError, KeyError):
            message = tail
    message = _OPTIONS.sub(lambda found: ", ".join(_OPTION.findall(found[0])), message)
    message = " ".join(message.split())
    return message if len(message) <= _LONGEST_REASON else message[: _LONGEST_REASON - 3] + "..."


def _trace(call: Call) -> str:
    return str(call.row.line)


def _reasons(faults: Sequence[_Fault]) -> tuple[dict[str, str], str]:
    """What each trace id is blamed for, and the blame that names none."""
    named: dict[str, str] = {}
    unnamed: list[str] = []
    for fault in faults:
        reason = readable(fault.message)
        traces = (fault.context or {}).get("objectWriteTraceId")
        for trace in traces if isinstance(traces, list) else []:
            known = named.get(str(trace))
            named[str(trace)] = f"{known}; {reason}" if known else reason
        if not traces:
            unnamed.append(reason)
    return named, "; ".join(unnamed)


def _decoded(answer: Answer, url: str) -> _Body:
    try:
        return msgspec.json.decode(answer.body, type=_Body)
    except msgspec.DecodeError as cause:
        raise Stopped(f"{url} answers {answer.status}, but not as an upsert does; is the URL right?") from cause
