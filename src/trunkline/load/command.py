"""`trunkline load`: the command line of a run. What is slow to import is imported when the command runs."""

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from trunkline.load.formats import Format
from trunkline.load.stopped import Stopped


def load(
    file: Annotated[Path, typer.Argument(help="The file, in UTF-8 or Parquet.", exists=True, dir_okay=False)],
    to: Annotated[str, typer.Option(help="Where to: a Trunkline, or https://api.hubapi.com.")],
    id_property: Annotated[
        str | None,
        typer.Option(
            "--id-property", "--key", help="The unique property that holds each row's key; without it all is new."
        ),
    ] = None,
    type_: Annotated[str, typer.Option("--type", help="The object type.")] = "calls",
    token: Annotated[str | None, typer.Option(envvar="TRUNKLINE_TOKEN", help="The access token.")] = None,
    mapping: Annotated[
        list[str] | None, typer.Option("--map", help="COLUMN=PROPERTY, or COLUMN= to drop it. Repeatable.")
    ] = None,
    kind: Annotated[Format, typer.Option("--format", help="What the file is; auto looks.")] = Format.AUTO,
    timezone: Annotated[str, typer.Option(help="The zone of times that name none.")] = "UTC",
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="Requests at once.")] = 4,
    rejects: Annotated[
        Path | None, typer.Option(help="Where rejected rows go.", show_default="FILE.rejects.csv", dir_okay=False)
    ] = None,
    create_property: Annotated[
        bool, typer.Option("--create-property", help="Create the id property if missing.")
    ] = False,
    same_account: Annotated[
        bool, typer.Option("--same-account", help="The file is from this account: associate records by their ids.")
    ] = False,
) -> None:
    """Load a file of calls or other records: create or update each by its key. Running it again makes no duplicate.

    The file is what `trunkline export` wrote, a CSV with a header, NDJSON, Parquet, Asterisk's Master.csv or a Twilio
    export. Blank cells change nothing. Without a key every row is a new record.
    Exit code: 0 when every row is in, 1 when some were rejected, 2 when the run stopped.
    """
    import asyncio

    from rich.console import Console

    from trunkline.load.job import Order, carry_out
    from trunkline.load.mapping import read_wishes

    try:
        order = Order(
            file=file,
            rejects=_rejects(file, rejects),
            to=to,
            key=id_property,
            type=type_,
            token=token,
            wishes=read_wishes(mapping or ()),
            format=kind,
            zone=_zone(timezone),
            concurrency=concurrency,
            create_property=create_property,
            same_account=same_account,
        )
        ending = asyncio.run(carry_out(order, Console(stderr=True)))
    except (Stopped, OSError) as cause:
        typer.echo(f"trunkline: {cause}", err=True)
        raise typer.Exit(2) from cause
    if ending.stopped is not None:
        typer.echo(f"trunkline: {ending.stopped}", err=True)
    if ending.report.read or ending.stopped is None:
        typer.echo(ending.report.summary())
    if ending.stopped is not None and ending.report.read:
        again = "is safe and makes no duplicate" if id_property else "makes what is in once more, as there is no key"
        typer.echo(f"Stopped before the end. Running the same command again {again}.", err=True)
    if not (ending.report.rejected or ending.report.untied) and order.rejects.is_file():
        typer.echo(f"{order.rejects} is from an earlier run: this one rejected nothing.", err=True)
    raise typer.Exit(ending.exit_code)


def _rejects(file: Path, given: Path | None) -> Path:
    where = given or file.with_name(f"{file.name}.rejects.csv")
    if where.resolve() == file.resolve():
        raise Stopped("The rejects file would overwrite the file to load; give another with --rejects.")
    return where


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError) as cause:
        raise Stopped(f"--timezone {name}: there is no such time zone; write one such as Europe/Paris.") from cause
