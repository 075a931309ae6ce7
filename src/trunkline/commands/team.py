"""`trunkline team`: who of a portal's users belongs together."""

from typing import Annotated

import typer

from trunkline.commands.reach import AsJson, Data, Json, listed, reach, show

app = typer.Typer(help="Teams of a portal's users: they are shown with owners, and on the records that these own.")

Number = Annotated[int, typer.Argument(help="The number in the list.")]
Portal = Annotated[int | None, typer.Option(help="The portal; else the default one.")]
Members = Annotated[list[int] | None, typer.Option("--member", help="A user whose main team it is; repeat it.")]
Others = Annotated[list[int] | None, typer.Option("--other", help="A user who belongs to it besides; repeat it.")]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What it is called.")],
    portal: Portal = None,
    member: Members = None,
    other: Others = None,
    data: Data = None,
) -> None:
    """Make a team and print its number."""
    asked = {"name": name, "portal": portal} | _given(member, other)
    with reach(data) as store:
        typer.echo(store.ask("POST", "/teams", asked)["id"])


@app.command("list")
def list_all(portal: Portal = None, data: Data = None, as_json: AsJson = False) -> None:
    """List the teams of a portal, each with its users."""
    show(listed(data, "/teams" + _of(portal)), ("id", "name", "members", "others"), as_json)


@app.command()
def change(
    team_id: Number,
    name: Annotated[str | None, typer.Option(help="A new name.")] = None,
    portal: Portal = None,
    member: Members = None,
    other: Others = None,
    data: Data = None,
) -> None:
    """Change a team; each list that is given takes the place of the old one."""
    given = {"portal": portal} | ({} if name is None else {"name": name}) | _given(member, other)
    with reach(data) as store:
        store.ask("PATCH", f"/teams/{team_id}", given)


@app.command()
def remove(team_id: Number, portal: Portal = None, data: Data = None) -> None:
    """Remove a team; its users stay."""
    with reach(data) as store:
        store.ask("DELETE", f"/teams/{team_id}" + _of(portal))


def _of(portal: int | None) -> str:
    return f"?portal={portal}" if portal else ""


def _given(member: list[int] | None, other: list[int] | None) -> Json:
    given: Json = {} if member is None else {"members": member}
    return given if other is None else given | {"others": other}
