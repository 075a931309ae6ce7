"""`trunkline export`: the command line of a run. What is slow to import is imported when the command runs."""

from pathlib import Path
from typing import Annotated

import typer

from trunkline.load.exported import Form, form_of, named
from trunkline.load.stopped import Stopped


def export(
    file: Annotated[Path, typer.Argument(help="The file to write; it appears once it is whole. - is standard output.")],
    source: Annotated[str, typer.Option("--from", help="From where: a Trunkline, or https://api.hubapi.com.")],
    token: Annotated[str | None, typer.Option(envvar="TRUNKLINE_TOKEN", help="The access token.")] = None,
    type_: Annotated[str, typer.Option("--type", help="The object type.")] = "calls",
    form: Annotated[Form | None, typer.Option("--format", help="What the file is.", show_default="by its name")] = None,
    properties: Annotated[
        str | None, typer.Option(help="Properties, parted by commas.", show_default="all that are defined")
    ] = None,
    history: Annotated[bool, typer.Option("--history", help="With all values that they had.")] = False,
    associations: Annotated[
        str | None,
        typer.Option(help="Types whose associations go along, as contacts:email,companies; :PROPERTY tells whose key."),
    ] = None,
    archived: Annotated[bool, typer.Option("--archived", help="The archived records, and not the live ones.")] = False,
    rate: Annotated[int | None, typer.Option(min=1, help="Requests in ten seconds, at most.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Records, at most.")] = None,
) -> None:
    """Write the records of an object type to a file: CSV, NDJSON or Parquet. `trunkline load` reads it.

    Exit code: 0 when the file is whole, 2 when the run stopped and there is none.
    """
    import asyncio

    from rich.console import Console

    from trunkline.export.job import Order, carry_out
    from trunkline.export.target import STANDARD
    from trunkline.export.wanted import Wanted, ends

    try:
        order = Order(
            file=file,
            form=_form(file, form),
            source=source,
            wanted=Wanted(
                type=type_,
                properties=None if properties is None else named(properties, "--properties"),
                history=history,
                associations=() if associations is None else ends(named(associations, "--associations")),
                archived=archived,
                limit=limit,
            ),
            token=token,
            rate=rate,
        )
        report = asyncio.run(carry_out(order, Console(stderr=True)))
    except (Stopped, OSError, KeyboardInterrupt) as cause:
        typer.echo(f"trunkline: {str(cause) or 'Interrupted.'}", err=True)
        raise typer.Exit(2) from cause
    typer.echo(report.summary(), err=file == STANDARD)


def _form(file: Path, given: Form | None) -> Form:
    form = given or form_of(file)
    if form is None:
        raise Stopped(f"{file}: say what to write with --format {', '.join(Form)}, or by the end of the file's name.")
    if form is Form.PARQUET and str(file) == "-":
        raise Stopped("Parquet is written to a file only, as its end tells what is in it.")
    return form
