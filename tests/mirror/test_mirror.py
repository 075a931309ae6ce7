"""The mirror, Trunkline to Trunkline."""

import asyncio
import json
import subprocess
import sys
import time

import pytest
from mirror.conftest import Pair
from sides import AT

from trunkline.load.stopped import Stopped
from trunkline.mirror.run import forward

TIE = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 194}


def fill(pair: Pair, count: int) -> None:
    """Calls and contacts there, each call tied to a contact."""
    pair.there.define()
    contacts = [{"properties": {"email": f"c{n}@example.com", "firstname": f"C{n}"}} for n in range(3)]
    made = pair.there.post("/crm/v3/objects/contacts/batch/create", {"inputs": contacts})["results"]
    for first in range(0, count, 100):
        calls = [
            {
                "properties": {"hs_timestamp": AT, "dialer_id": f"D{n}", "hs_call_title": f"Call {n}"},
                "associations": [{"to": {"id": made[n % 3]["id"]}, "types": [TIE]}],
            }
            for n in range(first, min(first + 100, count))
        ]
        pair.there.post("/crm/v3/objects/calls/batch/create", {"inputs": calls})


def titles(side: object, pair: Pair) -> dict[str, str]:
    found = (pair.here if side == "here" else pair.there).all("calls", "dialer_id", "hs_call_title")
    return {one["dialer_id"]: one["hs_call_title"] for one in found}


def test_an_account_is_copied_and_copied_again(pair: Pair) -> None:
    fill(pair, 250)
    done = pair.pull()
    assert (done.read, done.refused) == (253, 0)
    assert titles("here", pair) == titles("there", pair)
    (one, *_) = pair.here.all("calls", "dialer_id", "trunkline_remote_id")
    ties = pair.here.http.get(f"/crm/v4/objects/calls/{one['id']}/associations/contacts").json()["results"]
    assert len(ties) == 1
    again = pair.pull()
    assert again.refused == 0
    assert len(pair.here.all("calls")) == 250


def test_only_what_changed_is_written_again(pair: Pair) -> None:
    fill(pair, 5)
    pair.pull()
    state = json.loads(pair.state.read_bytes())
    assert state["pulled"]["calls"]["whole"]
    (first, *_, last) = pair.there.all("calls", "dialer_id")
    pair.there.change("calls", first["id"], hs_call_title="Changed")
    pair.there.post("/crm/v3/objects/calls/batch/archive", {"inputs": [{"id": last["id"]}]})
    end = pair.here.control("GET", "/portals/1000001/changes?limit=1")["end"]
    done = pair.pull()
    assert done.archived == 1
    assert titles("here", pair) == titles("there", pair)
    later = pair.here.control("GET", f"/portals/1000001/changes?after={end}")["results"]
    assert [one["kind"] for one in later] == ["update", "archive"]


def test_changes_here_are_sent_on_once_and_come_back_as_nothing(pair: Pair) -> None:
    pair.there.define()
    pair.here.define()
    pair.forward()
    for n in range(120):
        pair.here.call(f"D{n}", hs_call_title="a")
    contact = pair.here.post("/crm/v3/objects/contacts", {"properties": {"email": "ada@example.com"}})["id"]
    (call, *_) = pair.here.all("calls")
    pair.here.change("calls", call["id"], hs_call_title="b")
    path = f"/crm/v4/objects/calls/{call['id']}/associations/contacts/{contact}"
    pair.here.http.put(path, json=[TIE]).raise_for_status()
    done = pair.forward()
    assert (done.sent, done.dead, done.tied) == (121, 0, 1)
    assert titles("there", pair) == titles("here", pair)
    (there, *_) = pair.there.all("calls")
    tied = pair.there.http.get(f"/crm/v4/objects/calls/{there['id']}/associations/contacts").json()["results"]
    assert len(tied) == 1
    assert pair.forward().sent == 0
    end = pair.here.control("GET", "/portals/1000001/changes?limit=1")["end"]
    pair.pull()
    after = pair.here.control("GET", f"/portals/1000001/changes?after={end}")["results"]
    assert [one for one in after if one["kind"] in ("create", "update", "archive")] == []
    pair.here.post("/crm/v3/objects/calls/batch/archive", {"inputs": [{"id": call["id"]}]})
    assert pair.forward().archived == 1
    assert titles("there", pair) == titles("here", pair)


def test_what_waits_to_be_sent_on_wins_over_what_is_copied(pair: Pair) -> None:
    fill(pair, 2)
    pair.forward()
    pair.pull()
    (here, *_), (there, *_) = pair.here.all("calls"), pair.there.all("calls")
    pair.here.change("calls", here["id"], hs_call_title="from here")
    pair.there.change("calls", there["id"], hs_call_title="from there", hs_call_body="from there")
    pair.pull()
    (shown, *_) = pair.here.all("calls", "hs_call_title", "hs_call_body")
    assert (shown["hs_call_title"], shown["hs_call_body"]) == ("from here", "from there")
    pair.forward()
    (sent, *_) = pair.there.all("calls", "hs_call_title", "hs_call_body")
    assert (sent["hs_call_title"], sent["hs_call_body"]) == ("from here", "from there")


