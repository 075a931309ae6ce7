"""A store to copy, and databases to copy it to."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from cluster import Postgres
from copying.making import full, used

from trunkline.store.postgres.schema import migrate


@pytest.fixture(scope="session")
def template(postgres: Postgres) -> Iterator[str]:
    """A database with the tables of a store; others are copied from it, which is quicker."""
    with postgres.database() as url:
        asyncio.run(migrate(url))
        yield url


@pytest.fixture
def database(postgres: Postgres, template: str) -> Iterator[Callable[[], str]]:
    """Makes databases with the tables of a store, and nothing in them."""
    with ExitStack() as made:
        yield lambda: made.enter_context(postgres.database(template))


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with something of each kind, made once."""
    path = tmp_path_factory.mktemp("made") / "store.db"
    used(path, full)
    return path


@pytest.fixture
def store(made: Path, tmp_path: Path) -> Path:
    """The same, for one test alone."""
    return Path(shutil.copy(made, tmp_path / "store.db"))
