"""Passing on: what arrives is what was sent, in both directions."""

import asyncio
import gzip
import json
import zlib
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from trunkline.load.stopped import Stopped
from trunkline.recording.case import Case, read
from trunkline.recording.mask import Mask
from trunkline.recording.place import is_this_machine, place_of, require_elsewhere
from trunkline.recording.proxy import Proxy
from trunkline.recording.tape import Tape

Headers = list[tuple[bytes, bytes]]
PLAIN = json.dumps({"results": [], "letter": "é"}).encode()


class Service:
    """An upstream that answers one thing and remembers what it was asked."""

    def __init__(self, status: int = 200, headers: Headers | None = None, body: bytes = b"") -> None:
        self.status, self.headers, self.body = status, headers or [], body
        self.scope: Scope = {}
        self.asked = b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope, self.asked = scope, (await receive())["body"]
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body})

    def header(self, name: bytes) -> list[bytes]:
        return [value for key, value in self.scope["headers"] if key == name]


def through(
    service: Any, path: Path, request: httpx.Request, noted: list[str] | None = None
) -> tuple[httpx.Response, bytes]:
    """The answer to a request that goes through a proxy, and its body before it is decompressed."""

    told = [] if noted is None else noted

    async def ask() -> tuple[httpx.Response, bytes]:
        tape = Tape(path)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=service)) as upstream:
            proxy = Proxy(
                place_of("http://service.test/api", "--upstream"), Mask(tape.key), tape, upstream, told.append
            )
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app=proxy)) as client:
                answer = await client.send(request, stream=True)
                raw = b"".join([piece async for piece in answer.aiter_raw()])
        tape.close()
        return answer, raw

    return asyncio.run(ask())


def test_a_request_arrives_as_it_was_sent(tmp_path: Path) -> None:
    service = Service(204)
    headers = {
        "Authorization": "Bearer t", "X-Own": "1", "Content-Type": "application/json", "Connection": "close, X-Hop",
        "X-Hop": "1", "Keep-Alive": "5", "TE": "trailers", "Upgrade": "h2c", "Accept-Encoding": "br, gzip;q=0.5",
    }  # fmt: skip
    request = httpx.Request("PATCH", "http://here.test/crm/a%2Fb%20c?q=%7E&q=2", headers=headers, content=b'{"a": 1}')
    through(service, tmp_path / "c", request)
    assert service.scope["raw_path"] == b"/api/crm/a%2Fb%20c"
    assert service.scope["query_string"] == b"q=%7E&q=2"
    assert (service.scope["method"], service.asked) == ("PATCH", b'{"a": 1}')
    assert dict(service.scope["headers"]) == {
        b"host": b"service.test", b"authorization": b"Bearer t", b"x-own": b"1", b"content-type": b"application/json",
        b"accept-encoding": b"gzip;q=0.5", b"content-length": b"8",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "body"), [(b"gzip", gzip.compress(PLAIN)), (b"deflate", zlib.compress(PLAIN))], ids=["gzip", "deflate"]
)
def test_an_answer_arrives_as_it_was_given(kind: bytes, body: bytes, tmp_path: Path) -> None:
    headers = [
        (b"content-type", b"application/json;charset=utf-8"), (b"content-encoding", kind),
        (b"content-length", str(len(body)).encode()), (b"x-twice", b"1"), (b"x-twice", b"2"), (b"date", b"today"),
        (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2"),
    ]  # fmt: skip
    hops = [(b"connection", b"x-hop"), (b"x-hop", b"1"), (b"keep-alive", b"timeout=5")]
    answer, raw = through(
        Service(202, headers + hops, body), tmp_path / "c", httpx.Request("GET", "http://here.test/x")
    )
    assert (answer.status_code, raw, answer.headers.raw) == (202, body, headers)
    [case] = read(tmp_path / "c")
    assert case.expect["body_equals"] == {"results": [], "letter": "é"}


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_an_answer_without_a_body_has_none(method: str, tmp_path: Path) -> None:
    headers = [(b"content-length", b"12")] if method == "HEAD" else []
    answer, raw = through(Service(200, headers), tmp_path / "c", httpx.Request(method, "http://here.test/x"))
    assert (raw, answer.headers.raw) == (b"", headers)
    assert case_in(tmp_path / "c").expect == {"status": 200, "body_empty": True}


@pytest.mark.parametrize("compressed", [b"\x1f\x8b broken", b"not compressed"], ids=["broken", "plain"])
def test_a_broken_answer_is_passed_back_and_not_kept(compressed: bytes, tmp_path: Path) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-encoding", b"gzip")]
    _, raw = through(Service(200, headers, compressed), tmp_path / "c", httpx.Request("GET", "http://here.test/x"))
    assert raw == compressed
    assert "is not kept" in case_in(tmp_path / "c").note


def test_a_redirect_is_the_clients(tmp_path: Path) -> None:
    service = Service(302, [(b"location", b"http://elsewhere.test/")])
    answer, _ = through(service, tmp_path / "c", httpx.Request("GET", "http://here.test/x"))
    assert (answer.status_code, answer.headers["location"]) == (302, "http://elsewhere.test/")


def test_a_service_that_does_not_answer_is_told_and_no_case(tmp_path: Path) -> None:
    async def silent(scope: Scope, receive: Receive, send: Send) -> None:
        raise httpx.ConnectError("refused")

    answer, raw = through(silent, tmp_path / "c", httpx.Request("GET", "http://here.test/x"))
    assert (answer.status_code, json.loads(raw)["category"]) == (502, "PROXY")
    assert read(tmp_path / "c") == []


def test_an_answer_that_cannot_be_kept_is_passed_back_all_the_same(tmp_path: Path) -> None:
    """What was asked is done by then."""
    deep = b"[" * 100_000 + b"]" * 100_000
    noted: list[str] = []
    service = Service(201, [(b"content-type", b"application/json")], deep)
    answer, raw = through(service, tmp_path / "c", httpx.Request("POST", "http://here.test/x"), noted)
    assert (answer.status_code, raw) == (201, deep)
    assert [text.partition(":")[0] for text in noted] == ["An answer to POST is not kept"]
    assert read(tmp_path / "c") == []


@pytest.mark.parametrize(
    ("url", "port", "back"),
    [
        ("http://127.0.0.1:8788", 8788, True),
        ("http://localhost:8788", 8788, True),
        ("https://localhost", 443, True),
        ("http://127.0.0.1:8788", 8787, False),
        ("http://192.0.2.1:8788", 8788, False),
    ],
)
def test_a_service_that_is_the_recorder_itself_is_refused(url: str, port: int, back: bool) -> None:
    with pytest.raises(Stopped, match="leads back here") if back else nullcontext():
        require_elsewhere(httpx.URL(url), port)


@pytest.mark.parametrize(
    "url", ["ftp://x", "api.hubapi.com", "http://", "https://u:p@x", "https://x/?a=1", "http://x:y"]
)
def test_only_a_url_of_a_service_is_taken(url: str) -> None:
    with pytest.raises(Stopped, match="--upstream"):
        place_of(url, "--upstream")


@pytest.mark.parametrize(
    ("url", "here"),
    [("http://127.0.0.1:1", True), ("http://127.9.9.9", True), ("http://[::1]", True), ("http://localhost", True),
     ("https://api.hubapi.com", False), ("http://10.0.0.1", False), ("http://localhost.test", False)],
)  # fmt: skip
def test_what_is_this_machine(url: str, here: bool) -> None:
    assert is_this_machine(httpx.URL(url)) is here


def case_in(path: Path) -> Case:
    [case] = read(path)
    return case
