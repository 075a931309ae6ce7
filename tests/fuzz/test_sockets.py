"""What no HTTP client would send: heads and bodies that are broken, huge, slow or endless, byte by byte on a socket."""

import select
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import pytest
from fuzz.ground import furnish
from server import SECONDS, TOKEN, Server
from threaded import Stage, ThreadedServer

from trunkline.http.intake import LARGEST_HEAD, LONGEST_URL, Intake

CALLS = b"/crm/v3/objects/calls"
TOKEN_LINE = b"Authorization: Bearer " + TOKEN.encode() + b"\r\n"
WELL = b"GET %s HTTP/1.1\r\nHost: a\r\n%s\r\n" % (CALLS, TOKEN_LINE)


def get(path: bytes, headers: bytes = b"Host: a\r\n", method: bytes = b"GET") -> bytes:
    return b"%s %s HTTP/1.1\r\n%s%s\r\n" % (method, path, headers, TOKEN_LINE)


def post(headers: bytes, body: bytes = b"{}") -> bytes:
    return get(CALLS, b"Host: a\r\n" + headers, b"POST") + body


@contextmanager
def connected(server: Server) -> Iterator[socket.socket]:
    parts = urlsplit(server.url)
    with socket.create_connection((parts.hostname, parts.port), SECONDS) as connection:
        yield connection


def statuses(server: Server, sent: bytes, count: int = 1) -> list[int]:
    """Sends some bytes and returns the statuses of as many answers, or of fewer if the server hangs up before."""
    with connected(server) as connection:
        try:
            connection.sendall(sent)
            if not count:
                connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        return [int(part[:3]) for part in _read(connection, count).split(b"HTTP/1.1 ")[1:]]


def _read(connection: socket.socket, count: int = 0) -> bytes:
    """What comes until the server hangs up, maybe on us, or until there are so many answers."""
    read = b""
    try:
        while (not count or read.count(b"HTTP/1.1 ") < count) and (piece := connection.recv(65_536)):
            read += piece
    except ConnectionResetError:
        pass
    return read


