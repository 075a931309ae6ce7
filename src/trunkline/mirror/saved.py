"""How far the mirror is, in a file that is never half written."""

import os
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from trunkline.load.private import own
from trunkline.load.stopped import Stopped


class Pulled(Struct):
    """How far the copy of one object type is: first all by id, up to `after`; then what changed after `since`.

    `tied` once the associations of all its records were copied.
    """

    after: int = 0
    whole: bool = False
    since: int = 0
    tied: bool = False


class State(Struct):
    """How far both directions are. `sent` is the position of the journal here up to which all was sent on."""

    portal: int = 0
    remote: str = ""
    pulled: dict[str, Pulled] = field(default_factory=dict)
    sent: int | None = None


Part = Literal["pulled", "sent"]
"""What one direction changes of the state; the other may run at the same time, and changes the other part."""


class Saved:
    """A state in its file, of which one `part` is changed here."""

    def __init__(self, path: Path, part: Part) -> None:
        self.path = path
        self._part = part
        self.state = self._read()

    def _read(self) -> State:
        if not self.path.exists():
            return State()
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=State)
        except (msgspec.MsgspecError, OSError) as cause:
            raise Stopped(f"{self.path} is not the state of a mirror: {cause}") from cause

    def renew(self) -> None:
        """Takes up how far the other direction is by now."""
        kept = self._read()
        if kept.portal:
            self.state = replace(kept, **{self._part: getattr(self.state, self._part)})

    def between(self, portal: int, remote: str) -> None:
        """Binds the state to one portal and one account; raises `Stopped` for the state of others."""
        known = self.state.portal, self.state.remote
        if known != (0, "") and known != (portal, remote):
            raise Stopped(f"{self.path} is the state between portal {known[0]} and {known[1]}: name another --state.")
        self.state.portal, self.state.remote = portal, remote

    def save(self) -> None:
        """Keeps the state as it is now, but for what the other direction changed meanwhile."""
        self.renew()
        partial = self.path.with_name(f"{self.path.name}.{self._part}.partial")
        with open(partial, "wb", opener=own) as file:
            file.write(msgspec.json.encode(self.state))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self.path)
