"""Which of 200, 207 and 400 a batch is answered with."""

from collections.abc import Sequence

from trunkline.crm.plan import Failed
from trunkline.errors import InvalidValues, RecordExists, Refusal


def settle(traces: Sequence[str | None], failed: Sequence[Failed]) -> int:
    """The status of a batch: 200 when every input went in, 207 when the failed ones can be told apart.

    They can when every input carries a trace id of its own (behaviour 1.13); then the answer is 207 even when no
    input is left. Without that one failure refuses the whole batch (behaviour 1.12), which is raised. Trace ids that
    are missing on some inputs, blank or repeated count as none (chosen: differences).
    """
    if not failed:
        return 200
    if all(traces) and len(set(traces)) == len(traces):
        return 207
    raise whole(failed)


def whole(failed: Sequence[Failed]) -> Refusal:
    """The refusal of a whole batch: its first failure, with the bad values of all inputs if it is of that kind."""
    first = min(failed, key=lambda failure: failure.position).refusal
    if isinstance(first, InvalidValues):
        return InvalidValues.merged([f.refusal for f in failed if isinstance(f.refusal, InvalidValues)])
    return first.of_batch() if isinstance(first, RecordExists) else first
