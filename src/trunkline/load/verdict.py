"""What a service says of each input of a batch: what was written, and what was refused and why."""

import json
import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from trunkline.load.remote import Answer, Lost, Remote
from trunkline.load.stopped import Stopped

Json = dict[str, Any]
Values = dict[str, str | None]

DIVISIBLE = {400, 409, 413, 422}
"""Refusals of a whole request for which one of its inputs may be to blame."""

_HOPELESS = re.compile(r"non-unique|Unable to infer object type")
"""Refusals (behaviour 1.8, 1.25) that no choice of inputs would change."""

SUCCESS = {200, 201, 207}
"""Statuses of a batch that was carried out, of 207 in part."""

_LONGEST_REASON = 500
_OPTIONS = re.compile(r'\[label: ".*?\n(, )?\]', re.DOTALL)
_OPTION = re.compile(r'^value: "(.*)"$', re.MULTILINE)


class Written(Struct, frozen=True):
    """An input that is in; `id` is empty where the service does not say which of its results is this one's."""

    id: str
    new: bool = False


class Refused(Struct, frozen=True):
    """An input that was refused, and why. `alone` means that a request was refused that had no other input."""

    input: Json
    why: str
    alone: bool = False


Verdicts: TypeAlias = dict[str, Written | Refused]
"""By trace id, what became of some inputs."""


class _Result(Struct):
    id: str | int = ""
    new: bool = False
    properties: Raw | UnsetType = UNSET
    trace: str | None = msgspec.field(default=None, name="objectWriteTraceId")


class _Fault(Struct):
    message: str = ""
    context: dict[str, Any] | None = None


class _Body(Struct):
    results: list[_Result] = []
    errors: list[_Fault] = []


class Batch:
    """The writing of one batch of at most 100 inputs: `path` is an upsert, update or create.

    The inputs are named by trace ids, so that the service takes the good ones and names the bad (behaviour 1.13).
    """

    def __init__(self, remote: Remote, path: str, inputs: Mapping[str, Json]) -> None:
        self._remote = remote
        self._path = path
        self._verb = path.rsplit("/", 1)[1]
        self._inputs = inputs
        self._born: set[str] = set()

    async def verdicts(self, traces: Iterable[str] | None = None) -> AsyncIterator[Verdicts]:
        """Writes the inputs, and tells of each once, in as many portions as it takes.

        A request that is refused as a whole is divided until the inputs to blame stand alone. Raises `Stopped` for an
        answer that every input would get.
        """
        some = list(self._inputs if traces is None else traces)
        body = {"inputs": [{**self._inputs[trace], "objectWriteTraceId": trace} for trace in some]}
        try:
            answer = await self._remote.send("POST", self._path, body, again=self._repeatable)
        except Lost as cause:
            yield self._refuse(some, f"it may have been created or not: {cause}")
            return
        told, left = (self._settled if answer.status in SUCCESS else self._refused)(some, answer)
        yield told
        middle = len(left) // 2
        for part in (left[:middle], left[middle:]):
            if part:
                async for portion in self.verdicts(part):
                    yield portion

    @property
    def _repeatable(self) -> bool:
        """Whether what is sent may be sent twice: records that are created again are others."""
        return self._verb != "create"

    def _refused(self, some: Sequence[str], answer: Answer) -> tuple[Verdicts, Sequence[str]]:
        """What a refusal of all tells of the inputs, and those to ask for again."""
        if answer.status not in DIVISIBLE or _HOPELESS.search(answer.message):
            raise Stopped(f"{self._remote.url} refuses the {self._verb} ({answer.status}): {answer.message}")
        if len(some) > 1:
            return {}, some
        return self._refuse(some, readable(answer.message), alone=True), ()

    def _settled(self, some: Sequence[str], answer: Answer) -> tuple[Verdicts, Sequence[str]]:
        """What an answer to all tells of the inputs, and those to ask for again."""
        body = self._decoded(answer)
        named, unnamed = _reasons(body.errors)
        told: Verdicts = {trace: Refused(self._inputs[trace], named[trace]) for trace in some if trace in named}
        rest = [trace for trace in some if trace not in named]
        if len(body.results) == len(rest):
            return told | self._matched(rest, body.results), ()
        reason = unnamed or f"the service answered {answer.status} without a result for this row"
        if len(rest) == 1:
            return told | self._refuse(rest, reason), ()
        if not self._repeatable:
            known: Verdicts = {one.trace: self._written(one) for one in body.results if one.trace in rest}
            return told | self._refuse(rest, reason) | known, ()
        # Some failed unnamed. Asking again in parts is safe; what was created stays counted as created.
        self._born.update(str(result.id) for result in body.results if result.new)
        return told, rest

    def _matched(self, rest: Sequence[str], results: Sequence[_Result]) -> Verdicts:
        """The results by input, in whatever order they came (behaviour 1.3): by trace id, by key or by record id."""
        meant = {str(self._inputs[trace].get("id", "")): trace for trace in rest}
        known: Verdicts = {}
        spare = []
        for one in results:
            trace = one.trace if one.trace in rest else meant.get(self._key(one, rest[0]))
            if trace is None or trace in known:
                spare.append(one)
            else:
                known[trace] = self._written(one)
        left = [trace for trace in rest if trace not in known]
        return known | {trace: Written("", self._written(one).new) for trace, one in zip(left, spare, strict=True)}

    def _key(self, one: _Result, trace: str) -> str:
        """What a result could be found by, if the inputs are like the one of a trace."""
        by = self._inputs[trace].get("idProperty")
        return str(one.id) if by is None else str(_echoed(one).get(by))

    def _written(self, one: _Result) -> Written:
        return Written(str(one.id), one.new or str(one.id) in self._born)

    def _refuse(self, some: Iterable[str], why: str, *, alone: bool = False) -> Verdicts:
        return {trace: Refused(self._inputs[trace], why, alone) for trace in some}

    def _decoded(self, answer: Answer) -> _Body:
        try:
            return msgspec.json.decode(answer.body, type=_Body)
        except msgspec.DecodeError as cause:
            said = f"{self._remote.url} answers {answer.status}, but not as an {self._verb} does"
            raise Stopped(f"{said}; is the URL right?") from cause


def _echoed(one: _Result) -> Json:
    """What a result says of the record's values."""
    return {} if one.properties is UNSET else msgspec.json.decode(one.properties, type=Json | None) or {}


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


def _reasons(faults: Sequence[_Fault]) -> tuple[dict[str, str], str]:
    """What each trace id is blamed for, and the blame that names none."""
    named: dict[str, str] = {}
    unnamed: list[str] = []
    for fault in faults:
        reason = readable(fault.message)
        context = fault.context or {}
        traces = context.get("objectWriteTraceId") or context.get("objectWriteTraceIds")
        for trace in traces if isinstance(traces, list) else []:
            known = named.get(str(trace))
            named[str(trace)] = f"{known}; {reason}" if known else reason
        if not traces:
            unnamed.append(reason)
    return named, "; ".join(unnamed)
