"""`trunkline audit`: who was let in, who was not, and who was given or lost what."""

from typing import Annotated

import typer

from trunkline.commands.reach import AsJson, Data, reach, show

COLUMNS = ("position", "at", "kind", "count", "portal", "app", "user", "address", "detail")


def audit(
    portal: Annotated[int | None, typer.Option(help="Only what concerns this portal.")] = None,
    after: Annotated[int, typer.Option(help="Only what comes after this position.")] = 0,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Print the audit trail, oldest first."""
    about = f"&portal={portal}" if portal else ""
    with reach(data) as store:
        while rows := store.ask("GET", f"/events?after={after}{about}")["results"]:
            show(rows, COLUMNS, as_json)
            after = rows[-1]["position"]
