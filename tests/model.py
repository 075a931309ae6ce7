"""A model of the store that a reader can hold in the head: records in a list, each with what is set and what became of
it. It says what every operation on records must answer, and what must be there afterwards."""

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Literal

AT = "2025-04-24T20:01:33Z"
UNIQUES = ("ref", "other")
NAMES = ("hs_timestamp", "hs_call_title", *UNIQUES)

Sent = dict[str, str | None]
Input = dict[str, Any]
NOBODY = -1
"""The number of a record that was never made."""


@dataclass
class Entry:
    """One record: what is set, the values that its title had, and which record stands for it after a merge."""

    properties: Sent = field(default_factory=dict)
    titles: list[str] = field(default_factory=list)
    state: Literal["live", "archived", "erased"] = "live"
    successor: int | None = None

    def write(self, sent: Sent) -> None:
        """Sets values, and takes away those that are sent blank."""
        title = sent.get("hs_call_title", self.properties.get("hs_call_title")) or ""
        if title != (self.properties.get("hs_call_title") or ""):
            self.titles.insert(0, title)
        for name, value in sent.items():
            if value:
                self.properties[name] = value
            else:
                self.properties.pop(name, None)


class Refused(Exception):
    """The whole request is refused, with this status; nothing of it is written."""

    def __init__(self, status: int) -> None:
        self.status = status


class Model:
    """The records, in the order of their creation."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.marked: list[Entry] | None = None

    def answer(self, operation: str, asked: Any) -> tuple[int, list[tuple[int, bool]]]:
        """The status of an operation, and the records that it wrote, by number, each with whether it is new."""
        before = deepcopy(self.entries)
        try:
            return getattr(self, operation)(asked)  # type: ignore[no-any-return]
        except Refused as refused:
            self.entries = before
            return refused.status, []

    def standing(self, number: int) -> int:
        """The record that stands for this one."""
        successor = self.entries[number].successor
        return number if successor is None else successor

    def upsert(self, batch: list[Input]) -> tuple[int, list[tuple[int, bool]]]:
        """A batch of upserts by one of the unique properties."""
        addressed = [(input_["idProperty"], input_["id"]) for input_ in batch]
        if len(set(addressed)) < len(addressed):
            raise Refused(400)
        work = _Batch(self, batch)
        for (name, id_), input_ in zip(addressed, batch, strict=True):
            work.reach(self._holder(name, id_), input_["properties"], name, id_)
        return work.status(200)

    def create(self, batch: list[Input]) -> tuple[int, list[tuple[int, bool]]]:
        """A batch of creates."""
        work = _Batch(self, batch)
        for input_ in batch:
            work.reach(None, input_["properties"])
        return work.status(201)

    def update(self, batch: list[Input]) -> tuple[int, list[tuple[int, bool]]]:
        """A batch of updates by record id, which here is the record's number."""
        numbers = [input_["id"] for input_ in batch]
        if len(set(numbers)) < len(numbers):
            raise Refused(400)
        work = _Batch(self, batch)
        for number, input_ in zip(numbers, batch, strict=True):
            if self._live(number):
                work.reach(number, input_["properties"])
            else:
                work.missing += 1
        return work.status(200)

    def patch(self, asked: tuple[int, Sent]) -> tuple[int, list[tuple[int, bool]]]:
        """An update of one record, which its old id reaches too."""
        number, sent = asked
        if not sent:
            raise Refused(400)
        number = number if number == NOBODY else self.standing(number)
        if not self._live(number):
            raise Refused(404)
        if self.bad(number, sent):
            raise Refused(400)
        self.entries[number].write(sent)
        return 200, [(number, False)]

    def archive(self, numbers: list[int]) -> tuple[int, list[tuple[int, bool]]]:
        """A batch of records that go to the recycle bin."""
        for number in numbers:
            if self._live(number):
                self.entries[number].state = "archived"
        return 204, []

    def merge(self, both: tuple[int, int]) -> tuple[int, list[tuple[int, bool]]]:
        """A merge of the second record into the first."""
        primary, other = both
        if primary == other:
            raise Refused(400)
        if not (self._live(primary) and self._live(other)):
            raise Refused(404)
        stays, goes = self.entries[primary], self.entries[other]
        stays.write({name: value for name, value in goes.properties.items() if not stays.properties.get(name)})
        goes.state = "archived"
        for entry in self.entries:
            if entry is goes or entry.successor == other:
                entry.successor = primary
        return 200, [(primary, False)]

    def erase(self, number: int) -> tuple[int, list[tuple[int, bool]]]:
        """An erasure of a record, with those that were merged with it."""
        if number != NOBODY:
            standing = self.standing(number)
            for kin, entry in enumerate(self.entries):
                if standing in (kin, entry.successor):
                    entry.state = "erased"
        return 204, []

    def mark(self, asked: None) -> tuple[int, list[tuple[int, bool]]]:
        """A checkpoint in the place of the one before."""
        self.marked = deepcopy(self.entries)
        return 201, []

    def rewind(self, asked: None) -> tuple[int, list[tuple[int, bool]]]:
        """All goes back to the checkpoint, but for what was erased."""
        if self.marked is None:
            raise Refused(404)
        now = self.entries[: len(self.marked)]
        self.entries = [
            is_ if is_.state == "erased" else deepcopy(was) for is_, was in zip(now, self.marked, strict=True)
        ]
        return 200, []

    def bad(self, number: int | None, sent: Sent, name: str | None = None, id_: str | None = None) -> bool:
        """Whether a record, or a new one, cannot be given these values; `name` and `id_` are the key it is found by."""
        time = sent.get("hs_timestamp", "" if number is None else AT)
        if time in ("", None, "tomorrow") or "nope" in sent or (name is not None and sent.get(name, id_) != id_):
            return True
        return any(self._holder(other, sent.get(other)) not in (None, number) for other in UNIQUES if other in sent)

    def _holder(self, name: str, value: str | None) -> int | None:
        live = (number for number in range(len(self.entries)) if self._live(number))
        return next((n for n in live if value and self.entries[n].properties.get(name) == value), None)

    def _live(self, number: int) -> bool:
        return number != NOBODY and self.entries[number].state == "live"


class _Batch:
    """What becomes of a batch while its inputs are taken one after the other."""

    def __init__(self, model: Model, batch: list[Input]) -> None:
        self._model = model
        self._traced = all("objectWriteTraceId" in input_ for input_ in batch)
        self._reached: set[int] = set()
        self._failures = 0
        self._done: list[tuple[int, bool]] = []
        self.missing = 0

    def reach(self, number: int | None, sent: Sent, name: str | None = None, id_: str | None = None) -> None:
        """Writes to a record, or to a new one, what is sent to it; raises `Refused` for a record met before."""
        if number in self._reached:
            raise Refused(400)
        if number is not None:
            self._reached.add(number)
        if self._model.bad(number, sent, name, id_):
            self._failures += 1
            return
        new = number is None
        if number is None:
            number = len(self._model.entries)
            self._model.entries.append(Entry({} if name is None else {name: id_}))
            self._reached.add(number)
        self._model.entries[number].write(sent)
        self._done.append((number, new))

    def status(self, success: int) -> tuple[int, list[tuple[int, bool]]]:
        """The answer; raises `Refused` when a failure takes all along."""
        if self._failures and not self._traced:
            raise Refused(400)
        return (207 if self._failures or self.missing else success), self._done
