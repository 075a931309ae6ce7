"""A receiver of webhooks on this machine, in a thread: it keeps what it is told, and answers as it is told to."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

Event = dict[str, Any]


class Told(NamedTuple):
    """One request."""

    headers: dict[str, str]
    body: str
    events: list[Event]


class Receiver:
    """`answer` says which status a request is answered with; it may wait before."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.requests: list[Told] = []
        self.taken: list[Event] = []
        self.answer: Callable[[list[Event]], int] = lambda _: 200
        self._changed = threading.Condition()

    def take(self, headers: dict[str, str], body: str) -> int:
        """Takes a request in, and says how it is answered."""
        events = json.loads(body)
        status = self.answer(events)
        with self._changed:
            self.requests.append(Told(headers, body, events))
            if status == 200:
                self.taken += events
            self._changed.notify_all()
        return status

    def wait(self, done: Callable[["Receiver"], bool], seconds: float = 15.0) -> None:
        """Returns once something is so; fails when it does not become so."""
        until = time.monotonic() + seconds
        with self._changed:
            while not done(self):
                assert self._changed.wait(max(0.0, until - time.monotonic())), (len(self.requests), self.taken)


@contextmanager
def receiving(port: int = 0) -> Iterator[Receiver]:
    """A receiver that listens for as long as the block runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            status = receiver.take({name.lower(): value for name, value in self.headers.items()}, body)
            self.send_response(status)
            self.send_header("location", receiver.url)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """A client that hangs up, as one that is killed, is no news."""

    server = Quiet(("127.0.0.1", port), Handler)
    receiver = Receiver(f"http://127.0.0.1:{server.server_port}/hook?a=b")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
