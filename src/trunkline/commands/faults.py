"""`trunkline faults`: what goes wrong in a portal on purpose."""

from typing import Annotated

import typer

from trunkline.commands.reach import AsJson, Data, InPortal, Json, in_portal, reach, show

app = typer.Typer(help="Faults: what goes wrong in a portal on purpose, for which requests, and how often.")

COLUMNS = ("name", "kind", "method", "route", "app", "probability", "count", "after", "seconds", "met", "struck")


@app.command()
def add(
    kind: Annotated[str, typer.Argument(help="What goes wrong, as rate-limit or commit-then-drop.")],
    portal: InPortal = None,
    name: Annotated[str | None, typer.Option(help="What it is called; else like its kind.")] = None,
    method: Annotated[str | None, typer.Option(help="Strike requests with this method only.")] = None,
    route: Annotated[
        str | None, typer.Option(help="Strike requests of this route only: its template, or a path with *.")
    ] = None,
    of_app: Annotated[int | None, typer.Option("--app", help="Strike requests of the app of this number only.")] = None,
    probability: Annotated[float | None, typer.Option(help="Strike with this probability, from 0 to 1.")] = None,
    seed: Annotated[int | None, typer.Option(help="What chance begins with; the same seed draws the same.")] = None,
    count: Annotated[int | None, typer.Option(help="Strike so often at most.")] = None,
    after: Annotated[int | None, typer.Option(help="Let so many requests pass first.")] = None,
    seconds: Annotated[float | None, typer.Option(help="Seconds that pass before it strikes.")] = None,
    carried_out: Annotated[
        bool | None, typer.Option("--carried-out", help="Carry the request out even so, where that can be.")
    ] = None,
    data: Data = None,
) -> None:
    """Add a fault and print its name; another of that name goes."""
    asked = {
        "kind": kind,
        "name": name,
        "method": method.upper() if method else None,
        "route": route,
        "app": of_app,
        "probability": probability,
        "seed": seed,
        "count": count,
        "after": after,
        "seconds": seconds,
        "carriedOut": carried_out,
    }
    body: Json = {key: value for key, value in asked.items() if value is not None}
    with reach(data) as store:
        typer.echo(store.ask("POST", f"{in_portal(store, portal)}/faults", body)["name"])


@app.command("list")
def list_all(portal: InPortal = None, data: Data = None, as_json: AsJson = False) -> None:
    """List the faults of a portal, with how many requests each met and struck."""
    with reach(data) as store:
        show(store.ask("GET", f"{in_portal(store, portal)}/faults")["results"], COLUMNS, as_json)


@app.command()
def clear(
    name: Annotated[str | None, typer.Argument(help="The fault to take away; else all of them.")] = None,
    portal: InPortal = None,
    data: Data = None,
) -> None:
    """Take faults away."""
    with reach(data) as store:
        store.ask("DELETE", f"{in_portal(store, portal)}/faults" + (f"/{name}" if name else ""))
