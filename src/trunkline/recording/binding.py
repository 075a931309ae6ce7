"""Which value of this service stands for which recorded one: ids, tokens and all else that a service makes up."""

import re
from typing import Self

from trunkline.recording.pseudonym import SECRET

MADE_UP = re.compile(rf"[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}|{SECRET}[0-9a-f]{{12}}|\d+", re.ASCII)
"""What may be a made-up value, in a text."""

ANYWHERE = 5
"""Digits from which a number is an id wherever it stands, and no count or limit."""


class Bindings:
    """What is known so far. Services count ids by type, so a value is bound in a scope, which is the type's name."""

    def __init__(self) -> None:
        self._bound: dict[str, dict[str, str]] = {}

    def copy(self) -> Self:
        """The same, to try what would follow."""
        made = type(self)()
        made._bound = {recorded: dict(scopes) for recorded, scopes in self._bound.items()}
        return made

    def take(self, other: Self) -> None:
        """Knows what another one knows."""
        self._bound = other._bound

    def agree(self, recorded: str, got: str, scope: str) -> bool:
        """Whether a value may stand for a recorded one; from now on it does, if none did."""
        scopes = self._bound.setdefault(recorded, {})
        name = _name(scope)
        if name in scopes:
            return scopes[name] == got
        if got not in scopes.values():
            scopes[name] = got
        return True

    def has(self, recorded: str) -> bool:
        """Whether anything stands for a recorded value."""
        return recorded in self._bound

    def of(self, recorded: str, scope: str, *, elsewhere: bool = False) -> str:
        """What stands for a recorded value, preferably in a scope, or in another one; itself when nothing does."""
        scopes, name = self._bound.get(recorded, {}), _name(scope)
        preferred = [got for bound, got in scopes.items() if (bound != name) == elsewhere]
        return (preferred or list(scopes.values()) or [recorded])[-1]

    def in_text(self, text: str, scope: str, fewest: int = 1) -> str:
        """A text with what stands for the recorded values in it; numbers of fewer digits than that are none."""

        def replaced(found: re.Match[str]) -> str:
            part = found[0]
            return part if part.isdigit() and len(part) < fewest else self.of(part, scope)

        return MADE_UP.sub(replaced, text)


def _name(scope: str) -> str:
    """A type's name, whether of one or of many."""
    return scope.lower().removesuffix("s").removesuffix("ie").removesuffix("y")
