"""The power goes off at any moment: what was acknowledged is there, no batch by half, and the search finds it."""

import asyncio
import random
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import apsw
import httpx
import pytest
from disk import losing
from inprocess import client
from msgspec import Struct
from server import UNIQUE

from trunkline.store.sqlite import checkpoint

CLIENTS, BATCH, ROUNDS, GROUPS = 4, 5, 30, 3
EVERY = 90
"""Operations of the disk from one loss of power to the next, on average."""

AT = "2025-04-24T20:01:33Z"


class Loss(Struct):
    """What was left when the power went off, and what had been acknowledged by then, or sent at least."""

    folder: Path
    acknowledged: Mapping[str, str]
    sent: Mapping[str, set[str]]


class Diary:
    """What clients sent, and what they were told was written: by the group of a batch, its title."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self.acknowledged: dict[str, str] = {}
        self.sent: dict[str, set[str]] = defaultdict(set)
        self.losses: list[Loss] = []
        self._folder, self._chance = folder, chance

    def cut(self, step: int) -> Path | None:
        """Whether the power goes off at this step."""
        if self._chance.randrange(EVERY):
            return None
        folder = self._folder / f"loss-{step}"
        sent = {group: set(titles) for group, titles in self.sent.items()}
        self.losses.append(Loss(folder, dict(self.acknowledged), sent))
        return folder

    async def dial(self, http: httpx.AsyncClient, name: str) -> None:
        """Upserts batch after batch, each with one title for all its calls."""
        for turn in range(ROUNDS):
            group, title = f"{name}{turn % GROUPS}", f"{name} {turn} " + "word " * 40
            self.sent[group].add(title)
            inputs = [
                {"idProperty": "ext_ref", "id": key, "properties": {"hs_timestamp": AT, "hs_call_title": title}}
                for key in _keys(group)
            ]
            answer = await http.post("/crm/v3/objects/calls/batch/upsert", json={"inputs": inputs})
            assert answer.status_code == 200, answer.text
            self.acknowledged[group] = title


def _keys(group: str) -> list[str]:
    return [f"{group}/{number}" for number in range(BATCH)]


async def _dialled(diary: Diary, path: Path, durability: str) -> None:
    async with client(data=str(path), durability=durability) as http:
        (await http.post("/crm/v3/properties/calls", json=UNIQUE)).raise_for_status()
        await asyncio.gather(*(diary.dial(http, name) for name in "abcd"[:CLIENTS]))


def lost(folder: Path, seed: int, durability: str) -> list[Loss]:
    """The losses of one run."""
    chance = random.Random(seed)
    diary = Diary(folder, chance)
    with losing(diary.cut, chance):
        asyncio.run(_dialled(diary, folder / "calls.db", durability))
    return [loss for loss in diary.losses if loss.sent]


async def found(loss: Loss) -> dict[str, set[str | None]]:
    """By group, the titles that its calls have after the store was opened again; nothing where none is there."""
    async with client(data=str(loss.folder / "calls.db")) as http:
        titles: dict[str, set[str | None]] = {}
        for group in loss.sent:
            body = {
                "idProperty": "ext_ref",
                "properties": ["hs_call_title"],
                "inputs": [{"id": key} for key in _keys(group)],
            }
            answer = (await http.post("/crm/v3/objects/calls/batch/read", json=body)).json()
            there: list[str | None] = [one["properties"]["hs_call_title"] for one in answer["results"]]
            titles[group] = set(there + [None] * (BATCH - len(there)))
        listed = (await http.get("/crm/v3/objects/calls?limit=100")).json()["results"]
        searched = (await http.post("/crm/v3/objects/calls/search", json={"query": "word"})).json()
        assert searched["total"] == len(listed)
        return titles


def require_whole(path: Path) -> None:
    """Raises unless the file is sound and its journal has no gap."""
    connection = apsw.Connection(str(path))
    try:
        assert connection.pragma("integrity_check") == "ok"
        assert connection.pragma("foreign_key_check") is None
        ((rows, last),) = connection.execute("SELECT count(*), coalesce(max(position), 0) FROM change").fetchall()
        assert rows == last
    finally:
        connection.close()


@pytest.fixture(autouse=True)
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log is moved into the file again and again, not only after gigabytes."""
    monkeypatch.setattr(checkpoint, "THRESHOLD", 30)
    monkeypatch.setattr(checkpoint, "PAUSE", 0.001)


@pytest.mark.parametrize("seed", range(4))
def test_what_was_acknowledged_survives_the_loss_of_power(tmp_path: Path, seed: int) -> None:
    losses = lost(tmp_path, seed, "full")
    assert len(losses) > 3
    for loss in losses:
        for group, titles in asyncio.run(found(loss)).items():
            (title,) = titles  # of no batch a part
            if title is None:
                assert group not in loss.acknowledged
            else:
                assert title in loss.sent[group]
                assert _turn(title) >= _turn(loss.acknowledged.get(group))
        require_whole(loss.folder / "calls.db")


def test_with_the_weaker_setting_the_last_moments_are_lost_and_nothing_is_broken(tmp_path: Path) -> None:
    """Which also shows that a loss would be seen."""
    forgotten = 0
    for loss in lost(tmp_path, 7, "normal"):
        for group, titles in asyncio.run(found(loss)).items():
            (title,) = titles
            forgotten += _turn(title) < _turn(loss.acknowledged.get(group))
        require_whole(loss.folder / "calls.db")
    assert forgotten


def _turn(title: str | None) -> int:
    """The number of the batch that a title is from; before all of them where there is none."""
    return -1 if title is None else int(title.split()[1])
