"""`trunkline pull` and `trunkline forward`: the command line of the mirror."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from trunkline.commands.reach import fail
from trunkline.load.stopped import Stopped
from trunkline.settings import from_environment
from trunkline.store.protocol import StoreRefused

if TYPE_CHECKING:
    from trunkline.mirror.run import Sides

T = TypeVar("T")

TYPES = ("contacts", "companies", "deals", "tickets", "calls")
KEYS = {"contacts": "email"}
"""By which unique property records are found there, where nothing else is said."""

Local = Annotated[str, typer.Option(help="The Trunkline here.")]
LocalToken = Annotated[str, typer.Option(envvar="TRUNKLINE_TOKEN", help="The mirror's own token here.")]
RemoteToken = Annotated[str, typer.Option(envvar="HUBSPOT_TOKEN", help="The token there.")]
StateFile = Annotated[Path, typer.Option("--state", help="Where it is kept how far the mirror is.")]
Keys = Annotated[
    list[str] | None,
    typer.Option("--key", help="TYPE:PROPERTY, the unique property by which a record is found there; repeat it."),
]
Rate = Annotated[
    int | None, typer.Option(help="Requests in ten seconds, at most; else as many as the other side says it allows.")
]
Data = Annotated[str | None, typer.Option(help="The store's file, if the server here was started without a secret.")]
Follow = Annotated[float | None, typer.Option(help="Go on, and look again after so many seconds.")]


def pull(
    source: Annotated[str, typer.Option("--from", help="The account to copy, as https://api.hubapi.com.")],
    local_token: LocalToken,
    remote_token: RemoteToken,
    local: Local = "http://127.0.0.1:8787",
    types: Annotated[list[str] | None, typer.Option("--type", help="An object type; repeat it.")] = None,
    key: Keys = None,
    state: StateFile = Path("trunkline-mirror.json"),
    rate: Rate = None,
    data: Data = None,
    follow: Follow = None,
    ties: Annotated[
        bool, typer.Option("--ties", help="Compare the associations of all records, not only of those that changed.")
    ] = False,
) -> None:
    """Copy an account's records here, with their properties and associations; run again, only what changed."""
    from trunkline.mirror import run

    sides = _sides(local, local_token, source, remote_token, state, key, rate, data)
    counts = _carried_out(run.pull(sides, types or TYPES, follow, ties=ties))
    ties_told = f"{counts.tied} associations, {counts.parted} parted"
    typer.echo(f"{counts.read} read, {ties_told}, {counts.archived} archived, {counts.refused} refused")


def forward(
    target: Annotated[str, typer.Option("--to", help="The account to send to, as https://api.hubapi.com.")],
    local_token: LocalToken,
    remote_token: RemoteToken,
    local: Local = "http://127.0.0.1:8787",
    key: Keys = None,
    state: StateFile = Path("trunkline-mirror.json"),
    rate: Rate = None,
    data: Data = None,
    follow: Follow = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Begin with all there is, not with what changes now.")
    ] = False,
    again: Annotated[bool, typer.Option("--retry", help="Send what was refused before once more.")] = False,
    dead: Annotated[bool, typer.Option("--dead", help="List what was refused, and end.")] = False,
    status: Annotated[Path | None, typer.Option(help="A file for how far it is, as JSON.")] = None,
) -> None:
    """Send what changes here on to an account, inside its rate limits: what is refused there is kept and listed."""
    from trunkline.mirror import run
    from trunkline.mirror.dead import Letters

    if dead:
        for one in Letters(state.with_name(f"{state.name}.dead")):
            typer.echo(f"{one.at}\t{one.type}\t{one.id}\t{one.why}")
        return
    sides = _sides(local, local_token, target, remote_token, state, key, rate, data)
    work = run.forward(sides, everything=everything, again=again, follow=follow, status=status)
    counts = _carried_out(work)
    typer.echo(f"{counts.sent} sent, {counts.archived} archived, {counts.tied} associations, {counts.dead} refused")


def _sides(
    local: str,
    local_token: str,
    remote: str,
    remote_token: str,
    state: Path,
    keys: list[str] | None,
    rate: int | None,
    data: str | None,
) -> "Sides":
    from trunkline.access import Remote, access
    from trunkline.mirror.run import Sides
    from trunkline.store.sqlite.lock import Served

    try:
        settings = from_environment(data=data)
        secret = settings.secret
        reached = access(settings.data) if secret is None else Remote(Served(0, local.rstrip("/"), secret))
        return Sides(
            local=local,
            local_token=local_token,
            remote=remote,
            remote_token=remote_token,
            ask=reached.ask,
            state=state,
            keys=KEYS | dict(_key(text) for text in keys or ()),
            rate=rate,
            told=lambda note: typer.echo(note, err=True),
        )
    except (StoreRefused, ValueError) as cause:
        fail(cause)


def _key(text: str) -> tuple[str, str]:
    type_, sign, name = text.partition(":")
    if not (type_ and sign and name):
        raise ValueError(f"--key {text}: write TYPE:PROPERTY, as calls:dialer_id")
    return type_, name


def _carried_out(work: Coroutine[object, object, T]) -> T:
    try:
        return asyncio.run(work)
    except (Stopped, StoreRefused, OSError) as cause:
        fail(cause)
