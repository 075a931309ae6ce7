"""Credentials against a model, which says the same whatever happens to them; and how they are looked for."""

import asyncio
import re
from collections.abc import Sequence
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from trunkline.clock import Clock
from trunkline.identity.credential import Credential, Kind
from trunkline.identity.moves import Moves
from trunkline.store.accounts import AlreadySpent
from trunkline.store.sqlite import accounts
from trunkline.store.sqlite.connection import connect
from trunkline.store.sqlite.schema import migrate
from trunkline.store.sqlite.store import SqliteStore

FIRST = 1_000_000
LAST = FIRST + 60

names = st.sampled_from([bytes([letter]) for letter in b"abcdefgh"])
families = st.sampled_from(["", "f", "g"])
moments = st.none() | st.integers(FIRST, LAST)


class Frozen(Clock):
    """A clock that is put forward by hand."""

    moment = FIRST

    def real(self) -> int:
        return self.moment


class Forget(Struct, frozen=True):
    """A call of `Accounts.forget`."""

    before: int


@st.composite
def plans(draw: st.DrawFn) -> Moves:
    made = [
        Credential(
            digest=digest,
            kind=draw(st.sampled_from(get_args(Kind))),
            app=draw(st.integers(0, 2)),
            family=draw(families),
            created=FIRST,
            expires=draw(moments),
        )
        for digest in draw(st.lists(names, unique=True, max_size=3))
    ]
    spent, ended = (tuple(draw(st.lists(names, max_size=2))) for _ in range(2))
    return Moves(
        spend=spent, end=ended, end_families=tuple(draw(st.lists(families, max_size=2))), credentials=tuple(made)
    )


class Model:
    """What is kept, by digest, in the order in which it was made."""

    def __init__(self) -> None:
        self.kept: dict[bytes, Credential] = {}

    def keep(self, moves: Moves, now: int) -> bool:
        """Carries a plan out; False when it cannot be."""
        after = dict(self.kept)
        for digest in moves.spend:
            if digest not in after or not after[digest].good(now):
                return False
            after[digest] = replace(after[digest], ended=now)
        for digest, one in after.items():
            named = digest in moves.end or (one.family and one.family in moves.end_families)
            if named and one.good(now):
                after[digest] = replace(one, ended=now)
        if any(one.digest in after for one in moves.credentials):
            return False
        self.kept = after | {one.digest: one for one in moves.credentials}
        return True

    def forget(self, before: int) -> None:
        over = [one for one in self.kept.values() if (one.expires or before) < before or (one.ended or before) < before]
        for one in over:
            del self.kept[one.digest]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), plans() | st.builds(Forget, st.integers(FIRST, LAST))), max_size=12))
def test_the_store_keeps_what_the_model_keeps(steps: Sequence[tuple[int, Moves | Forget]]) -> None:
    async def test() -> None:
        clock, model = Frozen(), Model()
        store = SqliteStore(":memory:", clock)
        await store.open()
        for pause, step in steps:
            clock.moment += pause
            if isinstance(step, Forget):
                model.forget(step.before)
                await store.accounts.forget(step.before, 0)
            else:
                assert await carried_out(store, step) == model.keep(step, clock.moment)
            await check(store, model)
        await store.close()

    asyncio.run(test())


async def carried_out(store: SqliteStore, moves: Moves) -> bool:
    """Whether the store carries a plan out. A digest that is there already is one that nobody ever draws."""
    try:
        await store.accounts.keep(moves)
    except AlreadySpent:
        return False
    except Exception as cause:
        assert "UNIQUE" in str(cause)
        return False
    return True


async def check(store: SqliteStore, model: Model) -> None:
    held = model.kept.values()
    for digest in b"abcdefgh":
        assert await store.accounts.credential(bytes([digest])) == model.kept.get(bytes([digest]))
    for kind in get_args(Kind):
        assert await store.accounts.credentials(kind) == [one for one in held if one.kind == kind]
        assert await store.accounts.credentials(kind, 1) == [one for one in held if one.kind == kind and one.app == 1]


@pytest.mark.parametrize(
    "statement",
    [
        *(accounts.ONE_PORTAL, accounts.ONE_APP, accounts.CLIENT, accounts.ONE_PERSON, accounts.ADDRESSEE),
        *(accounts.ONE_CREDENTIAL, accounts.OF_KIND, accounts.OF_APP, accounts.EVENTS, accounts.EVENTS_OF),
        *(accounts.END, accounts.END_FAMILY, *accounts.FORGET, accounts.FORGET_EVENTS),
    ],
)
def test_no_statement_looks_at_a_whole_table(statement: str) -> None:
    connection = connect(":memory:")
    migrate(connection, ":memory:")
    bound = re.sub(r"\?\d?", "1", statement)
    plan = [str(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {bound}").fetchall()]
    connection.close()
    assert plan
    assert [step for step in plan if step.startswith("SCAN")] == []
