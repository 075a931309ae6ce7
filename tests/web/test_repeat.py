"""What a page tells to send again sends the same: carried out by a shell and by Python."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser
from server import SECONDS
from threaded import KNOWN, ThreadedServer

from trunkline.bench.exchange import Exchange, Message
from trunkline.http.control import SECRET
from trunkline.web.traffic.repeat import repeat

UPSERT = "/crm/v3/objects/calls/batch/upsert"
JSON = {"content-type": "application/json"}
ODD = """{"inputs": [], "it's": "$HOME `id` $(id) \\\\ \\" %s !! ; & | ü 😀"}\n\n"""

Sent = Mapping[str, Any]

REQUESTS: Mapping[str, Sent] = {
    "plain": {"method": "GET", "url": "/crm/v3/objects/calls?limit=1&properties=a,b&properties=c"},
    "odd query": {"method": "GET", "url": "/crm/v3/objects/calls?a[]={b}&c='d'&e=%20f%2F%C3%BC;$HOME`id`"},
    "odd path": {"method": "GET", "url": "/crm/v3/objects/calls/it's%20$HOME%20%C3%BC%3F%23/../x[1-2]"},
    "odd body": {"method": "POST", "url": UPSERT, "content": ODD.encode(), "headers": JSON},
    "a file's name": {"method": "POST", "url": UPSERT, "content": b"@/etc/hostname", "headers": JSON},
    "own headers": {
        "method": "POST",
        "url": UPSERT,
        "content": b'{"inputs": []}',
        "headers": JSON | {"x-mine": 'it\'s "$HOME"; `id`', "x-empty": "", "prefer": "respond-async"},
    },
    "a name that a shell would heed": {
        "method": "GET",
        "url": "/crm/v3/objects/calls",
        "headers": {"`id`$home|&!*'": "Bearer masked"},
    },
    "a body without a type": {"method": "POST", "url": UPSERT, "content": b'{"inputs": []}'},
    "without a body": {"method": "DELETE", "url": "/crm/v3/objects/calls/1"},
    "a post without a body": {"method": "POST", "url": UPSERT},
    "a get with a body": {"method": "GET", "url": "/crm/v3/objects/calls", "content": b"{}", "headers": JSON},
    "head": {"method": "HEAD", "url": "/crm/v3/objects/calls"},
    "long": {"method": "POST", "url": UPSERT, "content": b'{"inputs": [' + b" " * 10_000 + b"]}", "headers": JSON},
    "binary": {"method": "POST", "url": UPSERT, "content": bytes(range(256)), "headers": JSON},
}

COMPARED = ("method", "path", "status", "app")


def listed(server: ThreadedServer) -> list[dict[str, Any]]:
    """All requests of the log, with their bodies."""
    with httpx.Client(base_url=server.url, headers={SECRET: KNOWN}, trust_env=False, verify=False) as client:
        found = client.get("/_trunkline/requests").json()["results"]
        return [client.get(f"/_trunkline/requests/{one['correlationId']}").json() for one in found]


def told(server: ThreadedServer, folder: Path) -> list[str]:
    """What the page of the newest request tells to send again; its body is in the folder if it is to be."""
    with httpx.Client(base_url=server.url, trust_env=False, verify=False) as client:
        place = f"/portal/{server.portal}/requests/{listed(server)[-1]['correlationId']}"
        page = LexborHTMLParser(client.get(place).text)
        saved = page.css_first(".again .note a")
        if saved is not None:
            name = page.css(".again .note code")[1].text()
            (folder / name).write_bytes(client.get(saved.attributes["href"] or "").content)
        return [node.text() for node in page.css(".again pre")]


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("sent", REQUESTS.values(), ids=REQUESTS)
def test_the_same_is_sent_again(trunkline: ThreadedServer, tmp_path: Path, sent: Sent) -> None:
    with trunkline.client() as client:
        client.request(**sent)
    curl, python = told(trunkline, tmp_path)
    assert trunkline.token not in curl + python
    env = {"PATH": os.environ["PATH"], "TRUNKLINE_TOKEN": trunkline.token, "HOME": str(tmp_path)}
    for command in (["sh", "-c", curl], [sys.executable, "-c", python]):
        subprocess.run(command, cwd=tmp_path, env=env, check=True, timeout=SECONDS, capture_output=True)
    first, by_curl, by_python = listed(trunkline)
    own = {name: value for name, value in first["request"]["headers"] if name.startswith(("x-", "prefer", "content-t"))}
    for again in (by_curl, by_python):
        assert {name: again[name] for name in COMPARED} == {name: first[name] for name in COMPARED}
        assert again["request"]["body"] == first["request"]["body"]
        headers = dict(again["request"]["headers"])
        assert {name: headers.get(name) for name in own} == own
        assert "content-type" in own or "content-type" not in headers


def test_a_header_that_is_no_token_is_told_as_masked() -> None:
    one = Exchange(
        number=1,
        correlation_id="",
        at=0,
        method="GET",
        path="/a",
        query="",
        template=None,
        status=401,
        portal=0,
        app=0,
        duration=0,
        steps={},
        request=Message([(b"Authorization", b"Basic masked"), (b"X-Late", "ü".encode("latin-1"))], b"", 0),
        answer=Message([], b"", 0),
    )
    told = repeat(one, "http://127.0.0.1")
    assert told.masked and "TRUNKLINE_TOKEN" not in told.curl + told.python
    assert "'authorization: Basic masked'" in told.curl and r"b'\xfc'" in told.python
