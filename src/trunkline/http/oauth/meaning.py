"""What scopes permit, in words for the person who is asked for them."""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files

import msgspec

NOT_KNOWN = "Something that this server has no description of: ask whoever made the app."
"""The meaning of a scope that is not in the data file; HubSpot adds new ones at any time."""


def meaning(scope: str) -> str:
    """What an app may do that has a scope: one sentence whose subject is the app."""
    return _meanings().get(scope, NOT_KNOWN)


def explained(scopes: Iterable[str]) -> list[tuple[str, str]]:
    """Each scope with its meaning, as the consent page takes them."""
    return [(scope, meaning(scope)) for scope in scopes]


@cache
def _meanings() -> Mapping[str, str]:
    text = (files("trunkline") / "data" / "scopes.json").read_bytes()
    return msgspec.json.decode(text, type=dict[str, str])
