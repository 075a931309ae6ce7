"""`trunkline record` as a program, between the official client and a Trunkline."""

import ssl
import stat
from pathlib import Path

import httpx
import pytest
from hubspot import HubSpot
from recorder import recording
from server import Server, attempt

from trunkline.recording.case import read


def test_a_clients_traffic_becomes_cases(trunkline: Server, tmp_path: Path) -> None:
    out = tmp_path / "cases.jsonl"
    with recording(trunkline.url, out) as url:
        client = HubSpot(access_token=trunkline.token, host=url)
        made = client.crm.contacts.basic_api.create({"properties": {"email": "jane@acme.com", "firstname": "Jane"}})
        client.crm.contacts.basic_api.get_by_id(made.id)
    with recording(trunkline.url, out) as url:
        HubSpot(access_token=trunkline.token, host=url).crm.contacts.basic_api.archive(made.id)
    assert [case.id for case in read(out)] == [
        "0001 POST /crm/v3/objects/contacts",
        f"0002 GET /crm/v3/objects/contacts/{made.id}",
        f"0003 DELETE /crm/v3/objects/contacts/{made.id}",
    ]
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    text = out.read_text()
    assert not [secret for secret in (trunkline.token, "jane", "Jane", "acme", str(trunkline.portal)) if secret in text]


@pytest.mark.parametrize("path", ["/crm/v3/objects/calls", "/nowhere", "/docs", "/crm/v3/objects/calls?limit=x"])
def test_an_answer_is_as_without(path: str, trunkline: Server, tmp_path: Path) -> None:
    """But for what is of the moment."""
    with recording(trunkline.url, tmp_path / "c") as url, trunkline.client() as client:
        direct, passed = client.get(path), client.get(url + path)
    assert (passed.status_code, len(passed.content)) == (direct.status_code, len(direct.content))
    moment = {"date", "server-timing", "x-hubspot-correlation-id", "x-request-id", "x-hubspot-ratelimit-remaining"}
    moment |= {"x-hubspot-ratelimit-daily-remaining", "x-hubspot-ratelimit-secondly-remaining", "cf-ray", "x-trace"}
    assert _but(passed.headers, moment) == _but(direct.headers, moment)


def test_clients_that_only_speak_tls_are_recorded(trunkline: Server, tmp_path: Path) -> None:
    folder = tmp_path / "authority"
    with recording(trunkline.url, tmp_path / "c", "--tls", TRUNKLINE_TLS_FOLDER=str(folder)) as url:
        trusting = ssl.create_default_context(cafile=str(folder / "ca.pem"))
        headers = {"authorization": f"Bearer {trunkline.token}"}
        answer = httpx.get(f"{url}/crm/v3/objects/calls", headers=headers, verify=trusting, trust_env=False)
    assert (url.partition(":")[0], answer.json()) == ("https", {"results": []})


def _but(headers: httpx.Headers, names: set[str]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers.items() if name not in names]


@pytest.mark.parametrize(
    ("options", "told"), [(["--upstream", "nowhere"], "write a URL"), (["--upstream", "http://127.0.0.1:9"], "middle")]
)
def test_why_it_does_not_start_is_told(options: list[str], told: str, tmp_path: Path) -> None:
    (tmp_path / "c").write_text("half")
    (tmp_path / "c").chmod(0o600)
    failed = attempt("record", *options, "--out", str(tmp_path / "c"))
    assert (failed.returncode, "Traceback" in failed.stderr) == (2, False)
    assert told in failed.stderr
