"""Schemathesis, run against HubSpot's own specification of calls and properties, finds nothing to complain about.

Nor does it against ours, which is taken to the letter.
"""

import re
import subprocess
from pathlib import Path

import pytest
from fuzz import documents
from fuzz.effort import EFFORT
from fuzz.ground import furnish
from specification import FOLDER
from threaded import Stage, ThreadedServer

with_documents = pytest.mark.skipif(not FOLDER.is_dir(), reason="no copy of HubSpot's documents here")

BRIEFLY = ("--include-path-regex", "/v[134]/", "--phases", "coverage")
"""One version of each operation of ours, and what is tried systematically; the rest is tried in a longer run."""


@with_documents
@pytest.mark.parametrize("document", documents.DOCUMENTS)
def test_nothing_is_found_by_hubspots_document(document: str, stage: Stage, tmp_path: Path) -> None:
    with stage.serving(free_failures=1_000_000) as server:
        furnish(server)
        assert_clean(documents.run(str(documents.path(document)), server, tmp_path))


def test_nothing_is_found_by_our_document(stage: Stage, tmp_path: Path) -> None:
    with stage.serving(free_failures=1_000_000) as server:
        furnish(server)
        some = BRIEFLY if EFFORT == 1 else ()
        assert_clean(documents.run(f"{server.url}/openapi.json", server, tmp_path, documents.STRICT, *some))


def assert_clean(done: "subprocess.CompletedProcess[str]") -> None:
    """It ran, it tried something, and all of it passed."""
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr
    tried = re.search(r"(\d+) generated, (\d+) passed", done.stdout)
    assert tried and tried[1] == tried[2], done.stdout[-2_000:]


@with_documents
@pytest.mark.parametrize("document", documents.DOCUMENTS)
def test_every_operation_is_served(document: str, trunkline: ThreadedServer) -> None:
    """What is no operation of ours answers a page (behaviour 5.7), and none of HubSpot's does."""
    with trunkline.client() as client:
        for method, path in documents.operations(document):
            answer = client.request(method, path)
            assert not answer.headers.get("content-type", "").startswith("text/html"), f"{method} {path}"
