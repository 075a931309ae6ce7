"""`trunkline backup`: a copy of a store's file, while it is served or not."""

from pathlib import Path
from typing import Annotated

import typer

from trunkline.commands.reach import Data, fail
from trunkline.settings import from_environment
from trunkline.store.protocol import StoreRefused


def backup(
    out: Annotated[Path, typer.Option(help="The file to write; it appears once it is whole.", dir_okay=False)],
    data: Data = None,
) -> None:
    """Copy a store's file as it is at one moment, while it is served.

    What was acknowledged before is in it. A PostgreSQL database is backed up by its own means.
    """
    import apsw
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TimeRemainingColumn

    from trunkline.app import is_shared
    from trunkline.store.sqlite.backup import back_up
    from trunkline.store.sqlite.connection import MEMORY

    console = Console(stderr=True)
    columns = BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    try:
        name = from_environment(data=data).data
        if is_shared(name) or name == MEMORY:
            raise StoreRefused("Only a store's file is backed up so; for a PostgreSQL database see pg_dump.")
        with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
            task = bar.add_task("copying")
            back_up(name, out, lambda left, all_: bar.update(task, completed=all_ - left, total=all_))
    except (StoreRefused, ValueError, OSError, apsw.Error) as cause:
        fail(cause)