HEADS: list[tuple[str, bytes, list[int]]] = [
    ("nothing", b"", []),
    ("garbage", b"\0\1\2\r\n\r\n", [400]),
    ("TLS", bytes.fromhex("16030100a5010000a10303") + bytes(160), [400]),
    ("half a line", b"GET " + CALLS, []),
    ("no version", b"GET %s\r\n\r\n" % CALLS, [401]),
    ("a version to come", b"GET %s HTTP/9.9\r\n%s\r\n" % (CALLS, TOKEN_LINE), [400]),
    ("no host", b"GET %s HTTP/1.1\r\n%s\r\n" % (CALLS, TOKEN_LINE), [200]),
    ("an unknown method", get(CALLS, method=b"BREW"), [400]),
    ("TRACE", get(CALLS, method=b"TRACE"), [405]),
    ("CONNECT", get(b"a:1", method=b"CONNECT"), [400]),
    ("an asterisk", get(b"*", method=b"OPTIONS"), [404]),
    ("another's URL", get(b"http://example.com" + CALLS), [200]),
    ("another's URL without a path", get(b"http://example.com"), [400]),
    ("dots", get(CALLS + b"/../../../etc/passwd"), [404]),
    ("encoded dots", get(CALLS + b"/%2e%2e%2f%2e%2e%2fetc"), [404]),
    ("bytes in the path", get(CALLS + b"/\xff\xfe"), [400]),
    ("a surrogate in the path", get(CALLS + b"/%ed%a0%80"), [404]),
    ("a NUL in the path", get(CALLS + b"/%00"), [404]),
    ("bytes in the query", get(CALLS + b"?properties=\xff"), [400]),
    ("a surrogate in the query", get(CALLS + b"?properties=%ed%a0%80"), [200]),
    ("a broken escape", get(CALLS + b"?properties=%zz%"), [200]),
    ("20,000 characters of query", get(CALLS + b"?properties=" + b"a" * 20_000), [200]),
    ("10,000 parameters", get(CALLS + b"?" + b"&".join([b"a=1"] * 8_000)), [200]),
    ("100,000 parameters", get(CALLS + b"?" + b"&".join([b"a=1"] * 100_000)), [414]),
    ("a long path", get(CALLS + b"/" + b"1" * LONGEST_URL), [414]),
    ("a path beyond 16 bits", get(CALLS + b"/" + b"1" * 70_000 + b"?limit=x"), [414]),
    ("a long header", get(CALLS, b"X-A: " + b"a" * LARGEST_HEAD + b"\r\n"), [431]),
    ("an endless header", get(CALLS, b"X-A: " + b"a" * 5_000_000), [431]),
    ("many headers", get(CALLS, b"".join(b"X-%d: a\r\n" % n for n in range(20_000))), [431]),
    ("empty lines", b"\r\n" * 200_000, [431]),
    ("a line break in a header", get(CALLS, b"X-A: a\nX-B: b\r\n"), [400]),
    ("a NUL in a header", get(CALLS, b"X-A: a\0b\r\n"), [400]),
    ("bytes in the token", b"GET %s HTTP/1.1\r\nAuthorization: Bearer \xff\r\n\r\n" % CALLS, [401]),
    ("two tokens", get(CALLS, b"Authorization: Bearer x\r\n"), [401]),
    ("an upgrade", get(CALLS, b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: YQ==\r\n"), [200]),
    ("another upgrade", get(CALLS, b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"), [200]),
    ("two lengths", post(b"Content-Length: 2\r\nContent-Length: 3\r\n"), [400]),
    ("a negative length", post(b"Content-Length: -2\r\n"), [400]),
    ("a length beyond 64 bits", post(b"Content-Length: 99999999999999999999\r\n"), [400]),
    ("a length beyond the limit", post(b"Content-Length: 99999999\r\n"), [413]),
    (
        "a length and chunks",
        post(b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", b"2\r\n{}\r\n0\r\n\r\n"),
        [400],
    ),
    ("an unknown transfer", post(b"Transfer-Encoding: gzip\r\n"), [400]),
    ("chunks", post(b"Transfer-Encoding: chunked\r\n", b"2\r\n{}\r\n0\r\n\r\n"), [400]),
    ("broken chunks", post(b"Transfer-Encoding: chunked\r\n", b"zz\r\n{}\r\n0\r\n\r\n"), [400]),
    ("a compressed body", post(b"Content-Encoding: gzip\r\nContent-Length: 4\r\n", b"\x1f\x8b\x08\0"), [400]),
    ("an expectation", post(b"Expect: 100-continue\r\nContent-Length: 2\r\n"), [100, 400]),
    ("half a body", post(b"Content-Length: 100\r\n"), []),
    ("two requests at once", WELL + WELL, [200, 200]),
]


@pytest.mark.parametrize(("head", "expected"), [head[1:] for head in HEADS], ids=[head[0] for head in HEADS])
def test_an_odd_head_harms_nobody(head: bytes, expected: list[int], trunkline: ThreadedServer) -> None:
    assert statuses(trunkline, head, len(expected)) == expected
    assert statuses(trunkline, WELL) == [200]


def test_a_head_that_is_as_large_as_may_be_is_read(trunkline: ThreadedServer) -> None:
    longest = CALLS + b"?properties=" + b"a" * (LONGEST_URL - len(CALLS) - 12)
    assert statuses(trunkline, get(longest)) == [200]
    assert statuses(trunkline, get(longest + b"a")) == [414]
    assert statuses(trunkline, get(CALLS, b"X-A: " + b"a" * (LARGEST_HEAD - 200) + b"\r\n")) == [200]


def test_a_head_that_does_not_end_is_given_up(trunkline: ThreadedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Intake, "patience", 0.05)
    for begun, answered in ((b"", 0), (b"GET /", 0), (b"GET / HTTP/1.1\r\nX-A:", 0), (WELL + b"GET /", 1)):
        with connected(trunkline) as connection:
            connection.sendall(begun)
            assert _read(connection).count(b"HTTP/1.1 ") == answered
    assert statuses(trunkline, WELL) == [200]


def test_a_body_that_does_not_end_is_given_up(stage: Stage) -> None:
    with stage.serving(body_timeout=0.05) as server, connected(server) as connection:
        connection.sendall(post(b"Content-Length: 100\r\n"))
        assert connection.recv(65_536).startswith(b"HTTP/1.1 408 ")


def test_a_body_that_drips_is_given_up_and_then_the_connection(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Intake, "patience", 0.05)
    with stage.serving(body_timeout=0.05) as server, connected(server) as connection:
        connection.sendall(post(b"Content-Length: 10000\r\n", b"{"))
        answer, dripped = b"", 1
        with suppress(ConnectionError):
            while True:
                if not select.select([connection], [], [], 0.001)[0]:
                    dripped += connection.send(b" ")
                elif piece := connection.recv(65_536):
                    answer += piece
                else:
                    break
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert dripped < 10_000, "the body came to its end"


HOSTS = [
    b"example.com",
    b"a:1",
    b"",
    b"a b",
    b"a\tb",
    b"\xff",
    b'"><script>',
    b"[::1",
    b"a:b:c",
    b"a:99999",
    b"user:pass@a",
    b"a/../b",
    b"a?b#c",
    b"%0d%0a",
]


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_cannot_bend_a_link(host: bytes, trunkline: ThreadedServer) -> None:
    furnish(trunkline)
    with connected(trunkline) as connection:
        connection.sendall(get(CALLS + b"?limit=1&x=%0d%0a%22%3c", b"Connection: close\r\nHost: " + host + b"\r\n"))
        body = _read(connection).partition(b"\r\n\r\n")[2].decode()
    link = urlsplit(body.partition('"link":"')[2].partition('"')[0])
    assert (link.scheme, link.path) == ("http", CALLS.decode())
    assert link.query.startswith("limit=1&x=%0D%0A%22%3C&after=")
    assert link.netloc in (host.decode("latin-1"), urlsplit(trunkline.url).netloc)
