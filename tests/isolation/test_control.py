"""No token and no secret of an app opens the control namespace, and who knocks changes nothing."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from isolation.pair import Pair, pair
from isolation.rows import everything
from isolation.wire import JSON, Sent
from isolation.world import FIXED, KNOWN

from trunkline.http.control import PREFIX, SECRET
from trunkline.http.control.table import VERBS

METHODS = ("GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "DELETE")


@dataclass(frozen=True)
class Disguise:
    """How somebody knocks who does not know the operator's secret."""

    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)


def _disguises(both: Pair) -> Iterator[Disguise]:
    names = both.full.spy.names
    yield Disguise()
    for text in (FIXED, names["TRUNKLINE_TOKEN"], names["ACCESS_TOKEN"], names["CLIENT_SECRET"]):
        yield Disguise({"authorization": f"Bearer {text}"})
        yield Disguise({SECRET: text})
        yield Disguise({"cookie": f"{SECRET}={text}"})
        yield Disguise(query={SECRET: text, "secret": text, "hapikey": text})
    yield Disguise({"authorization": f"Bearer {KNOWN}"})
    yield Disguise(query={SECRET: KNOWN})
    yield Disguise({SECRET: KNOWN[:-1]})


def test_no_token_opens_the_control_namespace(tmp_path: Path) -> None:
    asyncio.run(_knock_everywhere(tmp_path))


async def _knock_everywhere(folder: Path) -> None:
    async with pair(folder) as both:
        world = both.full.world
        before = everything(world.path)
        ids = [both.victims[-1].ground.portal, *(app.id for app in await world.state.accounts.apps())]
        paths = {verb.path.replace("{id}", str(id_)) for verb in VERBS for id_ in (*ids, 999_999_999)}
        served = {(verb.method, verb.path.replace("{id}", str(id_))) for verb in VERBS for id_ in ids}
        answers = set()
        for disguise in _disguises(both):
            for method, path in served:
                body = {"name": "spy", "portal": ids[0], "scopes": ["oauth"], "keepHours": 1}
                headers = {"content-type": JSON, **disguise.headers}
                sent = Sent(method, PREFIX + path, disguise.query, headers, json.dumps(body).encode())
                reply = await world.send(sent)
                assert reply.status == 401, f"{sent} answered {reply.status} {reply.text}"
                answers.add(reply.body.replace(reply.header("x-request-id").encode(), b""))
        assert len(answers) == 1
        for path in paths:
            for method in METHODS:
                reply = await world.send(Sent(method, PREFIX + path, headers={SECRET: FIXED}))
                assert reply.status in (401, 405), f"{method} {path} answered {reply.status} {reply.text}"
        assert everything(world.path) == before
        assert (await world.operate("GET", "/portals"))["results"]
