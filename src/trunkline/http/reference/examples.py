"""Example requests, as commands for a shell and as calls of a client."""

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote, urlencode

from trunkline.http.operation import Operation
from trunkline.http.reference.data import Answered, Request, abouts, answers

HERE = "http://127.0.0.1:8787"
"""Stands for the server's own address, which is put in its place when the document is sent."""

TOKEN = "TRUNKLINE_TOKEN"
"""The variable that holds the reader's token."""

NAMES: Mapping[str, str] = {
    "APP_ID": "the id of your app, which is 1 with the fixed token",
    "PORTAL_ID": "the id of your account, which is 1000001 unless you made others",
    "CLIENT_ID": "the client id of your app",
    "CLIENT_SECRET": "its client secret",
    "CODE": "a code, which works once",
    "ACCESS_TOKEN": "the access token that a code brought",
    "REFRESH_TOKEN": "the refresh token that came with it",
    "OLD_ACCESS_TOKEN": "another access token, to give up",
    "OLD_REFRESH_TOKEN": "another refresh token, to give up",
}
"""The variables of the commands that have to do with apps, and what they hold."""

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
    usual = "GET" if request.body is None and not request.form else "POST"
    method = "" if operation.method == usual else f"-X {operation.method} "
    lines = [f"curl -s {method}{_quoted(HERE + url(request, operation, version))}"]
    if operation.verb is not None:
        lines.append(f'-H "Authorization: Bearer ${TOKEN}"')
    lines += [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in request.headers.items()]
    if request.body is not None:
        lines += ["-H 'Content-Type: application/json'", f"-d {_json(request.body)}"]
    if operation.media == "multipart":
        lines += [f"--form-string {_quoted(f'{name}={value.strip()}')}" for name, value in request.form.items()]
    else:
        lines += [_field(name, value) for name, value in request.form.items()]
    for name, content in request.files.items():
        lines.append(f"-F {_quoted(f'files=@-;filename={name};type=text/csv')} <<'END'\n{content.strip()}\nEND")
    command = " \\\n  ".join(lines)
    return f"export {request.keep}=$({command} |\n  grep -oE '{UUID}' | head -1)" if request.keep else command


def _quoted(text: str) -> str:
    """A text for a shell; one that has a variable in it is open to it."""
    return f'"{text}"' if "$" in text else shlex.quote(text)


def _json(body: str) -> str:
    """JSON for a shell, open to the variables in it."""
    quoted = body.strip().replace("'", "'\\''").replace("\n", "\n" + " " * 6)
    return "'" + re.sub(r"\$[A-Z_]+", r"""'"\g<0>"'""", quoted) + "'"


def _field(name: str, value: str) -> str:
    """A field of a form; what holds nothing but letters, digits and a few signs needs no encoding."""
    option = "-d" if re.fullmatch(r"[\w.$-]*", value) else "--data-urlencode"
    return f"{option} {_quoted(f'{name}={value}')}"


def examples(operation: Operation, version: str) -> Iterator[tuple[Request, Answered | None]]:
    """The example requests of an operation, each with what it answered in a version, if that is known."""
    about = abouts().get(key(operation))
    known = answers().get(key(operation), ())
    for number, request in enumerate(about.example if about else ()):
        if version in request.not_in:
            continue
        of_versions = known[number] if number < len(known) else ()
        yield request, next((answer for answer in of_versions if version in answer.versions), None)


def by_key(operations: Iterable[Operation]) -> Mapping[str, Operation]:
    """Operations by what they are called in the data files."""
    return {key(operation): operation for operation in operations}
