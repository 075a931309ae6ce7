"""One replay, against a service that is named by its URL."""

from collections.abc import Iterator
from pathlib import Path

import httpx

from trunkline.recording.case import read
from trunkline.recording.mask import Mask
from trunkline.recording.place import is_this_machine, place_of
from trunkline.recording.replay import Outcome, Replay
from trunkline.recording.tape import key_path

ELSEWHERE = 5.0
"""Requests in a second that a service elsewhere is sent, unless the operator says otherwise."""

SECONDS = 60.0


def replayed(
    cases: Path, against: str, token: str | None, allow_writes: bool, rate: float | None, search_wait: float
) -> Iterator[Outcome]:
    """What becomes of each case of a file. What changes something goes to another machine only if that is allowed.

    Raises `Stopped` for a URL that is none, for a line that is no case, and when there is no answer.
    """
    url = place_of(against, "--against")
    here = is_this_machine(url)
    most = rate or (None if here else ELSEWHERE)
    # Who asks this machine needs no certificates, which take long to load, unless it is by TLS.
    verify = not here or url.scheme == "https"
    with httpx.Client(base_url=url, timeout=SECONDS, trust_env=verify, verify=verify) as client:
        replay = Replay(
            client,
            token,
            writes=here or allow_writes,
            pause=1 / most if most else 0.0,
            search_wait=search_wait,
            mask=Mask(key_path(cases).read_bytes()) if key_path(cases).exists() else None,
        )
        yield from replay.run(read(cases))
