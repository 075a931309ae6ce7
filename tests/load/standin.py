"""A small service that speaks the upsert contract: the other side of the loader, with faults on order."""

import json
import socket
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

Json = dict[str, Any]
UPSERT = "/crm/v3/objects/calls/batch/upsert"
PROPERTIES = "/crm/v3/properties/calls"


class StandIn:
    """What the service holds, what was asked of it, and how it is to misbehave.

    `faults` are taken from the left, one for each upsert: a status with headers and body that is answered instead, or
    `drop`, which writes the batch and then cuts the connection. `judge` says what is wrong with an input.
    `manner` is how bad inputs are told: "207" named by trace id, "400" the whole request, "unnamed" a 207 without trace
    ids, "silent" a 200 that leaves them out. `lost` makes it a site that knows nothing of the contract.
    """

    def __init__(self) -> None:
        self.properties: dict[str, Json] = {
            "hs_call_title": {"name": "hs_call_title", "groupName": "call", "hasUniqueValue": False},
            "call_key": {"name": "call_key", "groupName": "call", "hasUniqueValue": True},
        }
        self.records: dict[str, Json] = {}
        self.writes: Counter[str] = Counter()
        self.upserts: list[list[Json]] = []
        self.paths: list[str] = []
        self.tokens: list[str | None] = []
        self.faults: deque[tuple[int, dict[str, str], str] | str] = deque()
        self.judge: Callable[[Json], str | None] = lambda given: None
        self.manner = "207"
        self.overlaps = 0
        self.lost = False
        self.arrived = threading.Event()
        self.gate = threading.Event()
        self.gate.set()
        self._flying: Counter[str] = Counter()
        self._lock = threading.Lock()
        self.url = ""

    @property
    def largest(self) -> int:
        """How many inputs the largest upsert had."""
        return max((len(inputs) for inputs in self.upserts), default=0)

    def answer(self, method: str, path: str, body: Json | None) -> tuple[int, dict[str, str], str] | None:
        """Status, headers and body for a request; None to cut the connection."""
        with self._lock:
            self.paths.append(f"{method} {path}")
        if self.lost:
            return 404, {}, "<html><title>Not here</title></html>"
        if path == UPSERT and body is not None:
            return self._upsert(body["inputs"])
        if path == PROPERTIES and method == "POST" and body is not None:
            self.properties[body["name"]] = body
            return 201, {}, json.dumps(body)
        if path == PROPERTIES:
            return 200, {}, json.dumps({"results": list(self.properties.values())})
        found = self.properties.get(unquote(path.removeprefix(PROPERTIES + "/")))
        return (200, {}, json.dumps(found)) if found else (404, {}, refusal("no such property"))

    def _upsert(self, inputs: list[Json]) -> tuple[int, dict[str, str], str] | None:
        keys = [given["id"] for given in inputs]
        with self._lock:
            self.upserts.append(inputs)
            self.overlaps += any(self._flying[key] for key in keys)
            self._flying.update(keys)
            fault = self.faults.popleft() if self.faults else None
        self.arrived.set()
        self.gate.wait()
        with self._lock:
            answer = fault if isinstance(fault, tuple) else self._write(inputs)
            self._flying.subtract(keys)
        return None if fault == "drop" else answer

    def _write(self, inputs: list[Json]) -> tuple[int, dict[str, str], str]:
        keys = [given["id"] for given in inputs]
        if len(set(keys)) < len(keys):
            return 400, {}, refusal("Duplicate IDs found in batch input")
        bad = {given["objectWriteTraceId"]: reason for given in inputs if (reason := self.judge(given))}
        if bad and self.manner == "400":
            return 400, {}, refusal(next(iter(bad.values())))
        results = [self._put(given) for given in inputs if given["objectWriteTraceId"] not in bad]
        body: Json = {"status": "COMPLETE", "results": list(reversed(results))}
        if bad and self.manner != "silent":
            body["errors"] = [self._error(trace, reason) for trace, reason in bad.items()]
            body["numErrors"] = len(bad)
        return (207 if "errors" in body else 200), {}, json.dumps(body)

    def _error(self, trace: str, reason: str) -> Json:
        error: Json = {"status": "error", "category": "VALIDATION_ERROR", "message": reason}
        return error if self.manner == "unnamed" else {**error, "context": {"objectWriteTraceId": [trace]}}

    def _put(self, given: Json) -> Json:
        new = given["id"] not in self.records
        record = self.records.setdefault(given["id"], {"hs_object_id": str(1000 + len(self.records))})
        record.update(given["properties"])
        self.writes[given["id"]] += 1
        return {"id": record["hs_object_id"], "new": new, "properties": given["properties"]}


def refusal(message: str) -> str:
    """An error's body."""
    return json.dumps({"status": "error", "message": message, "correlationId": "x", "category": "VALIDATION_ERROR"})


@contextmanager
def serving(service: StandIn) -> Iterator[StandIn]:
    """Serves it on a free port, its URL in `url`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Answers are written in two parts: without this the second waits for the client's acknowledgement.
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._reply(None)

        def do_POST(self) -> None:
            self._reply(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _reply(self, body: Json | None) -> None:
            service.tokens.append(self.headers["Authorization"])
            answer = service.answer(self.command, self.path, body)
            if answer is None:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            status, headers, text = answer
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(text.encode()))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    service.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield service
    finally:
        service.gate.set()
        server.shutdown()
        thread.join()
        server.server_close()
