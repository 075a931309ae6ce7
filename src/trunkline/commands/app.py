"""`trunkline app`: OAuth apps, which people install in portals."""

from typing import Annotated

import typer

from trunkline.commands.reach import AsJson, Data, Json, known_scopes_noted, listed, parts, reach, show
from trunkline.commands.token import Hours, Number

app = typer.Typer(help="OAuth apps: register, list, change, rotate the secret of, and remove them.")

Redirects = Annotated[
    list[str] | None, typer.Option("--redirect-uri", help="Where codes may be sent, to the letter; repeat it.")
]
Required = Annotated[list[str] | None, typer.Option("--scope", help="A scope that it always asks for; repeat it.")]
Optional = Annotated[
    list[str] | None, typer.Option("--optional-scope", help="A scope that it takes where it can be had; repeat it.")
]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What people read on the page that asks them.")],
    redirect_uri: Redirects = None,
    scope: Required = None,
    optional_scope: Optional = None,
    portal: Annotated[
        int | None, typer.Option(help="A portal that it may call with its own credentials (client_credentials).")
    ] = None,
    data: Data = None,
) -> None:
    """Register an app and print its client id and secret. The secret is shown this once: only its hash is kept."""
    asked = {"name": name, "portal": portal} | _given(redirect_uri, scope, optional_scope)
    with reach(data) as store:
        made = store.ask("POST", "/apps", asked)
    typer.echo(f"id\t{made['id']}\nclient_id\t{made['clientId']}\nclient_secret\t{made['clientSecret']}")


@app.command("list")
def list_all(data: Data = None, as_json: AsJson = False) -> None:
    """List the apps, without their secrets."""
    show(listed(data, "/apps"), ("id", "clientId", "name", "redirectUris", "scopes", "optionalScopes"), as_json)


@app.command()
def change(
    app_id: Number,
    name: Annotated[str | None, typer.Option(help="A new name.")] = None,
    redirect_uri: Redirects = None,
    scope: Required = None,
    optional_scope: Optional = None,
    data: Data = None,
) -> None:
    """Change an app; each list that is given takes the place of the old one."""
    given = ({} if name is None else {"name": name}) | _given(redirect_uri, scope, optional_scope)
    with reach(data) as store:
        store.ask("PATCH", f"/apps/{app_id}", given)


@app.command()
def rotate(app_id: Number, keep_hours: Hours = 0, data: Data = None) -> None:
    """Make a new client secret and print it; the old one ends."""
    with reach(data) as store:
        typer.echo(store.ask("POST", f"/apps/{app_id}/rotate", {"keepHours": keep_hours})["clientSecret"])


@app.command()
def remove(app_id: Number, data: Data = None) -> None:
    """Remove an app; all its tokens end."""
    with reach(data) as store:
        store.ask("DELETE", f"/apps/{app_id}")


@app.command()
def consents(app_id: Number, data: Data = None, as_json: AsJson = False) -> None:
    """List who let an app into which portal."""
    show(listed(data, f"/apps/{app_id}/consents"), ("portal", "user", "createdAt", "scopes"), as_json)


@app.command()
def withdraw(
    app_id: Number,
    portal: Annotated[int | None, typer.Option(help="Only in this portal.")] = None,
    data: Data = None,
) -> None:
    """Take back what people allowed an app: the tokens that came of it end."""
    with reach(data) as store:
        store.ask("DELETE", f"/apps/{app_id}/consents" + (f"?portal={portal}" if portal else ""))


def _given(redirects: list[str] | None, scope: list[str] | None, optional: list[str] | None) -> Json:
    given: Json = {} if redirects is None else {"redirectUris": redirects}
    if scope is not None:
        given["scopes"] = parts(scope)
    if optional is not None:
        given["optionalScopes"] = parts(optional)
    known_scopes_noted([*given.get("scopes", ()), *given.get("optionalScopes", ())])
    return given
