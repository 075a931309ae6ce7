"""HubSpot's documents of calls and properties, our own document, and Schemathesis run on one of them."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from fuzz.effort import EFFORT, SEED
from server import Server
from specification import FOLDER, VERSIONS

NUMBERS = {"calls": 424, "properties": 145899}
DOCUMENTS = [f"{name}.{number}.{version}" for name, number in NUMBERS.items() for version in VERSIONS]
TESTS = Path(__file__).resolve().parents[1]
EXAMPLES = 3
"""Requests of each kind for one operation, at the usual effort."""
SECONDS = 240


def path(document: str) -> Path:
    """The file of a document, which need not be there."""
    return FOLDER / "crm" / f"{document}.json"


def operations(document: str) -> Iterator[tuple[str, str]]:
    """The method and the path of every operation that a document describes, with a calls' path in its placeholders."""
    for template, methods in json.loads(path(document).read_bytes())["paths"].items():
        plain = re.sub(r"\{\w*ObjectType\}", "calls", template)
        yield from ((method.upper(), re.sub(r"\{\w+\}", "1", plain)) for method in methods if method != "parameters")


CHECKS = ("not_a_server_error", "status_code_conformance", "verdict_of_all_tests")
"""What answers are put to. HubSpot's schemas are left to our own judge, who knows where the real service differs."""

STRICT = (*CHECKS, "content_type_conformance", "response_schema_conformance")
"""The same, and our own document to the letter."""


def run(
    location: str, server: Server, folder: Path, checks: Sequence[str] = CHECKS, *options: str
) -> "subprocess.CompletedProcess[str]":
    """Schemathesis with all its phases on the document at a path or URL; what it leaves behind is in the folder."""
    command = [sys.executable, "-m", "schemathesis.cli", "--no-color"]
    command += ["--config-file", str(Path(__file__).with_name("schemathesis.toml")), "run", location]
    command += ["--url", server.url, "--header", f"Authorization: Bearer {server.token}", "--checks", ",".join(checks)]
    command += ["--seed", str(SEED), "--max-examples", str(EXAMPLES * EFFORT), *options]
    variables = {"PYTHONPATH": str(TESTS), "SCHEMATHESIS_HOOKS": "fuzz.judge"}
    return subprocess.run(
        command,
        cwd=folder,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=SECONDS * EFFORT,
    )
