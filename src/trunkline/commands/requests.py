"""`trunkline requests` and `trunkline request`: what was asked of a running server, and what it answered."""

from typing import Annotated
from urllib.parse import quote, urlencode

import typer

from trunkline.commands.reach import AsJson, Data, reach, show

COLUMNS = ("at", "method", "path", "status", "portal", "app", "duration", "changeCount", "fault", "correlationId")


def list_all(
    portal: Annotated[int | None, typer.Option(help="Those of this portal only.")] = None,
    of_app: Annotated[int | None, typer.Option("--app", help="Those of the app of this number only.")] = None,
    status: Annotated[str | None, typer.Option(help="Those with this status only, as 429 or 4xx.")] = None,
    path: Annotated[str | None, typer.Option(help="Those with this path only, in which * is any text.")] = None,
    method: Annotated[str | None, typer.Option(help="Those with this method only.")] = None,
    failed: Annotated[bool, typer.Option("--failed", help="Those only that failed, or a part of them.")] = False,
    warned: Annotated[bool, typer.Option("--warned", help="Those only with warnings.")] = False,
    after: Annotated[str | None, typer.Option(help="Those after the one of this correlation id or number.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many, of the newest.")] = 100,
    forget: Annotated[bool, typer.Option("--forget", help="Forget all of them instead.")] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """List the requests that the running server answered lately, the newest last."""
    given = {"portal": portal, "app": of_app, "status": status, "path": path, "method": method, "after": after}
    asked = {name: value for name, value in given.items() if value is not None} | {"limit": limit}
    asked |= {name: "true" for name, wanted in (("failed", failed), ("warned", warned)) if wanted}
    with reach(data, running=True) as store:
        if forget:
            store.ask("DELETE", "/requests")
        else:
            show(store.ask("GET", f"/requests?{urlencode(asked)}")["results"], COLUMNS, as_json)


def show_one(
    correlation_id: Annotated[str, typer.Argument(help="Its correlation id, as every answer has it.")],
    data: Data = None,
) -> None:
    """Print all of one request as JSON: headers, bodies, and the changes that it made."""
    import msgspec

    with reach(data, running=True) as store:
        told = msgspec.json.encode(store.ask("GET", f"/requests/{quote(correlation_id, safe='')}"))
    typer.echo(msgspec.json.format(told, indent=2).decode())
