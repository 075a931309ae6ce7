"""`trunkline record` and `trunkline verify`: their command lines. What is slow to import is imported when they run."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trunkline.load.stopped import Stopped

if TYPE_CHECKING:
    import httpx

    from trunkline.recording.mask import Mask
    from trunkline.recording.tape import Tape


def record(
    upstream: Annotated[str, typer.Option(help="Whose answers to record: https://api.hubapi.com, or a Trunkline.")],
    host: Annotated[
        str, typer.Option(help="Address to listen on. Whoever reaches it can pass requests on.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes any free one.")] = 8788,
    out: Annotated[Path, typer.Option(help="The file that cases are added to.", dir_okay=False)] = Path("cases.jsonl"),
    tls: Annotated[
        bool, typer.Option("--tls", help="Listen by https; `trunkline authority` tells whom to trust.")
    ] = False,
    mask_people: Annotated[
        bool,
        typer.Option("--mask-people/--no-mask-people", help="Mask addresses, numbers, names and what people wrote."),
    ] = True,
    mask_property: Annotated[
        list[str] | None, typer.Option(help="A property that is masked like what people wrote; repeat it.")
    ] = None,
) -> None:
    """Pass requests on to a service and its answers back, and keep each pair as a case, masked.

    Tokens, secrets, cookies and the portal's number are masked always. Stop it with Ctrl-C.
    """
    from trunkline.recording.mask import Mask
    from trunkline.recording.place import place_of
    from trunkline.recording.tape import Tape

    try:
        url, tape = place_of(upstream, "--upstream"), Tape(out)
        mask = Mask(tape.key, people=mask_people, also=frozenset(mask_property or ()))
        _serve(url, (host, port), mask, tape, tls)
    except KeyboardInterrupt:
        pass
    except (Stopped, ValueError, OSError) as cause:
        typer.echo(f"trunkline: {cause}", err=True)
        sys.exit(2)
    typer.echo(f"{tape.count} cases in {out}", err=True)


def _serve(upstream: "httpx.URL", at: tuple[str, int], mask: "Mask", tape: "Tape", tls: bool) -> None:
    """Records until a signal says stop."""
    import asyncio
    import socket

    from trunkline.recording.place import require_elsewhere
    from trunkline.recording.proxy import serve

    def note(text: str) -> None:
        typer.echo(f"trunkline: {text}", err=True)

    with ExitStack() as stack:
        certificate = stack.enter_context(_certificate()) if tls else None
        listener = stack.enter_context(socket.create_server(at))
        require_elsewhere(upstream, listener.getsockname()[1])
        address = f"{'https' if tls else 'http'}://{at[0]}:{listener.getsockname()[1]}"
        ready = partial(print, f"Trunkline records on {address}", flush=True)
        asyncio.run(serve(upstream, listener, mask, tape, ready, note, certificate))


@contextmanager
def _certificate() -> Iterator[Path]:
    """A file with the certificate and key of a server on this machine, readable by its owner only, for a moment."""
    from tempfile import NamedTemporaryFile

    from trunkline.authority import certificate_for
    from trunkline.settings import from_environment

    with NamedTemporaryFile("w") as file:
        file.write(certificate_for(from_environment()))
        file.flush()
        yield Path(file.name)


def verify(
    cases: Annotated[Path, typer.Argument(help="A file of recorded cases.", exists=True, dir_okay=False)],
    against: Annotated[str, typer.Option(help="Whom to ask: a Trunkline, or https://api.hubapi.com.")],
    token: Annotated[str | None, typer.Option(envvar="TRUNKLINE_TOKEN", help="The access token.")] = None,
    allow_writes: Annotated[
        bool, typer.Option("--allow-writes", help="Send what changes something to another machine than this one too.")
    ] = False,
    rate: Annotated[
        float | None, typer.Option(min=0.01, help="Requests in a second, at most.", show_default="5 elsewhere")
    ] = None,
    search_wait: Annotated[
        float, typer.Option(min=0, help="Seconds in which a search that differs is asked again.")
    ] = 0.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, a line for each case and one for all.")] = False,
) -> None:
    """Send recorded requests to a service, and tell where its answers differ, field by field.

    Ids, times, tokens and links may be others. Exit code: 0 when all that was sent is the same, 1 when something
    differs, 2 when the run stopped or sent nothing.
    """
    from trunkline.recording.report import Report
    from trunkline.recording.run import replayed

    report = Report(as_json=as_json)
    try:
        for outcome in replayed(cases, against, token, allow_writes, rate, search_wait):
            for line in report.lines(outcome):
                typer.echo(line)
    except (Stopped, OSError) as cause:
        typer.echo(f"trunkline: {cause}", err=True)
        sys.exit(2)
    typer.echo(report.summary())
    sys.exit(1 if report.different else 0 if report.same else 2)
