"""What apps were told of changes, and what proves that it came from here."""

from typing import Annotated
from urllib.parse import urlencode

import typer

from trunkline.commands.reach import AsJson, Data, reach, show

app = typer.Typer(help="See what apps were told of changes.")

COLUMNS = ("id", "at", "portal", "app", "attempt", "state", "answer", "events", "cause")


@app.command("deliveries")
def deliveries(
    portal: Annotated[int, typer.Option(help="Of this portal alone.")] = 0,
    of_app: Annotated[int, typer.Option("--app", help="To this app alone.")] = 0,
    status: Annotated[str, typer.Option(help="`delivered`, `failed` (and tried again) or `given-up`.")] = "",
    limit: Annotated[int, typer.Option(help="How many at most.")] = 100,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """List what apps were told lately and what they answered, the newest first."""
    query = urlencode({"portal": portal, "app": of_app, "status": status, "limit": limit})
    with reach(data, running=True) as store:
        rows = store.ask("GET", f"/deliveries?{query}")["results"]
    show(rows if as_json else [row | {"events": len(row["events"])} for row in rows], COLUMNS, as_json)


@app.command("redeliver")
def redeliver(delivery: Annotated[int, typer.Argument(help="The delivery's number.")], data: Data = None) -> None:
    """Tell an app at once what it was told before."""
    with reach(data, running=True) as store:
        told = store.ask("POST", f"/deliveries/{delivery}/redeliver")
    typer.echo(f"{told['state']}: {told['cause'] or told['answer']}")


@app.command("secret")
def secret(of_app: Annotated[int, typer.Argument(metavar="APP", help="The app's id.")], data: Data = None) -> None:
    """Print the secret with which what an app is told is signed: its client secret, or one made for it."""
    with reach(data) as store:
        typer.echo(store.ask("GET", f"/apps/{of_app}/signing")["secret"])
