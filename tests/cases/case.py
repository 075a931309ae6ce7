"""A wire case: one request, what holds before it, and what the answer must be. Read from the JSON lines beside."""

from pathlib import Path
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

HERE = Path(__file__).parent


class Request(Struct, forbid_unknown_fields=True):
    """The request under test. `body` is sent as compact JSON, `raw_body` as it stands (a list of
    texts, which may be repeats, is joined), `raw_hex` byte for byte."""

    method: str
    path: str
    headers: dict[str, str] = {}
    body: Any = UNSET
    raw_body: str | list[Any] | UnsetType = UNSET
    raw_hex: str | UnsetType = UNSET


class Case(Struct, forbid_unknown_fields=True):
    """One case.

    `needs` names the route families that it takes part in, `given` the steps of `given.STEPS` that are taken first,
    `expect` the checks of `checks.CHECKS`. `source` says where the expectation comes from: a fact of the behaviour
    notes, or a rule that this project chose where no source speaks. `versions` are the dated versions in which the
    case holds as well, all of them unless given (`cases.versions`).
    """

    id: str
    area: str
    needs: list[str]
    request: Request
    expect: dict[str, Any]
    source: str
    confidence: str
    given: list[dict[str, Any]] = []
    transposed_from: str = ""
    note: str = ""
    versions: list[str] | None = None


def load() -> list[Case]:
    """Every case, file by file in alphabetical order."""
    decode = msgspec.json.Decoder(Case).decode
    return [decode(line) for path in sorted(HERE.glob("*.jsonl")) for line in path.read_text().splitlines()]


def dropped() -> dict[str, str]:
    """The recorded cases that are not carried, each with the reason."""
    return msgspec.json.decode((HERE / "dropped.json").read_bytes(), type=dict[str, str])
