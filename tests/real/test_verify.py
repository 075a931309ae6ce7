"""`trunkline verify` as a program: what one server was recorded to say another says too, or the difference is told."""

import json
from pathlib import Path

import pytest
from hubspot import HubSpot
from recorder import converse, recording
from server import TOKEN, Server, attempt
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from threaded import Stage

from trunkline.recording.case import read


class Changing:
    """A server that finds one more than there is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def changed(message: Message) -> None:
            if message["type"] == "http.response.body":
                message["body"] = message["body"].replace(b'"total":2', b'"total":3')
            if message["type"] == "http.response.start":
                message["headers"] = [(name, value) for name, value in message["headers"] if name != b"content-length"]
            await send(message)

        await self._app(scope, receive, changed)


@pytest.mark.parametrize("options", [[], ["--no-mask-people"]])
def test_what_was_recorded_is_the_same_on_a_fresh_server(
    options: list[str], trunkline: Server, stage: Stage, tmp_path: Path
) -> None:
    out = tmp_path / "cases.jsonl"
    with recording(trunkline.url, out, *options) as url:
        converse(HubSpot(access_token=trunkline.token, host=url))
    with stage.serving() as fresh:
        done = attempt("verify", str(out), "--against", fresh.url, TRUNKLINE_TOKEN=TOKEN)
    count = len(read(out))
    assert (done.returncode, done.stdout) == (0, f"{count} cases: {count} the same, 0 different, 0 skipped\n")
    assert count > 15


def test_an_answer_that_differs_is_told_by_its_path(trunkline: Server, stage: Stage, tmp_path: Path) -> None:
    out = tmp_path / "cases.jsonl"
    with recording(trunkline.url, out) as url:
        converse(HubSpot(access_token=trunkline.token, host=url))
    with stage.serving() as fresh:
        assert stage._app is not None
        stage._app = Changing(stage._app)
        done = attempt("verify", str(out), "--against", fresh.url, "--token", TOKEN, "--json")
    assert done.returncode == 1
    *outcomes, summary = [json.loads(line) for line in done.stdout.splitlines()]
    told = [(outcome["case"][5:], difference) for outcome in outcomes for difference in outcome["differences"]]
    assert told == [("POST /crm/v3/objects/calls/search", {"path": "body.total", "expected": 2, "got": 3})]
    assert (summary["different"], summary["same"]) == (1, summary["cases"] - 1)


def test_the_tests_own_cases_can_be_sent_as_far_as_they_need_no_steps(stage: Stage) -> None:
    cases = Path(__file__).parents[1] / "cases" / "access.jsonl"
    with stage.serving() as fresh:
        done = attempt("verify", str(cases), "--against", fresh.url, "--token", TOKEN)
    assert done.returncode == 0, done.stdout
    assert " 0 different, " in done.stdout


@pytest.mark.parametrize(
    ("text", "url", "told"),
    [
        ("", "http://127.0.0.1:9", "0 cases"),
        ("{}\n", "http://127.0.0.1:9", "line 1"),
        ('{"id":"1","area":"x","needs":[],"request":{"method":"GET","path":"/"},"expect":{},"source":"x","confidence":"x"}\n',
         "http://127.0.0.1:9", "gives no answer"),
        ("", "127.0.0.1:9", "--against 127.0.0.1:9"),
    ],
)  # fmt: skip
def test_why_nothing_was_compared_is_told(text: str, url: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "cases.jsonl").write_text(text)
    failed = attempt("verify", str(tmp_path / "cases.jsonl"), "--against", url)
    assert failed.returncode == 2
    assert told in failed.stdout + failed.stderr
    assert "Traceback" not in failed.stderr
