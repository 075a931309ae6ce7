"""The wire cases of the JSON lines beside."""

from pathlib import Path

import msgspec

from trunkline.recording.case import Case, Request, read

HERE = Path(__file__).parent

__all__ = ["Case", "Request", "dropped", "load"]


def load() -> list[Case]:
    """Every case, file by file in alphabetical order.

    The first key of each step in `given` names one of `given.STEPS`, and the keys of `expect` are `checks.CHECKS`.
    """
    return [case for path in sorted(HERE.glob("*.jsonl")) for case in read(path)]


def dropped() -> dict[str, str]:
    """The recorded cases that are not carried, each with the reason."""
    return msgspec.json.decode((HERE / "dropped.json").read_bytes(), type=dict[str, str])
