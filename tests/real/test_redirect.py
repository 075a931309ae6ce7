"""Clients that know HubSpot's address alone, unchanged: they are led here, and told whom to trust."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from server import SECONDS, TOKEN, environment, start

PROGRAM = Path(__file__).with_name("redirected.py")
APART = ["unshare", "--user", "--map-root-user", "--mount", "--net"]

LED = """
import os, socket

asked = socket.getaddrinfo

def led(host, port, *more, **members):
    assert host == "api.hubapi.com", host
    return asked("127.0.0.1", int(os.environ["LED_TO"]), *more, **members)

socket.getaddrinfo = led

from hubspot import HubSpot

client = HubSpot(access_token=os.environ["TOKEN"])
made = client.crm.objects.calls.basic_api.create({"properties": {"hs_timestamp": "2025-04-24T20:01:33Z"}})
print(client.crm.objects.calls.basic_api.get_by_id(made.id).id == made.id)
"""
"""The official client as it comes; only the machine's resolver is another."""


def _can_be_apart() -> bool:
    if sys.platform != "linux":
        return False
    try:
        return (
            subprocess.run([*APART, "mount", "--bind", "/etc/hosts", "/etc/hosts"], capture_output=True).returncode == 0
        )
    except OSError:
        return False


@pytest.mark.parametrize("trusts", [True, False])
def test_the_official_client_comes_here_by_its_own_address(trusts: bool, tmp_path: Path) -> None:
    server = start(tmp_path / "calls.db", "--tls", "--tls-folder", str(tmp_path / "authority"))
    try:
        trusted = {"SSL_CERT_FILE": str(tmp_path / "authority" / "ca.pem")} if trusts else {}
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", LED],
            capture_output=True,
            text=True,
            timeout=SECONDS * 2,
            env=environment(TOKEN=TOKEN, LED_TO=server.url.rpartition(":")[2], **trusted),
        )
    finally:
        server.stop()
    assert done.stdout.strip() == ("True" if trusts else ""), done.stderr
    assert ("CERTIFICATE_VERIFY_FAILED" in done.stderr) != trusts


@pytest.mark.skipif(not _can_be_apart(), reason="this system gives nobody a hosts file of their own")
def test_every_client_comes_here_by_the_hosts_file(tmp_path: Path) -> None:
    done = subprocess.run(
        [*APART, sys.executable, str(PROGRAM), str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=SECONDS * 8,
        env={name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, str] = json.loads(done.stdout)
    assert "CERTIFICATE_VERIFY_FAILED" in told.pop("untrusting")
    assert {"official", "requests", "httpx"} <= told.keys()
    assert told == dict.fromkeys(told, "200")
