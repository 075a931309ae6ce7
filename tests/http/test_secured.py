"""The intake behind TLS: what holds for plain connections holds for encrypted ones, from their first byte."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest
from door import BIG, LOOPS, Door, House, opened, vacated
from http_text import answers, await_reset, get, post, read
from server import SECONDS

from trunkline.authority import Authority

HELLO = bytes.fromhex("160301")
"""How a handshake begins."""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority") / "made")


@pytest.fixture(scope="module")
def trusted(authority: Authority) -> ssl.SSLContext:
    """A client that trusts the authority."""
    return ssl.create_default_context(cafile=str(authority.certificate))


@pytest.fixture(scope="module", params=LOOPS)
def opened_house(request: pytest.FixtureRequest, authority: Authority) -> Iterator[House]:
    with opened(request.param, authority.issue([])) as house:
        yield house


@pytest.fixture
def house(opened_house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """The house with nobody in it, before and after, and with limits that nobody meets unless a test lowers them."""
    with vacated(opened_house, monkeypatch):
        yield opened_house


@pytest.mark.parametrize("path", ["/big", "/pieces"])
def test_a_client_that_reads_has_all_of_its_answer(path: str, house: House, trusted: ssl.SSLContext) -> None:
    with house.secured(trusted) as connection:
        connection.sendall(get(path))
        assert answers(connection, 1) == [BIG]


def test_a_large_body_arrives_whole(house: House, trusted: ssl.SSLContext) -> None:
    with house.secured(trusted) as connection:
        connection.sendall(post("/read", 3_000_000) + b"\n" * 3_000_000)
        assert answers(connection, 1) == [b"3000000"]


def test_requests_that_are_sent_ahead_take_their_turns(house: House, trusted: ssl.SSLContext) -> None:
    paths = [f"/{number}" for number in range(500)]
    with house.secured(trusted) as connection:
        connection.sendall(b"".join(map(get, paths)))
        assert answers(connection, len(paths)) == [path.encode() for path in paths]
    assert 0 < Door.requests_ahead <= 64


@pytest.mark.parametrize("path", ["/big", "/pieces"])
@pytest.mark.parametrize("headers", ["", "Connection: close\r\n"])
def test_a_client_that_takes_nothing_is_dropped(
    path: str,
    headers: str,
    house: House,
    trusted: ssl.SSLContext,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(Door, "write_timeout", 0.05)
    with house.secured(trusted) as connection:
        connection.sendall(get(path, headers))
        await_reset(connection)
    house.await_over()
    assert not caplog.records


def test_a_client_that_only_sends_fills_no_memory(
    house: House, trusted: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Door, "write_timeout", 0.05)
    sent = 0
    with house.secured(trusted) as connection:
        with pytest.raises(OSError):
            while True:
                sent += connection.send(get("/long") * 10_000)
        house.await_over()
    assert sent > 100_000
    assert 0 < Door.bytes_ahead < 600_000


@pytest.mark.parametrize("sent", [b"", HELLO, HELLO + b"\x02\x00\x01\x00\x01\xfc"])
def test_a_handshake_that_does_not_end_is_given_up(sent: bytes, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Door, "patience", 0.05)
    with house.connected() as connection:
        connection.sendall(sent)
        assert read(connection) == b""


def test_who_has_yet_to_shake_hands_has_a_connection(
    house: House, trusted: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Door, "max_client_connections", 2)
    with ExitStack() as stack:
        silent = [stack.enter_context(house.connected()) for _ in range(2)]
        with house.secured(trusted) as refused:
            refused.sendall(get("/a"))
            head, _, body = read(refused).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 503 ")
            assert body.startswith(b'{"status":"error","message":"')
        silent[0].close()
        house.await_over(2)
        with house.secured(trusted) as admitted:
            admitted.sendall(get("/a"))
            assert answers(admitted, 1) == [b"/a"]


def test_a_connection_that_rests_is_closed_with_its_last_word(
    house: House, trusted: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the word a client cannot tell the end from an answer that somebody cut off."""
    monkeypatch.setattr(Door, "idle_timeout", 0.05)
    with house.connected() as plain:
        strict = trusted.wrap_socket(plain, server_hostname="localhost", suppress_ragged_eofs=False)
        with strict:
            strict.sendall(get("/a"))
            assert read(strict).endswith(b"/a")


def test_a_client_that_says_it_is_done_is_done(house: House, trusted: ssl.SSLContext) -> None:
    with house.secured(trusted) as connection:
        connection.sendall(get("/a"))
        assert answers(connection, 1) == [b"/a"]
        connection.unwrap().close()
    house.await_over()


@pytest.mark.parametrize("sent", [get("/a"), b"\0" * 100, HELLO + b"\xff" * 100])
def test_what_is_not_tls_is_hung_up_on(sent: bytes, house: House, caplog: pytest.LogCaptureFixture) -> None:
    with house.connected() as connection:
        connection.sendall(sent)
        assert b"HTTP" not in read(connection)
    house.await_over()
    assert not caplog.records


def test_what_breaks_later_is_hung_up_on(
    house: House, trusted: ssl.SSLContext, caplog: pytest.LogCaptureFixture
) -> None:
    with house.connected() as plain, trusted.wrap_socket(plain, server_hostname="localhost") as connection:
        connection.sendall(get("/a"))
        assert answers(connection, 1) == [b"/a"]
        with socket.socket(fileno=connection.detach()) as raw:
            raw.settimeout(SECONDS)
            raw.sendall(b"\x17\x03\x03\x00\x20" + b"x" * 32)
            with suppress(ConnectionError):
                read(raw)
    house.await_over()
    assert not caplog.records


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")
def test_versions_before_1_2_are_refused(house: House, authority: Authority) -> None:
    old = ssl.create_default_context(cafile=str(authority.certificate))
    old.minimum_version = ssl.TLSVersion.TLSv1_1
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    with house.connected() as connection, pytest.raises(ssl.SSLError):
        old.wrap_socket(connection, server_hostname="localhost")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_both_newer_versions_are_spoken(version: ssl.TLSVersion, house: House, authority: Authority) -> None:
    new = ssl.create_default_context(cafile=str(authority.certificate))
    new.minimum_version = new.maximum_version = version
    with house.secured(new) as connection:
        connection.sendall(get("/a"))
        assert answers(connection, 1) == [b"/a"]


def test_who_does_not_trust_the_authority_does_not_connect(house: House) -> None:
    with house.connected() as connection, pytest.raises(ssl.SSLCertVerificationError):
        ssl.create_default_context().wrap_socket(connection, server_hostname="localhost")
