"""The command line. What is slow to import is imported by the command that needs it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from trunkline import __version__
from trunkline.load.command import load
from trunkline.sample import sample
from trunkline.settings import Settings, from_environment
from trunkline.store.protocol import StoreRefused

if TYPE_CHECKING:
    from trunkline.access import Access

app = typer.Typer(
    name="trunkline",
    help="HubSpot's CRM API on your own machine.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
tokens = typer.Typer(help="Access tokens: make, list and revoke them, while the server runs or not.")
app.add_typer(tokens, name="token", no_args_is_help=True)
app.command()(load)
app.command()(sample)

Data = Annotated[str | None, typer.Option(help="The store's file; else TRUNKLINE_DATA, else trunkline.db.")]


def main() -> None:
    """The entry point of the `trunkline` command."""
    app()


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes any free one.")] = None,
    data: Annotated[str | None, typer.Option(help="The store's file, or :memory:.")] = None,
    token: Annotated[str | None, typer.Option(help="A fixed token with every scope in the default portal.")] = None,
    durability: Annotated[
        str | None, typer.Option(help="full: survives power loss; normal: survives a crash of the process.")
    ] = None,
    cache_mb: Annotated[int | None, typer.Option(help="Page cache of the writer, in MiB.")] = None,
    max_body: Annotated[int | None, typer.Option(help="Largest request body, in bytes.")] = None,
    body_timeout: Annotated[float | None, typer.Option(help="Seconds in which a body must arrive.")] = None,
    max_connections: Annotated[int | None, typer.Option(help="Connections served at once.")] = None,
    stop_timeout: Annotated[int | None, typer.Option(help="Seconds for requests in flight when stopping.")] = None,
    search_lag: Annotated[float | None, typer.Option(help="Seconds after which a search finds a write.")] = None,
    search_wait: Annotated[float | None, typer.Option(help="Seconds a search waits at most for the index.")] = None,
    search_timeout: Annotated[float | None, typer.Option(help="Seconds that a search may take.")] = None,
    log_level: Annotated[str | None, typer.Option(help="debug, info, warning or error.")] = None,
    hints: Annotated[bool, typer.Option(help="Print a curl and a Python snippet to start with.")] = False,
) -> None:
    """Serve the API. Every option is also a variable, as TRUNKLINE_PORT."""
    from trunkline.server import serve as run

    given = {name: value for name, value in locals().items() if name in Settings.__struct_fields__}
    try:
        settings = from_environment(**given)
        run(settings, lambda url: _announce(url, settings, hints))
    except (StoreRefused, ValueError, OSError) as cause:
        _fail(cause)


def _announce(url: str, settings: Settings, hints: bool) -> None:
    print(f"Trunkline ready on {url}", flush=True)  # noqa: T201
    if hints and settings.token:
        from trunkline.hints import hints_for

        print(hints_for(url, settings.token, settings.data), flush=True)  # noqa: T201


@tokens.command("create")
def create_token(
    name: Annotated[str, typer.Option(help="What the token is for.")],
    scope: Annotated[list[str], typer.Option(help="A scope to grant; repeat it, or part several by commas.")],
    portal: Annotated[int | None, typer.Option(help="The portal it opens; the default one if not given.")] = None,
    data: Data = None,
) -> None:
    """Make a token and print it. It is shown this once: only its hash is kept."""
    from trunkline.http.control import known_scopes

    scopes = [part for text in scope for part in text.replace(",", " ").split()]
    unknown = sorted(set(scopes) - set(known_scopes()))
    if unknown:
        typer.echo(f"Note: no operation asks for {', '.join(unknown)}. Known: {', '.join(known_scopes())}", err=True)
    with _reach(data) as store:
        typer.echo(store.create(name, scopes, portal)["token"])


@tokens.command("list")
def list_tokens(data: Data = None) -> None:
    """List the tokens, without their texts."""
    with _reach(data) as store:
        listed = store.list()
    for token in listed:
        state = "revoked" if "revokedAt" in token else "good"
        typer.echo(f"{token['app']}\t{state}\t{token['portal']}\t{token['name']}\t{' '.join(token['scopes'])}")


@tokens.command("revoke")
def revoke_token(app_id: Annotated[int, typer.Argument(help="The number in the list.")], data: Data = None) -> None:
    """Revoke a token, at once and for good."""
    with _reach(data) as store:
        if not store.revoke(app_id):
            raise StoreRefused(f"There is no good token {app_id}.")


@contextmanager
def _reach(data: str | None) -> "Iterator[Access]":
    """The store that the command works on; failures are told in one line."""
    from trunkline.access import access

    try:
        yield access(from_environment(data=data).data)
    except (StoreRefused, ValueError, OSError) as cause:
        _fail(cause)


def _fail(cause: Exception) -> NoReturn:
    typer.echo(f"trunkline: {cause}", err=True)
    sys.exit(2)
