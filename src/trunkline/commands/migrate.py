"""`trunkline migrate`: an operator chooses when the schema of a database is changed."""

from typing import TYPE_CHECKING, Annotated

import typer

from trunkline.commands.reach import fail
from trunkline.settings import from_environment
from trunkline.store.protocol import StoreRefused

if TYPE_CHECKING:
    from trunkline.store.postgres.schema import Migration


def migrate(
    data: Annotated[str | None, typer.Option(help="The database's URL; else TRUNKLINE_DATA.")] = None,
    citus: Annotated[bool, typer.Option("--citus", help="Spread it over the servers of a Citus cluster.")] = False,
) -> None:
    """Bring a PostgreSQL database to the newest step of its schema, all of the way or not at all.

    With --citus nothing may be served from it meanwhile. A SQLite file needs no such command: it is brought up when
    it is served.
    """
    import asyncio

    from trunkline.app import is_shared

    try:
        name = from_environment(data=data).data
        if not is_shared(name):
            if citus:
                raise StoreRefused(f"{name} is a SQLite file: --citus is for the URL of a PostgreSQL database.")
            typer.echo(f"{name} is a SQLite file: it is migrated when it is served.")
            return

        from trunkline.store.postgres.schema import migrate as bring

        typer.echo(_told(asyncio.run(bring(name, citus=citus))))
    except (StoreRefused, ValueError) as cause:
        fail(cause)


def _told(done: "Migration") -> str:
    steps = f"The schema is at step {done.after}"
    if done.before is None:
        steps += ", the database had none"
    elif done.before != done.after:
        steps += f", it was at {done.before}"
    return steps + (f"; Citus spreads {done.spread} more of its tables." if done.spread else ".")
