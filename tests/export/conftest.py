"""An account with records that are hard to keep, and exports of it."""

import asyncio
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from rich.console import Console
from sides import AT, Side
from threaded import Stage

from trunkline.export.job import Order, carry_out
from trunkline.export.report import Report
from trunkline.export.wanted import Wanted
from trunkline.load.exported import Form

HARD = (
    "plain",
    "",
    None,
    " ",
    'quotes "" and "one',
    '"',
    '""',
    ",",
    "a,b;c\td",
    "two\nlines",
    "carriage\r\nreturn\r",
    "\n",
    "Zoë · 日本語 · 👩‍👩‍👧 · \u202eback",
    "007",
    "1e5",
    "null",
    "=SUM(A1)",
    "\\n \\",
    "'",
    "\ufeffmark",
    "\u2028\u0085\x0b\x1c",
    '{"json": [1, "\\u0000"]}',
    "x" * 60_000,
)
"""Texts of a property; None is one that was never set, and the empty one is cleared."""


@pytest.fixture
def side(stage: Stage) -> Iterator[Side]:
    """A server with nothing in it."""
    with stage.serving() as server:
        side = Side(server)
        yield side
        side.http.close()


@pytest.fixture
def other(beside: Stage) -> Iterator[Side]:
    """Another one, whose records have other ids."""
    with beside.serving() as server:
        side = Side(server)
        side.post("/crm/v3/objects/contacts", {"properties": {"lastname": "Somebody here"}})
        yield side
        side.http.close()


def fill(side: Side, values: tuple[str | None, ...] = HARD) -> None:
    """Calls with these titles, of all kinds of values, one after the other."""
    side.define()
    for n, value in enumerate(values):
        properties = {
            "hs_timestamp": AT if n % 2 else "1767268800123",
            "dialer_id": f"D{n}",
            "hs_call_duration": f"{n}.50",
            "hs_call_status": "NO_ANSWER",
        }
        id_ = side.post("/crm/v3/objects/calls", {"properties": properties})["id"]
        if value is not None:
            side.change("calls", id_, hs_call_title="first")
            side.change("calls", id_, hs_call_title=value)


def many(side: Side, count: int) -> None:
    """So many calls."""
    side.define()
    for first in range(0, count, 100):
        some = range(first, min(first + 100, count))
        inputs = [{"properties": {"hs_timestamp": AT, "dialer_id": f"D{n}"}} for n in some]
        side.post("/crm/v3/objects/calls/batch/create", {"inputs": inputs})


def told(side: Side, type_: str = "calls", **query: str) -> list[dict[str, Any]]:
    """What the API tells of all records of a type, page by page."""
    found: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        page: httpx.Response = side.http.get(f"/crm/v3/objects/{type_}", params={"limit": "50", **query, **after})
        assert page.status_code == 200, page.text
        found += page.json()["results"]
        if "paging" not in page.json():
            return found
        after = {"after": page.json()["paging"]["next"]["after"]}


def names(side: Side, type_: str = "calls") -> list[str]:
    """All properties of a type."""
    return sorted(one["name"] for one in side.http.get(f"/crm/v3/properties/{type_}").json()["results"])


Export = Callable[..., Report]


@pytest.fixture
def export(side: Side) -> Export:
    """Exports into a file; what is not said of the order is as on the command line."""

    def run(file: Path, **wanted: Any) -> Report:
        async def pause(seconds: float) -> None:
            """Waits for nothing."""

        order = Order(
            file=file,
            form=Form(file.suffix[1:]),
            source=side.url,
            token=side.http.headers["authorization"].partition(" ")[2],
            wanted=Wanted(**{"type": "calls"} | wanted),
        )
        return asyncio.run(carry_out(order, Console(file=io.StringIO()), pause))

    return run


def lines(file: Path) -> list[dict[str, Any]]:
    """The lines of an NDJSON file."""
    return [json.loads(line) for line in file.read_bytes().split(b"\n")[:-1]]
