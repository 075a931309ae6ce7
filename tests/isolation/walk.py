"""The walk along the route table: all that a spy can ask with a name of somebody else's in it."""

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from functools import partial

from isolation.draft import Draft, Last, Place, fields
from isolation.ground import RENEWED, SCHEMAS, deeper, drafts
from isolation.pair import Pair
from isolation.victim import Victim

from trunkline.http.operation import Operation
from trunkline.http.reference.examples import key
from trunkline.http.routes import OPERATIONS

AS_IT_IS = "as it is"
ONE = "100000000001"
LATER = {"prefer": "respond-async"}
NAMING = frozenset(("name", "label", "pipelineId", "stageId"))
"""The members of a body that name what is made, and of which there may be one only."""

Probe = tuple[str, Draft]
"""What is tried, in words, and the request."""


async def walk(pair: Pair, version: str, rows: Sequence[Operation] = OPERATIONS) -> list[str]:
    """What is wrong with the answers of all operations in a version, a sentence for each request."""
    found: list[str] = []
    for row in rows:
        if version in row.versions:
            found += [f"{key(row)} in {version}, {told}" async for told in _walked(pair, row, version)]
    return found


async def _walked(pair: Pair, row: Operation, version: str) -> AsyncIterator[str]:
    examples = list(drafts(row, version))
    if not examples:
        yield "cannot be walked: give it an example in src/trunkline/data/reference/operations.toml"
    for draft in (*examples, *deeper(row, version)):
        for name in draft.variables() - pair.full.spy.names.keys() - RENEWED:
            yield f"cannot be walked: say in tests/isolation/ground.py what ${name} stands for"
        for what, probe in _probes(draft, pair, version):
            if what == AS_IT_IS and row.method == "DELETE":
                await pair.restock()
            if what == AS_IT_IS and key(row) == SCHEMAS:
                await pair.make_room()
            reply, told = await pair.ask(probe)
            for complaint in told:
                yield f"{what}: {complaint}"
            if what == AS_IT_IS and reply.status >= 400:
                yield f"is not reached: its example is answered {reply.status} {reply.text}"


def _probes(draft: Draft, pair: Pair, version: str) -> Iterator[Probe]:
    """All that is tried with one example, which itself comes late, since it may use up what the others need.

    The versions share the names among them: each has each place with some of the names, and all together have all.
    """
    names = [name for name in pair.names if not name.credential or _proves(draft.row)]
    turn, turns = draft.row.versions.index(version), len(draft.row.versions)
    for number, place in enumerate(draft.places()):
        for name in names[(turn + number) % turns :: turns]:
            probe = _anew(draft, f"{number}_{name.text}") if name.text.isidentifier() else draft
            yield f"{_shown(place)} = {name.what}", probe.put(place, name.text)
    for what, probe in _disguised(draft, pair.victims[-1]):
        yield what, probe
        yield f"{what}, later", replace(probe, headers={**probe.headers, **LATER})
    yield AS_IT_IS, _anew(draft, "itself")
    yield from _beside(draft, pair)


def _anew(draft: Draft, end: str) -> Draft:
    """The same for something of another name, where something is made: not refused for what was made before."""
    named = [place for place in draft.places() if place[-1] in NAMING and "properties" not in place]
    made = named if draft.row.method == "POST" else []
    for place in made:
        draft = draft.put(place, f"{draft.at(place)}_{end}")
    return draft


def _proves(row: Operation) -> bool:
    """Whether a caller proves to be somebody beside what it asks about; else who has a credential may use it."""
    return row.verb is not None or "client_secret" in fields(row)


def _disguised(draft: Draft, other: Victim) -> Iterator[Probe]:
    """What the victim itself would ask: of its things all at once, by a key that both have, and of one record alone."""
    yield "as if by another", draft.translated(other.analogue)
    yield "as if by another, by the same key", draft.translated(partial(_by_same_key, other))
    yield "as if by another, of one record", draft.translated(partial(_of_one, other))


def _by_same_key(other: Victim, text: str) -> str:
    return text if text == "call_key" else other.analogue(text)


def _of_one(other: Victim, text: str) -> str:
    return other.analogue(ONE if re.fullmatch(r"1000000000\d\d", text) else text)


def _beside(draft: Draft, pair: Pair) -> Iterator[Probe]:
    """Names where no operation says that it looks: in parameters and headers that other services have."""
    portal, request = str(pair.victims[-1].ground.portal), pair.correlation_id
    query = dict.fromkeys(("portalId", "hubId", "portal"), portal)
    headers = dict.fromkeys(("x-hubspot-correlation-id", "x-request-id", "x-trace"), request)
    changed = replace(draft, query={**draft.query, **query}, headers={**draft.headers, **headers})
    yield "a portal in the query, a correlation id in the headers", changed


def _shown(place: Place) -> str:
    return ".".join(step.value if isinstance(step, Last) else str(step) for step in place)
