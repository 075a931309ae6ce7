"""The command line. What is slow to import is imported by the command that needs it."""

from threading import Thread
from typing import Annotated

import typer

from trunkline import __version__, logs
from trunkline.commands import app as oauth_app
from trunkline.commands import bench, clock, faults, mirror, portal, requests, team, token, user, webhooks
from trunkline.commands.audit import audit
from trunkline.commands.authority import authority
from trunkline.commands.backup import backup
from trunkline.commands.copy import copy
from trunkline.commands.migrate import migrate
from trunkline.commands.reach import fail
from trunkline.export.command import export
from trunkline.load.command import load
from trunkline.ready import FORMS, opened, stop_with_input, told
from trunkline.recording.command import record, verify
from trunkline.sample import sample
from trunkline.settings import Settings, from_environment
from trunkline.store.protocol import StoreRefused

app = typer.Typer(
    name="trunkline",
    help="HubSpot's CRM API on your own machine.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(portal.app, name="portal", no_args_is_help=True)
app.add_typer(token.app, name="token", no_args_is_help=True)
app.add_typer(oauth_app.app, name="app", no_args_is_help=True)
app.add_typer(user.app, name="user", no_args_is_help=True)
app.add_typer(team.app, name="team", no_args_is_help=True)
app.add_typer(clock.app, name="clock", no_args_is_help=True)
app.add_typer(faults.app, name="faults", no_args_is_help=True)
app.add_typer(webhooks.app, name="webhooks", no_args_is_help=True)
app.command("requests")(requests.list_all)
app.command("request")(requests.show_one)
app.command()(audit)
app.command()(authority)
app.command()(backup)
app.command()(bench.changes)
app.command()(bench.checkpoint)
app.command()(copy)
app.command()(export)
app.command()(mirror.forward)
app.command()(load)
app.command()(migrate)
app.command()(record)
app.command()(mirror.pull)
app.command()(bench.reset)
app.command()(bench.rewind)
app.command()(sample)
app.command()(bench.seed)
app.command()(verify)


def main() -> None:
    """The entry point of the `trunkline` command."""
    # What a command prints is for whoever asked; a server says later how it logs.
    logs.configure("warning", "console")
    app()


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes any free one.")] = None,
    tls: Annotated[
        bool | None, typer.Option("--tls", help="Serve https; `trunkline authority` tells whom to trust.")
    ] = None,
    tls_name: Annotated[
        list[str] | None, typer.Option(help="A name or address that the certificate is for as well; repeat it.")
    ] = None,
    tls_folder: Annotated[str | None, typer.Option(help="Where the authority of certificates is kept.")] = None,
    data: Annotated[str | None, typer.Option(help="The store's file, :memory:, or postgresql://….")] = None,
    database_connections: Annotated[
        int | None, typer.Option(help="Connections of each process to a PostgreSQL database, at most.")
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Processes that serve the port, on PostgreSQL.")] = None,
    token: Annotated[str | None, typer.Option(help="A fixed token with every scope in the default portal.")] = None,
    durability: Annotated[
        str | None, typer.Option(help="full: survives power loss; normal: survives a crash of the process.")
    ] = None,
    cache_mb: Annotated[int | None, typer.Option(help="Page cache of the writer, in MiB.")] = None,
    max_body: Annotated[int | None, typer.Option(help="Largest request body, in bytes.")] = None,
    body_timeout: Annotated[float | None, typer.Option(help="Seconds in which a body must arrive.")] = None,
    max_connections: Annotated[int | None, typer.Option(help="Connections served at once.")] = None,
    max_client_connections: Annotated[int | None, typer.Option(help="Connections of one address at once.")] = None,
    write_timeout: Annotated[float | None, typer.Option(help="Seconds for a client to take of its answer.")] = None,
    stop_timeout: Annotated[int | None, typer.Option(help="Seconds for requests in flight when stopping.")] = None,
    stop_delay: Annotated[float | None, typer.Option(help="Seconds to go on, not ready, when told to stop.")] = None,
    search_lag: Annotated[float | None, typer.Option(help="Seconds after which a search finds a write.")] = None,
    search_wait: Annotated[float | None, typer.Option(help="Seconds a search waits at most for the index.")] = None,
    search_timeout: Annotated[float | None, typer.Option(help="Seconds that a search may take.")] = None,
    job_days: Annotated[int | None, typer.Option(help="Days that the outcome of a later batch is kept.")] = None,
    token_minutes: Annotated[int | None, typer.Option(help="Minutes for which an OAuth access token is good.")] = None,
    rotate_refresh: Annotated[
        bool | None, typer.Option("--rotate-refresh", help="A refresh token works once and brings the next.")
    ] = None,
    sign_in: Annotated[str | None, typer.Option(help="auto: not on a server for this machine alone; always.")] = None,
    webhook_private: Annotated[
        str | None, typer.Option(help="Private addresses that webhooks reach: auto, off, loopback or on.")
    ] = None,
    webhook_signature: Annotated[str | None, typer.Option(help="Version of X-HubSpot-Signature: v1 or v2.")] = None,
    limits: Annotated[str | None, typer.Option(help="hubspot: rate limits refuse; off: they only show.")] = None,
    free_failures: Annotated[
        int | None, typer.Option(help="Failures of one address in a minute to prove who it is that do not wait.")
    ] = None,
    audit_days: Annotated[int | None, typer.Option(help="Days that the audit trail is kept.")] = None,
    request_log: Annotated[int | None, typer.Option(help="Requests to remember, to be looked at; 0: none.")] = None,
    request_log_mb: Annotated[int | None, typer.Option(help="MiB that they take at most.")] = None,
    log_level: Annotated[str | None, typer.Option(help="debug, info, warning or error.")] = None,
    log_format: Annotated[str | None, typer.Option(help="json, or console for people.")] = None,
    hints: Annotated[bool, typer.Option(help="Print a curl and a Python snippet to start with.")] = False,
    ready: Annotated[
        str, typer.Option(help="json: say where it is in a line for a program, with a token and the secret; or text.")
    ] = "text",
) -> None:
    """Serve the API. Every option is also a variable, as TRUNKLINE_PORT."""
    from trunkline.workers import serve as run

    if ready not in FORMS:
        raise typer.BadParameter(f"{ready} is neither of {' and '.join(FORMS)}", param_hint="--ready")
    given = {name: value for name, value in locals().items() if name in Settings.__struct_fields__}
    given["tls_name"] = ",".join(tls_name) if tls_name else None
    try:
        settings = from_environment(**given)
        if ready == "json":
            settings = opened(settings)
            run(settings, lambda url: _tell(url, settings))
        else:
            run(settings, lambda url: _announce(url, settings, hints))
    except (StoreRefused, ValueError, OSError) as cause:
        fail(cause)


def _announce(url: str, settings: Settings, hints: bool) -> None:
    print(f"Trunkline ready on {url}", flush=True)  # noqa: T201
    trusted = _trusted(settings)
    if trusted:
        print(f"Clients trust it with {trusted}", flush=True)  # noqa: T201
    if hints and settings.token:
        from trunkline.hints import hints_for

        print(hints_for(url, settings.token, settings.data, trusted), flush=True)  # noqa: T201


def _tell(url: str, settings: Settings) -> None:
    """Tells a program, from a thread: the server is asked which portal the token opens, and must be free to answer."""
    Thread(target=lambda: print(told(url, settings, _trusted(settings)), flush=True), daemon=True).start()  # noqa: T201
    stop_with_input()


def _trusted(settings: Settings) -> str:
    """The file with the certificate that clients trust the server with; nothing when it serves plain HTTP."""
    if not settings.tls:
        return ""
    from trunkline.authority import authority_of

    return str(authority_of(settings).certificate.absolute())
