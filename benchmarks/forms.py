"""How one batch of calls is written for each kind of server: the same hundred calls, the same keys, the same values."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import msgspec

from benchmarks.calls import KEY, body, call, key

Inputs = list[tuple[int, int]]
"""Number and version of each call of a batch."""

PATH = "/crm/v3/objects/calls/batch/upsert"


class Form(NamedTuple):
    """Where a batch is posted to, and what makes its body."""

    path: str
    write: Callable[[Inputs], bytes]


def rows(inputs: Inputs) -> bytes:
    """Datasette's: rows of a table, which are sent back as they are then."""
    made = [{KEY: key(number)} | call(number, version) for number, version in inputs]
    return msgspec.json.encode({"rows": made, "return": True})


def puts(inputs: Inputs) -> bytes:
    """Kinto's: a request for each record."""
    requests = [{"path": f"{RECORDS}/{key(n)}", "body": {"data": call(n, version)}} for n, version in inputs]
    return msgspec.json.encode({"defaults": {"method": "PUT"}, "requests": requests})


RECORDS = "/buckets/bench/collections/calls/records"

FORMS: Mapping[str, Form] = {
    "upsert": Form(PATH, body),
    "rows": Form("/calls/call/-/upsert", rows),
    "puts": Form("/v1/batch", puts),
}
"""By name."""
