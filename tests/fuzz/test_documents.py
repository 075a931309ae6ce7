"""Schemathesis, run against HubSpot's own specification of calls and properties, finds nothing to complain about."""

import re
from pathlib import Path

import pytest
from fuzz import documents
from fuzz.ground import furnish
from specification import FOLDER
from threaded import Stage, ThreadedServer

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="no copy of HubSpot's documents here")


@pytest.mark.parametrize("document", documents.DOCUMENTS)
def test_schemathesis_finds_nothing(document: str, stage: Stage, tmp_path: Path) -> None:
    with stage.serving() as server:
        furnish(server)
        done = documents.run(document, server, tmp_path)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr
    tried = re.search(r"(\d+) generated, (\d+) passed", done.stdout)
    assert tried and tried[1] == tried[2], done.stdout[-2_000:]


@pytest.mark.parametrize("document", documents.DOCUMENTS)
def test_every_operation_is_served(document: str, trunkline: ThreadedServer) -> None:
    """What is no operation of ours answers a page (behaviour 5.7), and none of HubSpot's does."""
    with trunkline.client() as client:
        for method, path in documents.operations(document):
            answer = client.request(method, path)
            assert not answer.headers.get("content-type", "").startswith("text/html"), f"{method} {path}"
