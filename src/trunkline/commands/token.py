"""`trunkline token`: the tokens of private apps."""

from typing import Annotated

import typer

from trunkline.commands.reach import AsJson, Data, known_scopes_noted, listed, parts, reach, show

app = typer.Typer(help="Access tokens: make, list, rotate and revoke them, while the server runs or not.")

Number = Annotated[int, typer.Argument(help="The number in the list.")]
Hours = Annotated[float, typer.Option(help="Hours for which the old one stays good beside the new.")]


@app.command()
def create(
    name: Annotated[str, typer.Option(help="What the token is for.")],
    scope: Annotated[list[str], typer.Option(help="A scope to grant; repeat it, or part several by commas.")],
    portal: Annotated[int | None, typer.Option(help="The portal it opens; the default one if not given.")] = None,
    data: Data = None,
) -> None:
    """Make a token and print it. It is shown this once: only its hash is kept."""
    scopes = parts(scope)
    known_scopes_noted(scopes)
    with reach(data) as store:
        typer.echo(store.ask("POST", "/tokens", {"name": name, "scopes": scopes, "portal": portal})["token"])


@app.command("list")
def list_all(data: Data = None, as_json: AsJson = False) -> None:
    """List the tokens, without their texts."""
    rows = [row | {"state": "revoked" if "revokedAt" in row else "good"} for row in listed(data, "/tokens")]
    show(rows, ("app", "state", "portal", "name", "scopes"), as_json)


@app.command()
def rotate(app_id: Number, keep_hours: Hours = 0, data: Data = None) -> None:
    """Make a new text for a token and print it; the old one ends."""
    with reach(data) as store:
        typer.echo(store.ask("POST", f"/tokens/{app_id}/rotate", {"keepHours": keep_hours})["token"])


@app.command()
def revoke(app_id: Number, data: Data = None) -> None:
    """Revoke a token, at once and for good."""
    with reach(data) as store:
        store.ask("DELETE", f"/tokens/{app_id}")
