"""`trunkline clock`: what time it is in a portal."""

from typing import Annotated

import typer

from trunkline.commands.reach import Data, InPortal, Json, in_portal, reach

app = typer.Typer(help="The clock of a portal: freeze, set, advance and release it.")

Moment = Annotated[str, typer.Argument(help="A time, as 2026-01-31T12:00:00Z, or milliseconds since 1970.")]


@app.command()
def show(portal: InPortal = None, data: Data = None) -> None:
    """Print what time it is in a portal."""
    with reach(data) as store:
        _tell(store.ask("GET", f"{in_portal(store, portal)}/clock"))


@app.command()
def freeze(
    at: Annotated[str | None, typer.Argument(help="A time; else where the clock is.")] = None,
    portal: InPortal = None,
    data: Data = None,
) -> None:
    """Have the clock stand still."""
    _turn({"freeze": True if at is None else at}, portal, data)


@app.command("set")
def set_to(to: Moment, portal: InPortal = None, data: Data = None) -> None:
    """Set the clock; it goes on from there, or stands there if it stands."""
    _turn({"set": to}, portal, data)


@app.command()
def advance(
    seconds: Annotated[float, typer.Argument(help="By how much; less than 0 sets it back.")],
    portal: InPortal = None,
    data: Data = None,
) -> None:
    """Move the clock on."""
    _turn({"advance": seconds}, portal, data)


@app.command()
def release(portal: InPortal = None, data: Data = None) -> None:
    """Have the clock show the real time again."""
    _turn({"release": True}, portal, data)


def _turn(turn: Json, portal: int | None, data: str | None) -> None:
    with reach(data) as store:
        _tell(store.ask("POST", f"{in_portal(store, portal)}/clock", turn))


def _tell(shown: Json) -> None:
    typer.echo(f"{shown['now']}\t{'frozen' if shown['frozen'] else 'running'}")
