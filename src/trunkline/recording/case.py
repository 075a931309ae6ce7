"""A case: one request, and what the answer to it must be. Cases are kept in files, a line of JSON for each."""

from pathlib import Path
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from trunkline.load.stopped import Stopped


class Request(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The request. `body` is sent as compact JSON, `raw_body` as it stands (a list of texts, which may be repeats, is
    joined), `raw_hex` byte for byte. It is sent with a token and as JSON unless `headers` say otherwise."""

    method: str
    path: str
    headers: dict[str, str] = {}
    body: Any = UNSET
    raw_body: str | list[Any] | UnsetType = UNSET
    raw_hex: str | UnsetType = UNSET


class Case(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One case.

    `given` is what is done before the request, and `expect` what is looked at in the answer, each by a name. A case
    that was recorded has of the first at most `no_token`, and of the second `status`, `header_equals`, and
    `body_equals` or `body_empty`. `source` says where the expectation comes from, `note` what is missing. `needs`,
    `transposed_from` and `versions` are for Trunkline's own tests.
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


def read(path: Path) -> list[Case]:
    """The cases of a file, in its order. Raises `Stopped` that names the line which is none."""
    decode, cases = msgspec.json.Decoder(Case).decode, []
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        try:
            cases.append(decode(line))
        except (msgspec.DecodeError, UnicodeDecodeError) as cause:
            raise Stopped(f"{path}, line {number}: {cause}.") from cause
    return cases
