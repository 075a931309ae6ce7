"""`trunkline user`: the people who sign in to let apps in."""

import sys
from typing import Annotated

import typer

from trunkline.commands.reach import AsJson, Data, Json, listed, reach, show

app = typer.Typer(help="Users, who sign in where a server is not for its own machine alone.")

Number = Annotated[int, typer.Argument(help="The number in the list.")]
Portals = Annotated[list[int] | None, typer.Option("--portal", help="A portal that they decide for; repeat it.")]
FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from the standard input instead of asking.")
]


@app.command()
def create(
    email: Annotated[str, typer.Argument(help="The address they sign in with.")],
    portal: Portals = None,
    password_stdin: FromStdin = False,
    data: Data = None,
) -> None:
    """Make a user and print the number."""
    asked = {"email": email, "password": _password(password_stdin), "portals": portal or []}
    with reach(data) as store:
        typer.echo(store.ask("POST", "/users", asked)["id"])


@app.command("list")
def list_all(data: Data = None, as_json: AsJson = False) -> None:
    """List the users; the first is the owner, who decides for all portals."""
    show(listed(data, "/users"), ("id", "email", "portals", "signsIn"), as_json)


@app.command()
def change(user_id: Number, portal: Portals = None, data: Data = None) -> None:
    """Change for which portals a user decides."""
    given: Json = {} if portal is None else {"portals": portal}
    with reach(data) as store:
        store.ask("PATCH", f"/users/{user_id}", given)


@app.command()
def password(user_id: Number, password_stdin: FromStdin = False, data: Data = None) -> None:
    """Give a user a new password; they are signed out everywhere."""
    text = _password(password_stdin)
    with reach(data) as store:
        store.ask("PATCH", f"/users/{user_id}", {"password": text})


@app.command()
def remove(user_id: Number, data: Data = None) -> None:
    """Remove a user; what they allowed apps stays allowed."""
    with reach(data) as store:
        store.ask("DELETE", f"/users/{user_id}")


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
