"""The operator's commands, over a file and over a running server alike: both go through the control namespace.

The commands run in this process, which starts once; the server is the real program.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from server import Server, start
from typer.testing import CliRunner, Result

from trunkline.cli import app

READ = "crm.objects.contacts.read"


@pytest.fixture(params=["the file", "the server"])
def data(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A store's file, with a server on it or without."""
    path = str(tmp_path / "calls.db")
    server = start(path) if request.param == "the server" else None
    yield path
    if server is not None:
        server.stop()


def attempt(*arguments: str, typed: str = "") -> Result:
    """What a command did, whatever that is."""
    return CliRunner().invoke(app, arguments, input=typed)


def run(*arguments: str, typed: str = "") -> Result:
    """What a command did, which must succeed."""
    done = attempt(*arguments, typed=typed)
    assert done.exit_code == 0, f"{arguments}: {done.output}"
    return done


def listed(*arguments: str) -> list[dict[str, object]]:
    """What a list prints as JSON."""
    return [json.loads(line) for line in run(*arguments, "--json").stdout.splitlines()]


def test_portals_come_change_and_go(data: str) -> None:
    at = ("--data", data)
    assert run("portal", "create", "Acme", "--product", "sales=professional", "--limits", "hubspot", *at).stdout == (
        "1000002\n"
    )
    assert [(row["id"], row["limits"]) for row in listed("portal", "list", *at)] == [
        (1000001, None),
        (1000002, "hubspot"),
    ]
    run("portal", "change", "1000002", "--name", "New", "--limits", "server", *at)
    assert listed("portal", "list", *at)[1] | {"createdAt": ""} == {
        "id": 1000002,
        "name": "New",
        "domain": "portal-1000002.localhost",
        "limits": None,
        "createdAt": "",
        "products": {"sales": "PROFESSIONAL"},
    }
    asked = attempt("portal", "remove", "1000002", *at)
    assert asked.exit_code != 0, "it must ask first"
    run("portal", "remove", "1000002", "--yes", *at)
    assert [row["id"] for row in listed("portal", "list", *at)] == [1000001]
    last = attempt("portal", "remove", "1000001", "--yes", *at)
    assert (last.exit_code, "last one" in last.stderr) == (2, True)
    assert run("portal", "create", "Again", *at).stdout == "1000003\n", "a number is never given twice"


def test_tokens_rotate_and_end(data: str) -> None:
    at = ("--data", data)
    text = run("token", "create", "--name", "dialer", "--scope", READ, *at).stdout.strip()
    (row,) = listed("token", "list", *at)
    new = run("token", "rotate", str(row["app"]), "--keep-hours", "1", *at).stdout.strip()
    assert len({text, new}) == 2
    run("token", "revoke", str(row["app"]), *at)
    assert listed("token", "list", *at)[0]["state"] == "revoked"
    again = attempt("token", "revoke", str(row["app"]), *at)
    assert (again.exit_code, again.stderr) == (2, "trunkline: It is not there.\n")
    assert "pat-local" not in run("audit", *at).stdout
    kinds = [row["kind"] for row in listed("audit", *at)]
    assert kinds == ["token.created", "token.rotated", "token.revoked"]


def test_apps_and_users_come_change_and_go(data: str, tmp_path: Path) -> None:
    at = ("--data", data)
    made = run("app", "create", "Dialer", "--redirect-uri", "https://a.example/cb", "--scope", READ, *at).stdout
    told = dict(line.split("\t") for line in made.splitlines())
    run("app", "change", told["id"], "--name", "New", "--optional-scope", "tickets,e-commerce", *at)
    (row,) = listed("app", "list", *at)
    assert (row["name"], row["scopes"], row["optionalScopes"]) == ("New", ["oauth", READ], ["tickets", "e-commerce"])
    secret = run("app", "rotate", told["id"], *at).stdout.strip()
    assert secret != told["client_secret"]
    assert listed("app", "consents", told["id"], *at) == []
    run("app", "withdraw", told["id"], *at)
    run("app", "remove", told["id"], *at)
    assert listed("app", "list", *at) == []
    bad = attempt("app", "create", "x", "--redirect-uri", "http://a.example/cb", *at)
    assert (bad.exit_code, "redirectUris[0]" in bad.stderr) == (2, True)


