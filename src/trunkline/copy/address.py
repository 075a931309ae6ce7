"""Which engine an address means: a database at a URL, or else a file."""

from contextlib import AbstractAsyncContextManager

from trunkline.app import is_shared
from trunkline.copy.ends import Rows, Target
from trunkline.store.protocol import StoreRefused
from trunkline.store.sqlite.connection import MEMORY


def source(address: str) -> AbstractAsyncContextManager[Rows]:
    """The store at an address, as long as it is read; raises `StoreRefused`."""
    if _is_database(address):
        from trunkline.copy.postgres.source import source as database

        return database(address)
    from trunkline.copy.sqlite.source import source as file

    return file(address)


def target(address: str) -> AbstractAsyncContextManager[Target]:
    """The store at an address, as long as it is filled; raises `StoreRefused`."""
    if _is_database(address):
        from trunkline.copy.postgres.target import target as database

        return database(address)
    from trunkline.copy.sqlite.target import target as file

    return file(address)


def _is_database(address: str) -> bool:
    if address == MEMORY:
        raise StoreRefused("A store in memory lives in its server alone.")
    return is_shared(address)
