"""Somebody else's web server: where an app has its people sent back to, or a page that means harm."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from urllib.parse import parse_qs, urlsplit

from server import SECONDS

DONE = "/done"
"""The path that an app has its people sent back to."""


class Landing:
    """The server. It notes who comes to `DONE`, and shows what is in `pages` under other paths."""

    def __init__(self, address: str, port: int) -> None:
        self.url = f"http://[{address}]:{port}" if ":" in address else f"http://{address}:{port}"
        self.redirect_uri = self.url + DONE
        self.elsewhere = f"http://localhost:{port}"
        self.pages: dict[str, str] = {}
        self.arrivals: Queue[str] = Queue()
        self.referrers: list[str | None] = []

    def arrived(self) -> tuple[str, dict[str, str]]:
        """The next address with which somebody came back, and its query; waits for it."""
        path = self.arrivals.get(timeout=SECONDS)
        return self.url + path, {name: value for name, (value,) in parse_qs(urlsplit(path).query).items()}


@contextmanager
def landing(address: str = "127.0.0.1") -> Iterator[Landing]:
    """The server in a thread of its own. Its other name, `localhost`, is another site to a browser.

    Raises `OSError` where this machine has no such address.
    """
    served: Landing

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = served.pages.get(urlsplit(self.path).path, "")
            if urlsplit(self.path).path == DONE:
                served.referrers.append(self.headers["referer"])
                served.arrivals.put(self.path)
            self.send_response(200)
            self.send_header("content-type", "text/html;charset=utf-8")
            self.end_headers()
            self.wfile.write(f"<!doctype html><title>Elsewhere</title><p>Elsewhere{page}".encode())

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    class Server(ThreadingHTTPServer):
        address_family = socket.AF_INET6 if ":" in address else socket.AF_INET

    with Server((address, 0), Handler) as server:
        served = Landing(address, server.server_port)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield served
        finally:
            server.shutdown()
            thread.join(SECONDS)
