"""What the documents tell a reader to paste, pasted."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cluster import Postgres
from server import TOKEN, Server, start

ROOT = Path(__file__).resolve().parent.parent.parent
THERE = ("http://127.0.0.1:8787", "pat-local-development", ".venv/bin/")


def blocks(page: str, language: str) -> list[str]:
    """The code blocks of a page."""
    return re.findall(rf"^```{language}\n(.*?)^```", (ROOT / page).read_text(), flags=re.M | re.S)


def here(text: str, server: Server) -> str:
    """The text with this server in the place of the reader's."""
    for there, own in zip(THERE, (server.url, TOKEN, f"{sys.prefix}/bin/"), strict=True):
        text = text.replace(there, own)
    return text


def paste(text: str, folder: Path, server: Server) -> str:
    """What a shell prints that is given the text, and stops at the first failure."""
    done = subprocess.run(["bash", "-eu", "-c", here(text, server)], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_tour_of_the_readme(trunkline: Server, tmp_path: Path) -> None:
    _tour(trunkline, tmp_path)


def test_the_tour_of_the_readme_on_postgresql(postgres: Postgres, tmp_path: Path) -> None:
    with postgres.database() as url:
        server = start(url)
        try:
            _tour(server, tmp_path)
        finally:
            server.stop()


def _tour(server: Server, folder: Path) -> None:
    (tour,) = blocks("README.md", "bash")
    said = paste(tour.replace("100000", "1000"), folder, server)
    assert "1000 created, 0 updated, 0 rejected" in said
    assert "0 created, 1000 updated, 0 rejected" in said
    assert '"value":"Changed in the tour"' in said
    assert '"numErrors":1' in said
    assert said.splitlines()[-1].endswith(" COMPLETED")


def test_the_tutorial(trunkline: Server) -> None:
    names: dict[str, object] = {}
    for block in blocks("docs/tutorial/first-calls.md", "python"):
        exec(here(block, trunkline), names)
    assert [result.new for result in names["answer"].results] == [False]  # type: ignore[attr-defined]
    assert names["answer"].errors[0].context == {"objectWriteTraceId": ["2"]}  # type: ignore[attr-defined]
    history = names["call"].properties_with_history["hs_call_status"]  # type: ignore[attr-defined]
    assert [entry.value for entry in history] == ["COMPLETED", "RINGING"]


def test_finding_calls(trunkline: Server, tmp_path: Path) -> None:
    said = paste("\n".join(blocks("docs/how-to/find-calls.md", "bash")), tmp_path, trunkline)
    by_contact = [line for line in said.splitlines() if line.startswith('{"total":1')]
    assert len(by_contact) == 1
    assert '"hs_call_title":"First call"' in by_contact[0]


def test_tying_records(trunkline: Server, tmp_path: Path) -> None:
    said = paste("\n".join(blocks("docs/how-to/tie-records.md", "bash")), tmp_path, trunkline).splitlines()
    assert '"associations":{"contacts":{"results":[' in said[4]
    assert '"labels":["Signed by"]' in said[7]
    assert said[-1].count('"hs_is_closed_won":"true"') == said[-1].count('"hs_deal_stage_probability":"1"') == 1


def test_defining_an_object(trunkline: Server, tmp_path: Path) -> None:
    said = paste("\n".join(blocks("docs/how-to/define-custom-objects.md", "bash")), tmp_path, trunkline).splitlines()
    assert said[1].count('"new":true') == 2
    assert '"total":1' in said[2]
    assert '"associations":{"calls":{"results":[' in said[-1]


def test_a_batch_carried_out_later(trunkline: Server, tmp_path: Path) -> None:
    blocks_ = "\n".join(blocks("docs/how-to/batches-later.md", "bash"))
    said = paste(blocks_.replace("5000", "500").replace("1234", "123"), tmp_path, trunkline)
    assert said.startswith('{"status":"PENDING"')
    assert '"context":{"ids":["later-123"],"index":["122"]}' in said
    assert said.splitlines()[-1] == '{"status":"COMPLETE"'


def test_letting_an_app_in(trunkline: Server, tmp_path: Path) -> None:
    pasted = "\n".join(blocks("docs/how-to/let-an-app-in.md", "bash"))
    said = paste(f"export TRUNKLINE_DATA={trunkline.data}\n{pasted}", tmp_path, trunkline)
    assert said.count('"token_type":"bearer"') == 2
    assert '\n{"results":[]}\n' in said
    assert '"token_type":"access"' in said
    (python,) = blocks("docs/how-to/let-an-app-in.md", "python")
    told = dict(line.split("\t") for line in (tmp_path / "app.txt").read_text().splitlines())
    names: dict[str, object] = {"CLIENT_ID": told["client_id"], "CLIENT_SECRET": told["client_secret"]}
    names["REFRESH"] = json.loads((tmp_path / "token.json").read_text())["refresh_token"]
    exec(here(python, trunkline), names)
    assert names["client"].crm.objects.calls.basic_api.get_page().results == []  # type: ignore[attr-defined]


def test_pulling_what_happened(trunkline: Server, tmp_path: Path) -> None:
    pasted = blocks("docs/how-to/pull-webhooks.md", "bash")
    said = paste("\n".join([f"TRUNKLINE_TOKEN={TOKEN}", *pasted]), tmp_path, trunkline)
    assert '"snapshotStatusId":' in said
    (python,) = blocks("docs/how-to/pull-webhooks.md", "python")
    names: dict[str, object] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRUNKLINE_TOKEN", TOKEN)
        exec(here(python, trunkline), names)
    told = [event for event, _ in names["read"](trunkline.url, TOKEN)]  # type: ignore[operator]
    assert [event["action"] for event in told] == ["CREATE", "SNAPSHOT"]
    assert {event["propertyChanges"]["hs_call_title"] for event in told} == {"Told"}
    assert list(names["read"](trunkline.url, TOKEN, names["offset"])) == []  # type: ignore[operator]


def test_rehearsing_limits(tmp_path: Path) -> None:
    server = start(tmp_path / "calls.db", "--limits", "hubspot")
    try:
        loop = blocks("docs/how-to/rehearse-limits.md", "bash")[0]
        said = paste(f"TRUNKLINE_TOKEN={TOKEN}\n{loop}", tmp_path, server).split()
    finally:
        server.stop()
    assert said[:190] == ["200"] * 190
    assert "429" in said[190:]


def test_the_workbench(trunkline: Server, tmp_path: Path) -> None:
    (seed,) = blocks("docs/how-to/use-the-workbench.md", "yaml")
    (tmp_path / "seed.yaml").write_text(seed)
    pasted = "\n".join(blocks("docs/how-to/use-the-workbench.md", "bash"))
    said = paste(f"export TRUNKLINE_DATA={trunkline.data}\n{pasted}", tmp_path, trunkline)
    assert "portal 4711: 1 contacts, 1 calls, 1 properties, 1 tokens\n" in said
    assert "hs_call_title: 'First' → 'Changed'" in said
    assert said.count("records, ") == 2
    assert "2026-03-01T09:30:00Z\tfrozen" in said


def test_the_hints_keep_the_password_of_a_database() -> None:
    from trunkline.hints import hints_for

    printed = hints_for("http://127.0.0.1:8787", TOKEN, "postgresql://ada:p%40ss@db.example.com/calls")
    assert "postgresql://ada:***@db.example.com/calls" in printed


def test_the_hints_of_make_serve(trunkline: Server, tmp_path: Path) -> None:
    from trunkline.hints import hints_for

    printed = hints_for(trunkline.url, TOKEN, str(trunkline.data))
    for _ in range(2):
        with_curl = printed[printed.index("AUTH=") : printed.index("With Python")]
        assert '"status":"COMPLETE"' in paste(with_curl, tmp_path, trunkline)
        with_python = printed[printed.index(".venv/bin/python") :]
        assert "COMPLETE [" in paste(with_python, tmp_path, trunkline)
