"""`trunkline serve --tls`: the authority that it makes, and all that goes on as without."""

import ssl
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from server import TOKEN, attempt, launch, ready, run, start

from trunkline import authority as authorities
from trunkline.authority import NAMES, Authority


def trusting(authority: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(authority / "ca.pem"))


def status(url: str, context: ssl.SSLContext) -> int:
    return httpx.get(f"{url}/_trunkline/health", verify=context, trust_env=False).status_code


def test_it_is_made_once_and_used_again(tmp_path: Path) -> None:
    folder, pems = tmp_path / "authority", []
    for _ in range(2):
        server = start(tmp_path / "calls.db", "--tls", "--tls-folder", str(folder))
        assert server.process.stdout is not None
        assert server.process.stdout.readline() == f"Clients trust it with {folder / 'ca.pem'}\n"
        assert server.url.startswith("https://127.0.0.1:")
        assert status(server.url, trusting(folder)) == 200
        assert server.stop() == 0
        pems.append((folder / "ca.pem").read_bytes())
    assert pems[0] == pems[1]
    assert stat.S_IMODE((folder / "ca-key.pem").stat().st_mode) == 0o600


def test_by_default_it_is_with_the_users_data(tmp_path: Path) -> None:
    told = run("authority", XDG_DATA_HOME=str(tmp_path), HOME=str(tmp_path)).stdout.strip()
    assert Path(told).is_relative_to(tmp_path)
    assert run("authority", "--pem", XDG_DATA_HOME=str(tmp_path), HOME=str(tmp_path)).stdout == Path(told).read_text()


def test_commands_reach_a_server_with_tls(tmp_path: Path) -> None:
    server = start(tmp_path / "calls.db", "--tls", "--tls-folder", str(tmp_path / "authority"))
    try:
        token = server.make_token(["crm.objects.contacts.read"])
        with httpx.Client(verify=trusting(tmp_path / "authority"), trust_env=False) as client:
            answer = client.get(f"{server.url}/crm/v3/objects/calls", headers={"authorization": f"Bearer {token}"})
        assert answer.status_code == 200
    finally:
        server.stop()


def test_links_are_https(tmp_path: Path) -> None:
    server = start(tmp_path / "calls.db", "--tls", "--tls-folder", str(tmp_path / "authority"))
    try:
        with httpx.Client(verify=trusting(tmp_path / "authority"), trust_env=False) as client:
            body = {"properties": {"hs_timestamp": "2025-04-24T20:01:33Z"}}
            headers = {"authorization": f"Bearer {TOKEN}"}
            made = client.post(f"{server.url}/crm/v3/objects/calls", json=body, headers=headers)
        assert made.headers["location"] == f"{server.url}/crm/v3/objects/calls/{made.json()['id']}"
    finally:
        server.stop()


def test_of_many_that_make_it_at_once_all_have_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: Authority(tmp_path / "authority").certificate.read_bytes(), range(8)))
    assert len(set(made)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["authority"]


def test_a_certificate_is_for_the_usual_names_and_those_given(tmp_path: Path) -> None:
    pem = Authority(tmp_path / "authority").issue(["trunkline", "192.0.2.1", "localhost"])
    certificate = x509.load_pem_x509_certificate(pem.encode())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(name.value) for name in names] == [*NAMES, "trunkline", "192.0.2.1"]
    # Longer ones are refused by some clients.
    assert certificate.not_valid_after_utc - datetime.now(UTC) <= timedelta(days=398)


def test_one_that_ends_soon_has_a_successor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authorities, "AUTHORITY_DAYS", authorities.FEWEST_DAYS - 1)
    first = Authority(tmp_path / "authority").certificate.read_bytes()
    monkeypatch.undo()
    second = Authority(tmp_path / "authority").certificate.read_bytes()
    assert first != second == Authority(tmp_path / "authority").certificate.read_bytes()


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    Authority(tmp_path / "authority")
    (tmp_path / "authority" / "ca-key.pem").chmod(0o644)
    failed = attempt("serve", "--tls", "--tls-folder", str(tmp_path / "authority"), "--data", ":memory:", "--port", "0")
    assert failed.returncode == 2
    assert "chmod 600" in failed.stderr
    assert "Traceback" not in failed.stderr


def test_a_file_that_is_no_certificate_is_told(tmp_path: Path) -> None:
    Authority(tmp_path / "authority")
    (tmp_path / "authority" / "ca.pem").write_text("gone")
    failed = attempt("authority", "--tls-folder", str(tmp_path / "authority"))
    assert failed.returncode == 2
    assert "is no certificate" in failed.stderr


def test_names_can_be_given_several_times(tmp_path: Path) -> None:
    folder = tmp_path / "authority"
    options = "--tls", "--tls-folder", str(folder), "--tls-name", "one.test", "--tls-name", "two.test"
    server = ready(launch("serve", "--port", "0", "--data", ":memory:", *options), ":memory:")
    try:
        port = int(server.url.rpartition(":")[2])
        for name in ("one.test", "two.test", "api.hubapi.com", "localhost"):
            transport = httpx.HTTPTransport(verify=trusting(folder))
            with httpx.Client(transport=transport) as client:
                asked = client.build_request("GET", f"https://127.0.0.1:{port}/_trunkline/health")
                asked.extensions["sni_hostname"] = name
                assert client.send(asked).status_code == 200
    finally:
        server.stop()
