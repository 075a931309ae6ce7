"""Example requests as programs: in Python with requests, and in Node with what it brings along."""

import json
import re
from collections.abc import Iterable, Iterator

from trunkline.http.operation import Operation
from trunkline.http.reference.data import Request
from trunkline.http.reference.examples import HERE, TOKEN, url

VARIABLE = r"\$([A-Z_]+)"
LITERALS = {"true": "True", "false": "False", "null": "None"}
"""What JSON and Python write differently."""


def python(request: Request, operation: Operation, version: str) -> str:
    """A program that sends a request and prints what it answered."""
    arguments = [_python_text(_address(request, operation, version)), *_python_parts(request, operation)]
    inside = "".join(f"    {argument},\n" for argument in arguments)
    modules = ["import os"] if "os.environ" in inside else []
    head = "\n".join([*modules, "import requests"])
    method = f"requests.{operation.method.lower()}"
    return f"{head}\n\nresponse = {method}(\n{inside})\nprint(response.status_code, response.text)"


def node(request: Request, operation: Operation, version: str) -> str:
    """The same as a module for Node 18 or newer."""
    address = _node_text(_address(request, operation, version))
    parts = list(_node_parts(request, operation))
    before = "".join(f"{line}\n" for line in _node_form(request) if operation.media == "multipart")
    given = f", {{\n{''.join(f'  {part},{chr(10)}' for part in parts)}}}" if parts else ""
    return (
        f"{before}const response = await fetch({address}{given});\nconsole.log(response.status, await response.text());"
    )


def _address(request: Request, operation: Operation, version: str) -> str:
    return HERE + url(request, operation, version)


def _python_parts(request: Request, operation: Operation) -> Iterator[str]:
    headers = {name: _python_text(value) for name, value in request.headers.items()}
    if operation.verb is not None:
        headers = {"Authorization": _python_text(f"Bearer ${TOKEN}"), **headers}
    if headers:
        yield f"headers={_table(headers)}"
    if request.body is not None:
        yield f"json={_python_json(request.body)}"
    if request.form:
        fields = {name: _python_text(value.strip()) for name, value in request.form.items()}
        yield f"data={_table(fields, 4)}"
    for name, content in request.files.items():
        yield f'files={{"files": ({json.dumps(name)}, """\\\n{content.strip()}\n""", "text/csv")}}'


def _node_parts(request: Request, operation: Operation) -> Iterator[str]:
    if operation.method != "GET":
        yield f'method: "{operation.method}"'
    headers = {_member(name): _node_text(value) for name, value in request.headers.items()}
    if operation.verb is not None:
        headers = {"Authorization": _node_text(f"Bearer ${TOKEN}"), **headers}
    if request.body is not None:
        headers['"Content-Type"'] = '"application/json"'
    if headers:
        yield f"headers: {{ {', '.join(f'{name}: {value}' for name, value in headers.items())} }}"
    if request.body is not None:
        yield f"body: JSON.stringify({_node_json(request.body)})"
    elif operation.media == "multipart":
        yield "body"
    elif request.form:
        fields = (f"{_member(name)}: {_node_text(value)}" for name, value in request.form.items())
        yield f"body: new URLSearchParams({{\n{_lines(fields, 4)}  }})"


def _node_form(request: Request) -> Iterator[str]:
    """The lines that make a form with a file."""
    yield "const body = new FormData();"
    for name, value in request.form.items():
        yield f"body.append({json.dumps(name)}, `{value.strip()}`);"
    for name, content in request.files.items():
        blob = f'new Blob([`{content.strip()}\n`], {{ type: "text/csv" }})'
        yield f'body.append("files", {blob}, {json.dumps(name)});'


def _table(values: dict[str, str], indent: int = 0) -> str:
    """A dict of Python, on one line unless it is indented."""
    rows = (f'"{name}": {value}' for name, value in values.items())
    return f"{{\n{_lines(rows, indent + 4)}    }}" if indent else f"{{{', '.join(rows)}}}"


def _lines(rows: Iterable[str], indent: int) -> str:
    return "".join(f"{' ' * indent}{row},\n" for row in rows)


def _member(name: str) -> str:
    """A name as a member of an object of JavaScript."""
    return name if re.fullmatch(r"\w+", name) else f'"{name}"'


def _python_text(text: str) -> str:
    """A text of Python, with the variables in it from the environment."""
    alone = re.fullmatch(VARIABLE, text)
    if alone:
        return f'os.environ["{alone[1]}"]'
    if "\n" in text:
        return f'"""{text}"""'
    quoted = json.dumps(text, ensure_ascii=False)
    filled = re.sub(VARIABLE, r"{os.environ['\1']}", quoted)
    return quoted if filled == quoted else f"f{filled}"


def _node_text(text: str) -> str:
    """A text of JavaScript, with the variables in it from the environment."""
    alone = re.fullmatch(VARIABLE, text)
    if alone:
        return f"process.env.{alone[1]}"
    filled = re.sub(VARIABLE, r"${process.env.\1}", text)
    return json.dumps(text, ensure_ascii=False) if filled == text else f"`{filled}`"


def _python_json(body: str) -> str:
    """JSON as it is laid out, in the words of Python."""
    parts = r'"(?:[^"\\]|\\.)*"|\b(?:true|false|null)\b'
    return re.sub(parts, lambda found: _python_part(found[0]), _indented(body, 4))


def _python_part(part: str) -> str:
    return LITERALS.get(part) or re.sub(f'^"{VARIABLE}"$', r'os.environ["\1"]', part)


def _node_json(body: str) -> str:
    return re.sub(f'"{VARIABLE}"', r"process.env.\1", _indented(body, 2))


def _indented(body: str, columns: int) -> str:
    return body.strip().replace("\n", "\n" + " " * columns)
