"""Copying as the command does, to its end or to some point."""

import asyncio

from trunkline.app import open_store
from trunkline.clock import Clock
from trunkline.copy import address, copying
from trunkline.copy.copying import Compared, Told
from trunkline.settings import Settings
from trunkline.store.protocol import Store


class Broken(Exception):
    """Where a copy is broken off."""


def copied(source: object, target: object, told: Told = lambda table, rows: None) -> list[Compared]:
    """Copies a store."""

    async def run() -> list[Compared]:
        async with address.source(str(source)) as rows, address.target(str(target)) as filled:
            return await copying.copy(rows, await rows.origin(), filled, told)

    return asyncio.run(run())


def compared(one: object, other: object) -> list[Compared]:
    """Compares two stores."""

    async def run() -> list[Compared]:
        async with address.source(str(one)) as rows, address.source(str(other)) as others:
            return await copying.compare(rows, others, lambda table, rows: None)

    return asyncio.run(run())


def different(tables: list[Compared]) -> list[str]:
    """The tables that are not the same on both sides."""
    return [one.table for one in tables if not one.same]


def opened(where: object) -> Store:
    """The store at an address, not yet opened."""
    return open_store(Settings(data=str(where)), Clock())
