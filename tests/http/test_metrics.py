"""What a server measures, as Prometheus is told it: who may read it, what it counts, and what its labels never hold."""

from collections.abc import Iterator

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from server import TOKEN
from threaded import KNOWN, Stage, ThreadedServer

from trunkline.http.control import SECRET
from trunkline.http.measure import MEASURES
from trunkline.http.measuring import Measures
from trunkline.http.routes import OPERATIONS
from trunkline.store.protocol import Figures, Pool

METRICS = "/_trunkline/metrics"
TOLD = "for-prometheus-alone"
UPSERT = "/crm/v3/objects/calls/batch/upsert"
AT = "2025-04-24T20:01:33Z"

Series = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture
def trunkline(stage: Stage) -> Iterator[ThreadedServer]:
    with stage.serving(metrics_token=TOLD) as server:
        yield server


def series(text: str) -> Series:
    """Each series with its value."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def measured(server: ThreadedServer) -> Series:
    with server.client() as client:
        answer = client.get(METRICS, headers={SECRET: KNOWN})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return series(answer.text)


def value(found: Series, name: str, **labels: str) -> float:
    return found.get((name, frozenset(labels.items())), 0.0)


def call(ref: str, **properties: str) -> dict[str, object]:
    return {"idProperty": "ext_ref", "id": ref, "properties": {"hs_timestamp": AT} | properties}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({SECRET: KNOWN}, 200),
        ({"authorization": f"Bearer {TOLD}"}, 200),
        ({"authorization": f"bearer  {TOLD}"}, 200),
        ({"authorization": "Bearer no", SECRET: KNOWN}, 200),
        ({}, 401),
        ({SECRET: TOLD}, 401),
        ({"authorization": f"Bearer {TOKEN}"}, 401),
        ({"authorization": f"Bearer {KNOWN}"}, 401),
        ({"authorization": f"Basic {TOLD}"}, 401),
        ({"authorization": f"Bearer {TOLD}x"}, 401),
        ({"authorization": "Bearer"}, 401),
    ],
)
def test_the_metrics_open_to_the_secret_and_to_their_own_token(
    headers: dict[str, str], status: int, trunkline: ThreadedServer
) -> None:
    answer = httpx.get(trunkline.url + METRICS, headers=headers, trust_env=False)
    assert answer.status_code == status
    assert ("trunkline_build_info" in answer.text) == (status == 200)


def test_no_token_of_the_api_opens_them_and_theirs_opens_nothing_else(stage: Stage) -> None:
    with stage.serving() as server:
        made = server.make_token(["crm.objects.contacts.read"])
        for token in (made, TOKEN, "None"):
            with server.client(token) as client:
                assert client.get(METRICS).status_code == 401
    with stage.serving(metrics_token=TOLD) as server, server.client(TOLD) as client:
        assert client.get("/crm/v3/objects/calls").status_code == 401
        assert client.get("/_trunkline/tokens").status_code == 401
        assert client.get("/_trunkline/tokens", headers={SECRET: TOLD}).status_code == 401


def test_who_guesses_is_noted(trunkline: ThreadedServer) -> None:
    httpx.get(trunkline.url + METRICS, headers={"authorization": "Bearer guess"}, trust_env=False)
    with trunkline.client() as client:
        events = client.get("/_trunkline/events", headers={SECRET: KNOWN}).json()["results"]
    assert ("request.refused", "metrics") in [(event["kind"], event.get("detail")) for event in events]


def test_requests_are_counted_by_template_method_and_class(trunkline: ThreadedServer) -> None:
    trunkline.define()
    trunkline.upsert(call("A"))
    with trunkline.client() as client:
        for id_ in ("1", "2", "77"):
            assert client.get(f"/crm/v3/objects/calls/{id_}").status_code == 404
        assert client.get("/crm/v3/objects/tickets").status_code == 200
        assert client.request("PROPFIND", "/crm/v3/objects/calls").status_code == 405
        assert client.get("/somewhere/else").status_code == 404
        assert client.get("/_trunkline/health").status_code == 200
    found = measured(trunkline)
    for expected, route, method, status in (
        (1, "/crm/v3/objects/{type}/batch/upsert", "POST", "2xx"),
        (3, "/crm/v3/objects/{type}/{id}", "GET", "4xx"),
        (1, "/crm/v3/objects/{type}", "GET", "2xx"),
        (1, "/crm/v3/objects/{type}", "other", "4xx"),
        (1, "other", "GET", "4xx"),
        (1, "/_trunkline/health", "GET", "2xx"),
    ):
        assert value(found, "trunkline_requests_total", route=route, method=method, status=status) == expected
        assert value(found, "trunkline_request_seconds_count", route=route, method=method) == expected


def test_no_label_holds_what_a_client_chose(trunkline: ThreadedServer) -> None:
    trunkline.define()
    made = trunkline.upsert(call("marked-key", hs_call_title="marked-title")).json()["results"][0]["id"]
    with trunkline.client() as client:
        client.get(f"/crm/v3/objects/calls/{made}")
        client.get("/crm/v3/objects/marked-type")
        client.get("/marked-path", params={"marked": "query"}, headers={"marked": "header"})
        client.post("/crm/v3/objects/calls/search", json={"query": "marked-words"})
        text = client.get(METRICS, headers={SECRET: KNOWN}).text
    told = "\n".join(value for _, labels in series(text) for _, value in labels)
    for secret in ("marked", made, str(trunkline.portal), TOKEN, KNOWN, TOLD):
        assert secret not in told
    templates = {path for row in OPERATIONS for _, path in row.paths()}
    routes = {dict(labels)["route"] for name, labels in series(text) if name == "trunkline_requests_total"}
    assert routes <= templates | {"other", METRICS}


def test_batches_their_steps_and_their_commits(trunkline: ThreadedServer, engine: str) -> None:
    trunkline.define()
    before = measured(trunkline)
    trunkline.upsert(*(call(f"ref-{number}") for number in range(7)))
    found = measured(trunkline)

    def more(name: str, **labels: str) -> float:
        return value(found, name, **labels) - value(before, name, **labels)

    assert more("trunkline_batch_inputs_count", operation="upsert") == 1
    assert more("trunkline_batch_inputs_sum", operation="upsert") == 7
    for step in ("auth", "read", "decode", "check", "wait", "find", "plan", "apply", "render"):
        assert more("trunkline_step_seconds_count", step=step) == 1
    # A database is asked to write and to keep a batch in one call.
    assert more("trunkline_step_seconds_count", step="commit") == (0 if engine == "postgres" else 1)
    assert more("trunkline_commit_batches_sum") >= more("trunkline_commit_batches_count") >= 1


def test_what_a_step_and_a_request_took_adds_up(trunkline: ThreadedServer) -> None:
    trunkline.define()
    found = measured(trunkline)
    steps = sum(v for (name, _), v in found.items() if name == "trunkline_step_seconds_sum")
    route = "/crm/v3/properties/{type}"
    assert 0 < steps <= value(found, "trunkline_request_seconds_sum", route=route, method="POST")


def test_the_store_is_asked_how_it_is(trunkline: ThreadedServer, engine: str) -> None:
    trunkline.define()
    trunkline.upsert(call("A"), call("B"))
    found = measured(trunkline)
    assert value(found, "trunkline_journal_lag_changes", reader="search") > 0
    for kind in ("batch", "import", "export"):
        assert found["trunkline_jobs_open", frozenset({("kind", kind)})] == 0
    assert any(name.startswith("trunkline_pool") for name, _ in found) == (engine == "postgres")
    with trunkline.client() as client:
        client.post("/crm/v3/objects/calls/search", json={}).raise_for_status()
    assert value(measured(trunkline), "trunkline_journal_lag_changes", reader="search") == 0


def test_a_pool_is_told_where_there_is_one() -> None:
    measures = Measures()
    measures.sampled(Figures(lag={}, jobs={}, pool=Pool(open=5, used=3, waiting=2)))
    found = series(measures.text().decode())
    told = {state: value(found, "trunkline_pool_connections", state=state) for state in ("open", "used", "waiting")}
    assert told == {"open": 5, "used": 3, "waiting": 2}


def test_a_client_that_hangs_up_has_no_status() -> None:
    measures = Measures()
    measures.answered("/here", "POST", 0, 0.5)
    found = series(measures.text().decode())
    assert value(found, "trunkline_requests_total", route="/here", method="POST", status="none") == 1


def test_all_that_is_told_of_ours_is_in_the_table(trunkline: ThreadedServer) -> None:
    trunkline.define()
    trunkline.upsert(call("A"))
    endings = ("", "_total", "_bucket", "_sum", "_count")
    names = {measure.name + ending for measure in MEASURES for ending in endings}
    told = {name for name, _ in measured(trunkline)}
    assert {name for name in told if name.startswith("trunkline")} <= names
    assert {"process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds"} <= told
