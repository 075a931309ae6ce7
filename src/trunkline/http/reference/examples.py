"""Example requests, as commands for a shell and as calls of a client."""

import shlex
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote, urlencode

from trunkline.http.operation import Operation
from trunkline.http.reference.data import Answered, Request, abouts, answers

HERE = "http://127.0.0.1:8787"
"""Stands for the server's own address, which is put in its place when the document is sent."""

TOKEN = "TRUNKLINE_TOKEN"
"""The variable that holds the reader's token."""

UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def key(operation: Operation) -> str:
    """What an operation is called in the data files: its method and its path without a version."""
    return f"{operation.method} {'/'.join(filter(None, (operation.root, operation.api)))}{operation.path}"


def url(request: Request, operation: Operation, version: str) -> str:
    """The path and the query of a request in one version; where the operation lacks it, in the operation's first."""
    paths = dict(operation.paths())
    path = paths.get(version) or next(iter(paths.values()))
    for name, value in request.path.items():
        path = path.replace(f"{{{name}}}", quote(value, safe="$"))
    return f"{path}?{urlencode(request.query, safe=',')}" if request.query else path


def curl(request: Request, operation: Operation, version: str) -> str:
    """A command that sends a request; it takes the token from the environment."""
    method = "" if operation.method == ("GET" if request.body is None else "POST") else f"-X {operation.method} "
    address = HERE + url(request, operation, version)
    lines = [f"curl -s {method}{_quoted(address)}", f'-H "Authorization: Bearer ${TOKEN}"']
    lines += [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in request.headers.items()]
    if request.body is not None:
        body = request.body.strip().replace("'", "'\\''").replace("\n", "\n" + " " * 6)
        lines += ["-H 'Content-Type: application/json'", f"-d '{body}'"]
    command = " \\\n  ".join(lines)
    return f"{request.keep}=$({command} |\n  grep -oE '{UUID}' | head -1)" if request.keep else command


def _quoted(address: str) -> str:
    """An address for a shell; one that has a variable in it is open to it."""
    return f'"{address}"' if "$" in address else shlex.quote(address)


def examples(operation: Operation, version: str) -> Iterator[tuple[Request, Answered | None]]:
    """The example requests of an operation, each with what it answered in a version, if that is known."""
    about = abouts().get(key(operation))
    known = answers().get(key(operation), ())
    for number, request in enumerate(about.example if about else ()):
        of_versions = known[number] if number < len(known) else ()
        yield request, next((answer for answer in of_versions if version in answer.versions), None)


def by_key(operations: Iterable[Operation]) -> Mapping[str, Operation]:
    """Operations by what they are called in the data files."""
    return {key(operation): operation for operation in operations}
