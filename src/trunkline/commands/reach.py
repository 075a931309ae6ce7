"""What the commands have in common: which store they work on, and how they tell what they found."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from trunkline.settings import from_environment
from trunkline.store.protocol import StoreRefused

if TYPE_CHECKING:
    from trunkline.access import Access

Data = Annotated[
    str | None,
    typer.Option(help="The store's file, or the URL of a server; else TRUNKLINE_DATA, else trunkline.db."),
]
InPortal = Annotated[int | None, typer.Option("--portal", help="The portal's number; else the first one.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, a line for each.")]
Json = dict[str, Any]


@contextmanager
def reach(data: str | None, *, running: bool = False) -> "Iterator[Access]":
    """The store that a command works on; failures are told in one line.

    `running` says that it takes a server, since what is asked for is in the memory of one.
    """
    from trunkline.access import Remote, access

    try:
        settings = from_environment(data=data)
        store = access(settings.data, settings.secret)
        if running and not isinstance(store, Remote):
            raise StoreRefused(f"No server answers for {settings.data}: start one, or name one by its URL.")
        yield store
    except (StoreRefused, ValueError, OSError) as cause:
        fail(cause)


def fail(cause: Exception) -> NoReturn:
    """Tells why a command failed, and ends it."""
    typer.echo(f"trunkline: {cause}", err=True)
    sys.exit(2)


def in_portal(store: "Access", portal: int | None) -> str:
    """The path of a portal in the control namespace, of the first one if none is named."""
    number = portal if portal is not None else store.ask("GET", "/portals")["results"][0]["id"]
    return f"/portals/{number}"


def listed(data: str | None, path: str) -> list[Json]:
    """What the control namespace lists under a path."""
    with reach(data) as store:
        return list(store.ask("GET", path)["results"])


def show(rows: Iterable[Json], columns: Iterable[str], as_json: bool) -> None:
    """Prints a list: a line for each, its columns parted by tabs, or its JSON."""
    import msgspec

    for row in rows:
        line = msgspec.json.encode(row).decode() if as_json else "\t".join(_text(row.get(name)) for name in columns)
        typer.echo(line)


def parts(texts: Iterable[str]) -> list[str]:
    """Names that were given one by one or several in a text, parted by commas or blanks."""
    return [part for text in texts for part in text.replace(",", " ").split()]


def known_scopes_noted(scopes: Iterable[str]) -> None:
    """Tells which of the scopes mean nothing here."""
    from trunkline.http.scopes import known_scopes
    from trunkline.identity.consent import ALWAYS

    unknown = sorted(set(scopes) - {ALWAYS, *known_scopes()})
    if unknown:
        typer.echo(f"Note: no operation asks for {', '.join(unknown)}. Known: {', '.join(known_scopes())}", err=True)


def _text(value: object) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "" if value is None else str(value)
