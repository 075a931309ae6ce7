"""`trunkline portal`: accounts, each apart from all others."""

from enum import StrEnum
from typing import Annotated

import typer

from trunkline.commands.reach import AsJson, Data, Json, listed, parts, reach, show

app = typer.Typer(help="Portals: make, list, change and remove them.")

COLUMNS = ("id", "name", "domain", "limits")


class Limits(StrEnum):
    """How a portal's rate limits are dealt with."""

    OFF = "off"
    HUBSPOT = "hubspot"
    SERVER = "server"


Bought = Annotated[
    list[str] | None,
    typer.Option("--product", help="A product and its tier, as sales=PROFESSIONAL; repeat it. All, if not given."),
]
Limited = Annotated[
    Limits | None, typer.Option("--limits", help="Whether rate limits refuse here; server: as the server's setting.")
]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What it is called.")],
    product: Bought = None,
    limits: Limited = None,
    data: Data = None,
) -> None:
    """Make a portal and print its number."""
    with reach(data) as store:
        typer.echo(store.ask("POST", "/portals", {"name": name} | _given(product, limits))["id"])


@app.command("list")
def list_all(data: Data = None, as_json: AsJson = False) -> None:
    """List the portals; the first is the default one."""
    show(listed(data, "/portals"), COLUMNS, as_json)


@app.command()
def change(
    portal: Annotated[int, typer.Argument(help="Its number.")],
    name: Annotated[str | None, typer.Option(help="A new name.")] = None,
    product: Bought = None,
    limits: Limited = None,
    data: Data = None,
) -> None:
    """Change a portal's name, products or limits; what is not given stays."""
    given = ({} if name is None else {"name": name}) | _given(product, limits)
    with reach(data) as store:
        show([store.ask("PATCH", f"/portals/{portal}", given)], COLUMNS, False)


@app.command()
def remove(
    portal: Annotated[int, typer.Argument(help="Its number.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data: Data = None,
) -> None:
    """Remove a portal with all that is in it, for good."""
    if not yes:
        typer.confirm(f"Remove portal {portal} and all its records?", abort=True)
    with reach(data) as store:
        store.ask("DELETE", f"/portals/{portal}")


def _given(product: list[str] | None, limits: Limits | None) -> Json:
    given: Json = {}
    if product is not None:
        given["products"] = dict(_bought(text) for text in parts(product))
    if limits is not None:
        given["limits"] = None if limits == Limits.SERVER else limits.value
    return given


def _bought(text: str) -> tuple[str, str]:
    product, _, tier = text.partition("=")
    return product, tier.upper()
