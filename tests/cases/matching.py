"""Comparing what a case expects with what the server said."""

from collections.abc import Iterator
from typing import Any

from trunkline.recording.kind import KINDS


def mismatches(expected: Any, actual: Any, where: str = "body", *, exact: bool = False) -> Iterator[str]:
    """Where `actual` is not as expected.

    Objects may hold more than is expected unless `exact`; lists match in any order, one to one; `KINDS` stand for any
    value of their kind.
    """
    if isinstance(expected, str) and expected in KINDS:
        if not KINDS[expected](actual):
            yield f"{where}: {actual!r} is not {expected}"
    elif isinstance(expected, dict) and isinstance(actual, dict):
        yield from _object(expected, actual, where, exact)
    elif isinstance(expected, list) and isinstance(actual, list):
        yield from _list(expected, actual, where, exact)
    elif type(expected) is not type(actual) or expected != actual:
        yield f"{where}: {actual!r}, expected {expected!r}"


def _object(expected: dict[str, Any], actual: dict[str, Any], where: str, exact: bool) -> Iterator[str]:
    for key, value in expected.items():
        if key in actual:
            yield from mismatches(value, actual[key], f"{where}.{key}", exact=exact)
        else:
            yield f"{where}: no {key!r} among {list(actual)}"
    if exact and (more := [key for key in actual if key not in expected]):
        yield f"{where}: holds {more} too"


def _list(expected: list[Any], actual: list[Any], where: str, exact: bool) -> Iterator[str]:
    if len(expected) != len(actual):
        yield f"{where}: {len(actual)} elements, expected {len(expected)}: {actual!r}"
        return
    found = [
        [list(mismatches(wanted, value, f"{where}.{n}", exact=exact)) for value in actual]
        for n, wanted in enumerate(expected)
    ]
    fits = [[not complaints for complaints in row] for row in found]
    taken: dict[int, int] = {}
    for n, row in enumerate(found):
        if not _assign(n, fits, taken, set()):
            yield from min(row, key=len) or [f"{where}: fewer elements like {expected[n]!r} than expected"]


def _assign(n: int, fits: list[list[bool]], taken: dict[int, int], tried: set[int]) -> bool:
    """Finds element n one that fits it, moving earlier ones to others that fit them; whether that could be done."""
    for candidate, fit in enumerate(fits[n]):
        if fit and candidate not in tried:
            tried.add(candidate)
            if candidate not in taken or _assign(taken[candidate], fits, taken, tried):
                taken[candidate] = n
                return True
    return False


def look(value: Any, path: str) -> list[Any]:
    """Every value at a dotted path; `*` stands for every element of a list. Nothing there is an empty list."""
    found = [value]
    for part in path.split("."):
        found = [inner for outer in found for inner in _step(outer, part)]
    return found


def _step(value: Any, part: str) -> list[Any]:
    if isinstance(value, dict):
        return [value[part]] if part in value else []
    if isinstance(value, list):
        if part == "*":
            return value
        return [value[int(part)]] if part.isdigit() and int(part) < len(value) else []
    return []
