"""Requests and answers as bytes on a socket."""

import select
import socket

from server import SECONDS


def get(path: str, headers: str = "") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: a\r\n{headers}\r\n".encode()


def post(path: str, length: int) -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n".encode()


def read(connection: socket.socket) -> bytes:
    """What comes until the server hangs up."""
    read = b""
    try:
        while piece := connection.recv(1_000_000):
            read += piece
    except ConnectionError:
        pass
    return read


def answers(connection: socket.socket, count: int) -> list[bytes]:
    """The bodies of as many answers, each ending where the next begins."""
    parts: list[bytes] = []
    with connection.makefile("rb") as file:
        for _ in range(count):
            assert file.readline().startswith(b"HTTP/1.1 200 ")
            length = 0
            while (line := file.readline()) != b"\r\n":
                if line.startswith(b"content-length:"):
                    length = int(line.split()[1])
            parts.append(file.read(length))
    return parts


def await_reset(connection: socket.socket) -> None:
    """Waits until the server gave up a connection that nobody reads."""
    poll = select.poll()
    poll.register(connection, 0)
    assert poll.poll(SECONDS * 1000), "the connection is still there"
