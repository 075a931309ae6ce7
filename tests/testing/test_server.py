"""The server of tests for anything but pytest: `unittest`, and a block."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
import structlog

import trunkline.testing
from trunkline.testing import server
from trunkline.testing.operator import Refused

CASE = """
import unittest
from trunkline.testing.case import TrunklineTestCase

class Calls(TrunklineTestCase):
    portals = set()

    def seen(self):
        self.assertNotIn(self.trunkline.portal, self.portals)
        self.portals.add(self.trunkline.portal)
        self.assertEqual(self.trunkline.records("calls"), [])
        made = {"properties": {"hs_timestamp": "2025-04-24T20:01:33Z"}}
        self.assertEqual(self.trunkline.http.post("/crm/v3/objects/calls", json=made).status_code, 201)

    test_one = test_two = seen

class Elsewhere(Calls):
    portals = set()
    trunkline_where = "process"

unittest.main()
"""


def test_a_test_case_of_unittest_has_a_portal_for_each_test(tmp_path: Path) -> None:
    case = tmp_path / "case.py"
    case.write_text(CASE)
    done = subprocess.run([sys.executable, "-W", "error", case], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Ran 4 tests" in done.stderr


@pytest.mark.parametrize("where", ["thread", "process"])
def test_a_block_has_a_server_and_portals_side_by_side(where: str) -> None:
    with server(where) as started, started.portal() as one, started.portal() as other:
        one.seed({"records": {"contacts": [{"properties": {"email": "ada@example.com"}}]}})
        assert (len(one.records("contacts")), len(other.records("contacts"))) == (1, 0)
        assert one.http.get("/crm/v3/objects/contacts", headers={"authorization": "Bearer x"}).status_code == 401
    with pytest.raises(OSError):
        started.operator.ask("GET", "/portals")


def test_a_thread_is_gone_with_its_block() -> None:
    with server():
        assert "trunkline" in {thread.name for thread in threading.enumerate()}
    assert "trunkline" not in {thread.name for thread in threading.enumerate()}


def test_a_block_can_follow_another() -> None:
    for _ in range(2):
        with trunkline.testing.server() as started:
            assert started.url.startswith("http://127.0.0.1:")


def test_the_log_of_who_configured_one_is_left_as_it_is() -> None:
    before = structlog.get_config()
    with server():
        assert structlog.get_config() == before
    assert structlog.get_config() == before


def test_what_the_operator_is_refused_is_told_in_the_servers_words() -> None:
    with server() as started, started.portal() as portal:
        with pytest.raises(Refused, match=r"POST /_trunkline/portals/.*/clock: 400 .*"):
            portal.freeze("tomorrow")
        with pytest.raises(Refused, match="404"):
            portal.rewind("nowhere")