def test_teams_come_change_and_go(data: str) -> None:
    at = ("--data", data)
    number = run("team", "create", "East", "--member", "10000001", *at).stdout.strip()
    run("team", "change", number, "--name", "West", *at)
    (row,) = listed("team", "list", *at)
    assert (row["name"], row["members"], row["others"]) == ("West", [10_000_001], [])
    bad = attempt("team", "create", "x", "--other", "7", *at)
    assert (bad.exit_code, "members" in bad.stderr) == (2, True)
    run("team", "remove", number, *at)
    assert listed("team", "list", *at) == []


def test_a_password_is_read_and_never_shown(tmp_path: Path) -> None:
    data = str(tmp_path / "calls.db")
    asked = ("user", "create", "ada@example.com", "--portal", "1000001", "--data", data)
    for word, code in (("short", 2), ("correct horse battery", 0)):
        done = attempt(*asked, "--password-stdin", typed=word + "\n")
        assert done.exit_code == code, done.output
        assert word not in done.output
    (number,) = [row["id"] for row in listed("user", "list", "--data", data)][1:]
    twice = "another horse battery\n" * 2
    assert "horse" not in run("user", "password", str(number), "--data", data, typed=twice).output
    (owner, ada) = listed("user", "list", "--data", data)
    assert (owner["portals"], ada["email"], ada["portals"]) == ("all", "ada@example.com", [1000001])
    kept = Path(data).read_bytes()
    assert b"correct horse" not in kept
    assert b"$argon2id$" in kept


def test_limits_refuse_when_the_server_is_told_so(tmp_path: Path) -> None:
    server: Server = start(tmp_path / "calls.db", "--limits", "hubspot")
    try:
        with server.client() as client:
            answers = [client.get("/crm/v3/objects/calls") for _ in range(191)]
            assert {answer.status_code for answer in answers[:190]} == {200}
            assert answers[-1].status_code == 429
            assert answers[-1].json()["policyName"] == "TEN_SECONDLY_ROLLING"
    finally:
        server.stop()


def test_faults_are_added_kept_and_cleared(data: str) -> None:
    assert run("faults", "add", "slow", "--seconds", "2", "--method", "get", "--data", data).stdout == "slow\n"
    run("faults", "add", "reset", "--name", "r", "--count", "1", "--route", "/crm/v3/objects/{t}", "--data", data)
    shown = [json.loads(line) for line in run("faults", "list", "--json", "--data", data).stdout.splitlines()]
    assert [(one["name"], one["kind"], one["method"], one["count"]) for one in shown] == [
        ("slow", "slow", "GET", None),
        ("r", "reset", None, 1),
    ]
    run("faults", "clear", "slow", "--data", data)
    assert attempt("faults", "clear", "slow", "--data", data).exit_code == 2
    assert run("faults", "list", "--data", data).stdout.startswith("r\treset\t\t/crm/v3/objects/{t}\t\t1.0\t1\t")
    run("faults", "clear", "--data", data)
    assert run("faults", "list", "--data", data).stdout == ""


def test_a_fault_that_is_added_to_a_file_strikes_when_it_is_served(tmp_path: Path) -> None:
    path = str(tmp_path / "calls.db")
    run("faults", "add", "bad-gateway", "--count", "1", "--data", path)
    for _ in range(2):
        server = start(path)
        with server.client() as client:
            assert [client.get("/crm/v3/objects/calls").status_code for _ in range(2)] == [502, 200]
        server.stop()


def test_requests_are_listed_and_shown_and_forgotten(tmp_path: Path) -> None:
    path = str(tmp_path / "calls.db")
    server = start(path)
    with server.client() as client:
        client.get("/crm/v3/objects/calls")
        missing = client.get("/crm/v3/objects/calls/1").headers["x-request-id"]
    [line] = run("requests", "--status", "404", "--data", path).stdout.splitlines()
    assert line.split("\t")[1:4] == ["GET", "/crm/v3/objects/calls/1", "404"]
    shown = json.loads(run("request", missing, "--data", path).stdout)
    assert (shown["correlationId"], shown["answer"]["body"]["correlationId"]) == (missing, missing)
    assert len(run("requests", "--json", "--data", path).stdout.splitlines()) == 2
    run("requests", "--forget", "--data", path)
    assert run("requests", "--data", path).stdout == ""
    assert attempt("request", missing, "--data", path).exit_code == 2
    server.stop()
    alone = attempt("requests", "--data", path)
    assert (alone.exit_code, "No server answers" in alone.output) == (2, True)
