"""The pytest plugin: `trunkline` is a fresh portal for each test, on a server that the tests of a process share.

pytest imports this whenever it starts, so that it imports nothing else before a test asks for a portal.
"""

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from trunkline.testing.operator import Json
    from trunkline.testing.portal import Portal
    from trunkline.testing.serving import Server

SHOWN = 20
"""The requests that are shown with a test that failed."""

WHERE = "Where HubSpot is: thread (of this process), process, or the URL of a server; its secret is TRUNKLINE_SECRET."


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--trunkline-server`, and `trunkline_server` in the configuration."""
    parser.getgroup("trunkline").addoption("--trunkline-server", metavar="WHERE", help=WHERE)
    parser.addini("trunkline_server", WHERE, default="thread")


@pytest.fixture(scope="session")
def trunkline_server(pytestconfig: pytest.Config) -> "Iterator[Server]":
    """The server that all tests of this process share; with pytest-xdist, each worker has one."""
    from trunkline.testing import server

    where = pytestconfig.getoption("trunkline_server") or pytestconfig.getini("trunkline_server")
    with server(where) as started:
        yield started


@pytest.fixture
def trunkline(trunkline_server: "Server", request: pytest.FixtureRequest) -> "Iterator[Portal]":
    """A portal for this test alone: its URL and token, HubSpot's client, a clock, faults, and what was asked of it."""
    with trunkline_server.portal() as portal:
        yield portal


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Shows with a test that failed what was asked of its portal last."""
    report = yield
    if report.when == "call" and report.failed and "trunkline_server" in getattr(item, "fixturenames", ()):
        asked = item.funcargs["trunkline"].requests[-SHOWN:]  # type: ignore[attr-defined]
        report.sections.append(("Trunkline's requests", "\n".join(map(_line, asked))))
    return report


def _line(request: "Json") -> str:
    told = [f"{request['status'] or '-'} {request['method']} {request['path']}"]
    told += [f"fault {request['fault']}"] if request["fault"] else []
    told += [f"warning {warning['code']}" for warning in request["warnings"]]
    return ", ".join(told)
