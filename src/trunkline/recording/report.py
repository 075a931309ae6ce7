"""Telling what became of a replay, to people or to programs."""

from collections.abc import Iterable

import msgspec

from trunkline.recording.comparison import ABSENT, Difference
from trunkline.recording.replay import Outcome

LONGEST = 160
"""Characters of a value that people are shown."""


class Report:
    """Counts outcomes and makes lines of them."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self.same = self.different = self.skipped = self.fields = 0

    def lines(self, outcome: Outcome) -> Iterable[str]:
        """The lines of one outcome; none of a case that is the same, but for programs."""
        self._count(outcome)
        if self._as_json:
            yield msgspec.json.encode(outcome).decode()
        elif outcome.differences:
            yield outcome.case
            yield from (f"  {_sentence(difference)}" for difference in outcome.differences)
        elif outcome.skipped:
            yield outcome.case
            yield f"  skipped: {outcome.skipped}"

    def summary(self) -> str:
        """The last line."""
        counts = {"cases": self.same + self.different + self.skipped, "same": self.same, "different": self.different}
        counts |= {"differences": self.fields, "skipped": self.skipped}
        if self._as_json:
            return msgspec.json.encode(counts).decode()
        fields = f" in {self.fields} {'field' if self.fields == 1 else 'fields'}" if self.fields else ""
        return (
            f"{counts['cases']} cases: {self.same} the same, {self.different} different{fields}, {self.skipped} skipped"
        )

    def _count(self, outcome: Outcome) -> None:
        self.same += not (outcome.differences or outcome.skipped)
        self.different += bool(outcome.differences)
        self.skipped += bool(outcome.skipped)
        self.fields += len(outcome.differences)


def _sentence(difference: Difference) -> str:
    expected, got = _shown(difference.expected), _shown(difference.got)
    said = f" ({difference.said})" if difference.said else ""
    return f"{difference.path}: expected {expected}, got {got}{said}"


def _shown(value: object) -> str:
    text = "nothing" if value == ABSENT else msgspec.json.encode(value).decode()
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
