"""Clients that are slow, greedy or many, on a real socket: what they may hold, and that it is taken from them."""

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest
from door import BIG, LOOPS, Door, House, opened, vacated
from http_text import answers, await_reset, get, post, read
from server import SECONDS

from trunkline.http import crowd as crowds


@pytest.fixture(scope="module", params=LOOPS)
def opened_house(request: pytest.FixtureRequest) -> Iterator[House]:
    with opened(request.param) as house:
        yield house


@pytest.fixture
def house(opened_house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """The house with nobody in it, before and after, and with limits that nobody meets unless a test lowers them."""
    with vacated(opened_house, monkeypatch):
        yield opened_house


@pytest.mark.parametrize("path", ["/big", "/pieces"])
@pytest.mark.parametrize("headers", ["", "Connection: close\r\n"])
@pytest.mark.parametrize("count", [1, 3])
def test_a_client_that_takes_nothing_is_dropped(
    path: str,
    headers: str,
    count: int,
    house: House,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(Door, "write_timeout", 0.05)
    with house.connected() as connection:
        connection.sendall(get(path, headers) * count)
        await_reset(connection)
    house.await_over()
    with house.connected() as connection:
        connection.sendall(get("/a"))
        assert answers(connection, 1) == [b"/a"]
    assert not caplog.records


def test_what_waits_is_not_lost_when_the_connection_is_to_end(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second connection rests later than the first, and is closed; the first is to be, once its answer is taken."""
    monkeypatch.setattr(Door, "idle_timeout", 0.01)
    with house.connected() as connection:
        connection.sendall(get("/big"))
        assert connection.recv(1, socket.MSG_PEEK)
        with house.connected() as other:
            other.sendall(get("/other"))
            assert read(other)
        assert read(connection).endswith(BIG)


@pytest.mark.parametrize("path", ["/big", "/pieces"])
def test_a_client_that_reads_has_all_of_its_answer(path: str, house: House) -> None:
    with house.connected() as connection:
        connection.sendall(get(path))
        assert answers(connection, 1) == [BIG]


def test_a_connection_that_rests_is_closed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Door, "idle_timeout", 0.05)
    with house.connected() as connection:
        connection.sendall(get("/a"))
        assert read(connection).endswith(b"/a")


RESTS = [
    ("an empty line", get("/a"), b"\r\n"),
    ("half a head", get("/a"), b"GET /"),
    ("a body that nobody reads", post("/a", 100), b"x"),
    ("a body in pieces", get("/a", "Transfer-Encoding: chunked\r\n"), b"1\r\nx\r\n"),
]


@pytest.mark.parametrize(("begun", "rest"), [rest[1:] for rest in RESTS], ids=[rest[0] for rest in RESTS])
def test_half_of_something_after_an_answer_is_given_up(
    begun: bytes, rest: bytes, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Door, "patience", 0.05)
    with house.connected() as connection:
        connection.sendall(begun)
        assert answers(connection, 1) == [b"/a"]
        connection.sendall(rest)
        assert read(connection) == b""


def test_a_body_that_nobody_read_is_followed_by_the_next_request(house: House) -> None:
    with house.connected() as connection:
        connection.sendall(post("/a", 5))
        assert answers(connection, 1) == [b"/a"]
        connection.sendall(b"12345" + get("/b"))
        assert answers(connection, 1) == [b"/b"]


def test_one_address_does_not_have_all_connections(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Door, "max_client_connections", 2)
    _assert_two_are_served(house)


def test_all_addresses_have_no_more_connections_than_there_are(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Door, "max_connections", 2)
    # As the server sets it, for requests whose clients are gone: who was turned away must not count for it.
    monkeypatch.setattr(house.config, "limit_concurrency", 3)
    _assert_two_are_served(house)


def _assert_two_are_served(house: House) -> None:
    with ExitStack() as stack:
        first, second, third, _ = (stack.enter_context(house.connected()) for _ in range(4))
        for connection in (first, second):
            connection.sendall(get("/a"))
            assert answers(connection, 1) == [b"/a"]
        third.sendall(get("/a"))
        head, _, body = read(third).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 503 ") and b"application/json" in head and b"connection: close" in head
        assert body.startswith(b'{"status":"error","message":"')
        first.sendall(get("/b"))
        assert answers(first, 1) == [b"/b"]
        second.close()
        house.await_over(2)
        with house.connected() as fourth:
            fourth.sendall(get("/c"))
            assert answers(fourth, 1) == [b"/c"]


def test_who_is_one_too_many_is_not_waited_for(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Door, "max_connections", 0)
    monkeypatch.setattr(Door, "refusal_timeout", 0.05)
    with house.connected() as silent:
        assert read(silent) == b""


def test_far_too_many_are_dropped_untold(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Door, "max_connections", 0)
    monkeypatch.setattr(crowds, "MOST_REFUSED", 1)
    with house.connected() as told:
        # The end may come as early as that.
        with suppress(ConnectionResetError), house.connected() as dropped:
            await_reset(dropped)
        told.sendall(get("/a"))
        assert read(told).startswith(b"HTTP/1.1 503 ")


@pytest.mark.parametrize(
    ("begun", "first"),
    [
        (get("/a"), b"/a"),
        (post("/read", 3_000) + b"\n" * 3_000, b"3000"),
        (post("/a", 3_000) + b"\n" * 3_000, b"/a"),
        (get("/read", "Transfer-Encoding: chunked\r\n") + b"bb8\r\n" + b"\n" * 3_000 + b"\r\n0\r\n\r\n", b"3000"),
    ],
)
def test_requests_that_are_sent_ahead_take_their_turns(begun: bytes, first: bytes, house: House) -> None:
    paths = [f"/{number}" for number in range(3_000)]
    with house.connected() as connection:
        sender = threading.Thread(target=connection.sendall, args=(begun + b"".join(map(get, paths)),))
        sender.start()
        assert answers(connection, len(paths) + 1) == [first, *(path.encode() for path in paths)]
        sender.join()
    assert 0 < Door.requests_ahead <= 64


def test_bodies_that_are_sent_ahead_arrive_whole(house: House) -> None:
    bodies = [b"\n" * length for length in (0, 1, 70_000, 300_000, 3)]
    with house.connected() as connection:
        sent = b"".join(post("/read", len(body)) + body for body in bodies)
        sender = threading.Thread(target=connection.sendall, args=(sent,))
        sender.start()
        assert answers(connection, len(bodies)) == [str(len(body)).encode() for body in bodies]
        sender.join()


SENT_AHEAD = [("a held answer", "/held", "/"), ("answers not taken", "/a", "/long")]


@pytest.mark.parametrize(("first", "others"), [one[1:] for one in SENT_AHEAD], ids=[one[0] for one in SENT_AHEAD])
def test_a_client_that_only_sends_fills_no_memory(
    first: str, others: str, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Door, "write_timeout", 0.05)
    sent = 0
    with house.connected() as connection:
        connection.sendall(get(first))
        if first == "/held":
            house.held.get(timeout=SECONDS)
            connection.setblocking(False)
        with pytest.raises(OSError):
            while True:
                sent += connection.send(get(others) * 10_000)
        house.release()
    house.await_over()
    assert sent > 100_000
    assert 0 < Door.requests_ahead <= 64
    assert 0 < Door.bytes_ahead < 600_000


GARBAGE = b"\0\1\2\r\n\r\n"
BROKEN = b"POST /held HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
TOO_LONG = get("/" + "a" * 40_000)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (GARBAGE, [400]),
        (get("/a") + GARBAGE, [200, 400]),
        (get("/a") + get("/b") + GARBAGE + get("/c"), [200, 200, 400]),
        (get("/a") + TOO_LONG, [200, 414]),
        (get("/a") + get("/b", "X: " + "a" * 70_000 + "\r\n"), [200, 431]),
        (BROKEN, [400]),
        (get("/a") + BROKEN, [200, 400]),
        (get("/a") * 100 + BROKEN + get("/b"), [200] * 100 + [400]),
    ],
)
def test_what_is_wrong_is_told_after_the_answers_before_it(sent: bytes, expected: list[int], house: House) -> None:
    with house.connected() as connection:
        connection.sendall(sent)
        assert [int(part[:3]) for part in read(connection).split(b"HTTP/1.1 ")[1:]] == expected


def test_a_request_that_broke_before_its_turn_is_not_carried_out(house: House) -> None:
    with house.connected() as connection:
        connection.sendall(get("/a") + BROKEN)
        assert b"HTTP/1.1 400 " in read(connection)
    house.await_over()
    assert house.held.empty()


def test_who_hangs_up_on_requests_sent_ahead_troubles_nobody(house: House, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        with house.connected() as connection:
            connection.sendall(get("/held") * 3)
            house.held.get(timeout=SECONDS)
        house.release()
        house.await_over()
        with house.connected() as connection:
            connection.sendall(get("/a"))
            assert answers(connection, 1) == [b"/a"]
    assert not caplog.records


def test_no_other_protocol_takes_a_connection_over(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house.config, "ws_protocol_class", object)
    upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: YQ==\r\n"
    with house.connected() as connection:
        connection.sendall(get("/a", upgrade))
        assert answers(connection, 1) == [b"/a"]
