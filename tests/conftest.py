"""What the tests share: servers on a real socket, each with an empty store of its own, and PostgreSQL servers."""

import asyncio
import os
from collections.abc import Generator, Iterator
from contextlib import nullcontext
from pathlib import Path

import cluster as servers
import pytest
import structlog
from cluster import Cluster, Postgres
from postgres import VARIABLE
from slate import ENGINES, Slates, using
from threaded import Stage, ThreadedServer, staged

SHOWN = 50
"""The lines of a server's log that are shown with a test that failed."""

# A server that nobody configured logs a line for each request.
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("info"))


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    """The socket that the servers of `trunkline` have in common, one after the other."""
    with staged() as stage:
        yield stage


@pytest.fixture(scope="session")
def beside() -> Iterator[Stage]:
    """A second socket, for the server on the other side."""
    with staged() as stage:
        yield stage


@pytest.fixture
def trunkline(stage: Stage) -> Iterator[ThreadedServer]:
    """A server for this test alone, in a thread; `tests/real` has the real process under the same name."""
    with stage.serving() as server:
        yield server


@pytest.fixture(autouse=True)
def engine(request: pytest.FixtureRequest) -> Iterator[str]:
    """The engine under the servers of a test: the one that the command line names, or each that a parameter names."""
    name = getattr(request, "param", request.config.getoption("engine"))
    with using(request.getfixturevalue("slates")) if name == "postgres" else nullcontext():
        yield name


@pytest.fixture(scope="session")
def programs() -> Path:
    """The folder of PostgreSQL's programs; without them the test is skipped."""
    return servers.programs()


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> Iterator[Postgres]:
    """The PostgreSQL server that tests share, each with databases of its own; it starts when one asks for it first."""
    named = os.environ.get(VARIABLE)
    if named:
        yield Postgres(named)
        return
    with Cluster(request.getfixturevalue("programs")) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def slates(postgres: Postgres) -> Iterator[Slates]:
    """Empty stores on that server."""
    # What migrates a database is slow to import.
    from trunkline.store.postgres.schema import migrate

    with postgres.database() as template:
        asyncio.run(migrate(template))
        with Slates(postgres, template) as slates:
            yield slates


@pytest.fixture
def cluster(programs: Path) -> Iterator[Cluster]:
    """A PostgreSQL server for this test alone, to be stopped and killed."""
    with Cluster(programs) as cluster:
        yield cluster


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--engine postgres` tries that engine where a test does not say which."""
    parser.addoption("--engine", choices=ENGINES, default=ENGINES[0])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Shows what the PostgreSQL servers of a failed test told."""
    report = yield
    if report.failed:
        for server in getattr(item, "funcargs", {}).values():
            if isinstance(server, Postgres):
                report.sections.append(("PostgreSQL", "\n".join(server.log().splitlines()[-SHOWN:])))
    return report
