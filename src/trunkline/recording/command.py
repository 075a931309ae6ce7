"""`trunkline record` and `trunkline verify`: their command lines. What is slow to import is imported when they run."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from trunkline.load.stopped import Stopped


def record(
    upstream: Annotated[str, typer.Option(help="Whose answers to record: https://api.hubapi.com, or a Trunkline.")],
    host: Annotated[
        str, typer.Option(help="Address to listen on. Whoever reaches it can pass requests on.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes any free one.")] = 8788,
    out: Annotated[Path, typer.Option(help="The file that cases are added to.", dir_okay=False)] = Path("cases.jsonl"),
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
    import socket

    from trunkline.recording.mask import Mask
    from trunkline.recording.proxy import run, upstream_of
    from trunkline.recording.tape import Tape

    try:
        url, tape = upstream_of(upstream), Tape(out)
        mask = Mask(tape.key, people=mask_people, also=frozenset(mask_property or ()))
        with socket.create_server((host, port)) as listener:
            address = f"http://{host}:{listener.getsockname()[1]}"
            run(url, listener, mask, tape, lambda: print(f"Trunkline records on {address}", flush=True))  # noqa: T201
    except KeyboardInterrupt:
        pass
    except (Stopped, OSError) as cause:
        typer.echo(f"trunkline: {cause}", err=True)
        sys.exit(2)
    typer.echo(f"{tape.count} cases in {out}", err=True)
