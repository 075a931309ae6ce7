"""Requests made up for the rows of the route table, and how they are sent."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

import httpx
from cases.world import Reply
from fuzz import verdict
from fuzz.bodies import Maker

from trunkline.http.operation import Operation

JSON = {"content-type": "application/json"}
LATER = {"prefer": "respond-async"}
"""Asks that a batch of records is carried out later."""

FORM = {"content-type": "multipart/form-data; boundary=b"}
OPERATIONS = ("UPSERT", "UPSERT", "CREATE", "UPDATE", "NONE")

LONGEST_PART = 5_000
"""Characters of one part of a path or a query; a URL has a limit of its own."""

SCHEMAS = "/crm-object-schemas"
CUSTOM = ("boat", "boat", "p_boat", "2-1000001", "p1000001_boat", *(f"o_{n}" for n in range(1, 6)), "contacts")
"""The custom object that is there, those that the requests themselves define, and a type that is none."""

_PLACE = re.compile(r"\{\w+\}")


@dataclass(frozen=True)
class Request:
    """A request as it is put on the wire: path and query are percent-encoded."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    content: bytes

    @property
    def target(self) -> str:
        """Path and query."""
        return f"{self.path}?{self.query}" if self.query else self.path


def made_up(row: Operation, maker: Maker) -> Request:
    """A request for an operation, in one of its versions."""
    template = maker.chance.choice([path for _, path in row.paths()])
    names = maker.chance.sample(row.query, maker.chance.randint(0, min(3, len(row.query))))
    parts = {place: maker.term(place) for place in _PLACE.findall(template)}
    if "{pipeline}" in parts and not maker.odd():
        parts |= {"{type}": "deals"}
    if row.root == SCHEMAS and "{type}" in parts and not maker.odd():
        parts |= {"{type}": maker.chance.choice(CUSTOM)}
    if "{toId}" in parts and not maker.odd():
        parts |= {"{toId}": f"10000000000{maker.chance.randint(1, 6)}"}
    maker = replace(maker, type=parts.get("{type}", "calls"))
    if "{id}" in parts and "idProperty" in names and not maker.odd():
        parts["{id}"] = maker.chance.choice(maker.known.keys)
    path = _PLACE.sub(lambda place: _encoded(parts[place[0]]), template)
    query = "&".join(f"{name}={_encoded(maker.term(name))}" for name in names)
    if row.body is None:
        return Request(row.method, path, query, {}, b"")
    if row.media == "multipart":
        return Request(row.method, path, query, FORM, form(maker))
    headers = JSON | LATER if "/batch/" in template and maker.chance.random() < 0.1 else JSON
    return Request(row.method, path, query, headers, written(maker.body(row.body)))


def form(maker: Maker) -> bytes:
    """A form with a file, made up; most ask for what there is."""
    chance = maker.chance
    header = chance.choice(("E-mail,Name", "E-mail,Name", "E-mail", "Name,E-mail,Name", "", "\ufeffE-mail,Name"))
    rows = "\r\n".join(f"{maker.term('email')},{maker.term('values')}" for _ in range(chance.randint(0, 5)))
    columns = [
        {"columnObjectTypeId": "0-1", "columnName": "E-mail", "propertyName": "email"},
        {
            "columnObjectTypeId": chance.choice((*("0-1",) * 4, "0-2", maker.term("{type}"))),
            "columnName": "Name",
            "propertyName": chance.choice((*("firstname",) * 4, "name", maker.term("{name}"))),
            "columnType": chance.choice(("STANDARD", None, None, None, "HUBSPOT_ALTERNATE_ID", "HUBSPOT_OBJECT_ID")),
        },
    ]
    page = {"hasHeader": chance.random() < 0.8, "columnMappings": columns}
    file = {"fileName": "a.csv", "fileFormat": chance.choice((*("CSV",) * 9, "SPREADSHEET")), "fileImportPage": page}
    asked = {"name": maker.term("name"), "importOperations": {"0-1": chance.choice(OPERATIONS)}, "files": [file]}
    part = b'--b\r\nContent-Disposition: form-data; name="%b"%b\r\n\r\n%b\r\n'
    file_ = part % (b"files", b'; filename="a.csv"', f"{header}\n{rows}".encode(errors="surrogatepass"))
    return part % (b"importRequest", b"", written(asked)) + file_ + b"--b--\r\n"


def written(value: Any) -> bytes:
    """A value as JSON, lone surrogates and all."""
    return json.dumps(value).encode()


def _encoded(term: Any) -> str:
    return quote(str(term)[:LONGEST_PART], safe="", errors="surrogatepass")


class Line:
    """One connection to a server, over which one request after the other is sent and judged."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self._socket: object = None

    def send(self, request: Request) -> Reply:
        """Sends a request; raises AssertionError with everything that is wrong with the answer."""
        url = self._client.base_url.copy_with(raw_path=request.target.encode())
        response = self._client.request(request.method, url, headers=request.headers, content=request.content)
        answer = verdict.reply(request.method, request.target, response.status_code, response.headers, response.content)
        found = [*verdict.complaints(answer), *self._hung_up(response)]
        assert not found, "\n".join([*found, repr(request)[:3_000]])
        return answer

    def _hung_up(self, response: httpx.Response) -> Sequence[str]:
        """The connection is the one before, unless the answer before said that it is over."""
        before, self._socket = self._socket, response.extensions["network_stream"].get_extra_info("socket")
        found = [] if before in (None, self._socket) else ["the connection was dropped before this request"]
        if response.headers.get("connection") == "close":
            self._socket = None
        return found
