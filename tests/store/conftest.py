"""Databases for the tests of the engine on PostgreSQL."""

import asyncio
from collections.abc import Iterator

import pytest
from cluster import Postgres

from trunkline.store.postgres.schema import migrate


@pytest.fixture(scope="session")
def ready(postgres: Postgres) -> Iterator[str]:
    """A database with the tables, to copy."""
    with postgres.database() as url:
        asyncio.run(migrate(url))
        yield url


@pytest.fixture
def url(postgres: Postgres, ready: str) -> Iterator[str]:
    """A database with the tables, for one test."""
    with postgres.database(ready) as url:
        yield url
