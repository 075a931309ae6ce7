"""The verbs of the workbench: seed, checkpoint, changes, rewind, reset."""

from pathlib import Path
from typing import Annotated
from urllib.parse import quote, urlencode

import typer

from trunkline.commands.reach import AsJson, Data, InPortal, Json, fail, in_portal, reach, show
from trunkline.document import read

Name = Annotated[str, typer.Argument(help="The name of the checkpoint.")]


def reset(portal: InPortal = None, data: Data = None) -> None:
    """Make a portal what it was when it was seeded; empty it if it never was."""
    with reach(data) as store:
        _tell(store.ask("POST", f"{in_portal(store, portal)}/reset"))


def seed(
    file: Annotated[Path, typer.Argument(help="YAML or JSON: portals with tokens, properties and records.")],
    replace: Annotated[bool, typer.Option("--replace", help="Empty the portals first.")] = False,
    data: Data = None,
) -> None:
    """Put what a file has into portals, all of it or nothing of each."""
    try:
        document = read(file)
    except (OSError, ValueError) as cause:
        fail(cause)
    if replace and isinstance(document, dict):
        document["portals"] = [{**one, "replace": True} for one in document.get("portals") or []]
    with reach(data) as store:
        for one in store.ask("POST", "/seed", document)["results"]:
            typer.echo(f"portal {one['portal']}: {_counted(one)}")


def checkpoint(
    name: Annotated[str | None, typer.Argument(help="The name of a new one; without it, they are listed.")] = None,
    forget: Annotated[bool, typer.Option("--forget", help="Forget it instead.")] = False,
    portal: InPortal = None,
    data: Data = None,
) -> None:
    """Make a checkpoint of a portal, list them, or forget one."""
    with reach(data) as store:
        path = f"{in_portal(store, portal)}/checkpoints"
        if name is None:
            show(store.ask("GET", path)["results"], ("name", "createdAt"), False)
        elif forget:
            store.ask("DELETE", f"{path}/{quote(name, safe='')}")
        else:
            store.ask("POST", path, {"name": name})


def rewind(name: Name, portal: InPortal = None, data: Data = None) -> None:
    """Undo all that was changed in a portal since a checkpoint."""
    with reach(data) as store:
        _tell(store.ask("POST", f"{in_portal(store, portal)}/rewind", {"to": name}))


def changes(
    since: Annotated[str | None, typer.Option(help="The checkpoint to begin with.")] = None,
    portal: InPortal = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """List what was written in a portal, and by whom."""
    with reach(data) as store:
        path, asked = f"{in_portal(store, portal)}/changes", {} if since is None else {"since": since}
        after: str | None = "0"
        while after is not None:
            page = store.ask("GET", f"{path}?{urlencode({**asked, 'after': after})}")
            rows = page["results"]
            show(rows if as_json else map(_line, rows), ("at", "kind", "objectType", "who", "what"), as_json)
            after = page.get("paging", {}).get("next", {}).get("after")


def _line(change: Json) -> Json:
    who = change["appName"] or (f"app {change['app']}" if change["app"] else "")
    return change | {"who": who, "what": " ".join([*_ids(change), *_details(change)])}


def _ids(change: Json) -> list[str]:
    return [change["id"]] if "id" in change else list(change.get("ids", ()))


def _details(change: Json) -> list[str]:
    told = [f"{name}: {_quoted(one['from'])} → {_quoted(one['to'])}" for name, one in change.get("values", {}).items()]
    told += [f"{one['from']} to {one['toObjectType']} {one['to']}" for one in change.get("associations", ())]
    definition = change.get("definition")
    return told if definition is None else [*told, str(definition.get("name") or definition.get("id", ""))]


def _quoted(value: str | None) -> str:
    return "unset" if value is None else repr(value)


def _tell(done: Json) -> None:
    typer.echo(", ".join(f"{count} {name}" for name, count in done.items()))


def _counted(seeded: Json) -> str:
    counts = [f"{n} {name}" for name, n in seeded["records"].items()]
    properties = sum(seeded["properties"].values())
    return ", ".join([*counts, f"{properties} properties", f"{seeded['tokens']} tokens"])