def test_what_is_refused_there_is_kept_and_sent_again(pair: Pair) -> None:
    pair.there.define()
    pair.here.define()
    pair.forward()
    pair.there.post("/crm/v3/properties/calls", {**_note(), "name": "other", "hasUniqueValue": True})
    pair.here.post("/crm/v3/properties/calls", {**_note(), "name": "other", "hasUniqueValue": False})
    taken = pair.there.call("T", other="x")
    pair.here.call("A", other="x")
    pair.here.call("B", other="y")
    pair.here.post("/crm/v3/objects/calls", {"properties": {"hs_timestamp": AT}})
    done = pair.forward()
    assert (done.sent, done.dead) == (1, 2)
    assert any("dialer_id" in note for note in pair.notes)
    pair.there.change("calls", taken, other="z")
    assert pair.forward(again=True).sent == 1
    assert set(titles("there", pair)) == {"T", "A", "B"}


def _note() -> dict[str, object]:
    return {"label": "Note", "type": "string", "fieldType": "text", "groupName": "callinformation"}


@pytest.mark.parametrize("kind", ["rate-limit", "server-error", "commit-then-drop", "reset", "truncated"])
def test_what_passes_is_sent_again_and_makes_no_duplicate(pair: Pair, kind: str) -> None:
    pair.there.define()
    pair.here.define()
    pair.forward()
    for n in range(30):
        pair.here.call(f"D{n}")
    route = "/crm/v3/objects/{type}/batch/upsert"
    pair.there.control("POST", "/portals/1000001/faults", {"kind": kind, "route": route, "count": 1})
    assert pair.forward().sent == 30
    assert len(pair.there.all("calls")) == 30


@pytest.mark.parametrize("kind", ["rate-limit", "server-error", "reset", "truncated"])
@pytest.mark.parametrize(
    "route",
    ["/crm/v3/objects/{type}", "/crm/v4/associations/{fromType}/{toType}/batch/read"],
)
def test_what_passes_while_an_account_is_copied_is_asked_again(pair: Pair, kind: str, route: str) -> None:
    fill(pair, 120)
    fault = {"kind": kind, "route": route, "count": 1}
    pair.there.control("POST", "/portals/1000001/faults", fault)
    assert (pair.pull().read, len(pair.here.all("calls"))) == (123, 120)
    (left,) = pair.there.control("GET", "/portals/1000001/faults")["results"]
    assert left["struck"] == 1, left
    assert titles("here", pair) == titles("there", pair)


def test_inside_the_limits_of_an_account_all_of_it_is_copied_and_sent_on(pair: Pair) -> None:
    fill(pair, 120)
    pair.forward()
    pair.there.control("PATCH", "/portals/1000001", {"limits": "hubspot"})
    left = 1
    while left:
        headers = {"authorization": f"Bearer {pair.there.token}"}
        answer = pair.there.http.get("/crm/v3/objects/calls?limit=1", headers=headers).raise_for_status()
        left = int(answer.headers["x-hubspot-ratelimit-remaining"])
    assert pair.pull().refused == 0
    for n in range(30):
        pair.here.call(f"N{n}")
    assert pair.forward().sent == 30
    assert titles("there", pair) == titles("here", pair)


RUN = """
import asyncio, httpx, pathlib, sys
from trunkline.mirror.run import Sides, forward, pull

way, here, local_token, there, remote_token, state = sys.argv[1:]
client = httpx.Client(trust_env=False)


def ask(method, path, body):
    return client.request(method, f"{here}/_trunkline{path}", headers={"x-trunkline-secret": "secret"}).json()


sides = Sides(
    local=here,
    local_token=local_token,
    remote=there,
    remote_token=remote_token,
    ask=ask,
    state=pathlib.Path(state),
    keys={"calls": "dialer_id", "contacts": "email"},
)
asyncio.run(pull(sides, ("contacts", "calls")) if way == "pull" else forward(sides))
"""


def killed(pair: Pair, way: str, enough: int) -> None:
    """Runs the mirror in a process of its own, and kills it in the midst."""
    both = [pair.here.url, pair.here.token, pair.there.url, pair.there.token]
    process = subprocess.Popen([sys.executable, "-c", RUN, way, *both, str(pair.state)])
    side = pair.here if way == "pull" else pair.there
    until = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < until and len(side.all("calls")) < enough:
        time.sleep(0.01)
    process.kill()
    process.wait()
    assert enough <= len(side.all("calls")), "it was killed before it had done anything"


def test_a_kill_loses_nothing_and_makes_no_duplicate(pair: Pair) -> None:
    fill(pair, 900)
    killed(pair, "pull", 100)
    pair.pull()
    assert len(pair.here.all("calls")) == 900
    assert titles("here", pair) == titles("there", pair)
    pair.forward()
    inputs = [
        {"idProperty": "dialer_id", "id": f"N{n}", "properties": {"hs_timestamp": AT, "hs_call_title": f"n{n}"}}
        for n in range(900)
    ]
    for first in range(0, 900, 100):
        pair.here.post("/crm/v3/objects/calls/batch/upsert", {"inputs": inputs[first : first + 100]})
    killed(pair, "forward", 1000)
    pair.forward()
    assert len(pair.there.all("calls")) == 1800
    assert titles("there", pair) == titles("here", pair)
    assert all(one["trunkline_remote_id"] for one in pair.here.all("calls", "trunkline_remote_id"))


def test_the_fixed_token_is_refused_and_a_state_of_others(pair: Pair) -> None:
    with pytest.raises(Stopped, match="token of its own"):
        _run(pair, local_token="pat-local-test")
    pair.forward()
    with pytest.raises(Stopped, match="is the state between"):
        _run(pair, remote=pair.here.url)


def _run(pair: Pair, **changes: object) -> None:
    asyncio.run(forward(pair.sides(**changes)))
