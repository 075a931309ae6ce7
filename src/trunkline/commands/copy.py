"""`trunkline copy`: a whole store to another place, on the same engine or another."""

from typing import TYPE_CHECKING, Annotated

import typer

from trunkline.commands.reach import fail
from trunkline.store.protocol import StoreRefused

if TYPE_CHECKING:
    from trunkline.copy.copying import Compared


def copy(
    source: Annotated[str, typer.Option("--from", help="The store to copy: a file, or a postgresql:// URL.")],
    target: Annotated[str, typer.Option("--to", help="Where to: a new file, or the URL of an empty database.")],
    verify: Annotated[
        bool, typer.Option("--verify", help="Copy nothing; only tell whether both are the same.")
    ] = False,
) -> None:
    """Copy a whole store, between SQLite and PostgreSQL or on one engine, and compare both sides.

    Neither may be served meanwhile. Broken off, the same command goes on. Exit code: 0 when both have the same rows,
    1 when they differ, 2 when the copy stopped.
    """
    import asyncio

    import apsw
    import asyncpg
    from rich.console import Console

    from trunkline.copy.report import shown

    try:
        compared = asyncio.run(_carry_out(source, target, verify))
    except (StoreRefused, OSError, TimeoutError, apsw.Error, asyncpg.PostgresError, asyncpg.InterfaceError) as cause:
        fail(cause)
    shown(compared, Console())
    different = [one.table for one in compared if not one.same]
    if different:
        typer.echo(f"trunkline: {source} and {target} differ in {', '.join(different)}.", err=True)
        raise typer.Exit(1)


async def _carry_out(source: str, target: str, verify: bool) -> "list[Compared]":
    from rich.console import Console

    from trunkline.copy import address, copying
    from trunkline.copy.report import Bar

    if source == target:
        raise StoreRefused(f"{source} cannot be copied onto itself.")
    with Bar(Console(stderr=True)) as bar:
        async with address.source(source) as rows:
            origin = await rows.origin()
            bar.expect(2 * sum(origin.counts.values()))
            if verify:
                async with address.source(target) as others:
                    return await copying.compare(rows, others, bar)
            async with address.target(target) as filled:
                return await copying.copy(rows, origin, filled, bar)
