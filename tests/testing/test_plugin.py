"""The pytest plugin, as somebody else's tests use it: pytest runs them in a process of its own."""

import subprocess
import sys
import tomllib
from pathlib import Path
from textwrap import dedent

import pytest

pytest_plugins = ("pytester",)

ROOT = Path(__file__).resolve().parent.parent.parent
OPTIONS = (
    # Whether the entry point is installed or not, the plugin is the one of these sources.
    *("-p", "no:trunkline", "-p", "trunkline.testing.plugin"),
    *("-p", "no:schemathesis", "-p", "no:cacheprovider", "-W", "error", "-q"),
    *(
        "-W",
        "ignore:HTTPResponse.getheaders:DeprecationWarning",
        "-W",
        "ignore:datetime.datetime.utc:DeprecationWarning",
    ),
)
SECONDS = 120

UPSERT = """
    import pytest

    UNIQUE = {"name": "ref", "label": "Reference", "type": "string", "fieldType": "text", "groupName": "call",
              "hasUniqueValue": True}
    SEED = {"properties": {"calls": [UNIQUE]}}
    CREATE = "/crm/v3/objects/calls"

    def call(title="A", **properties):
        return {"properties": {"hs_timestamp": "2025-04-24T20:01:33Z", "hs_call_title": title, **properties}}
"""


def passed(pytester: pytest.Pytester, test: str, count: int = 1, *options: str) -> pytest.RunResult:
    """Runs a test file, all of whose tests must pass."""
    path = pytester.makepyfile("\n".join((dedent(UPSERT), dedent(test))))
    result = pytester.runpytest_subprocess(*OPTIONS, *options, path, timeout=SECONDS)
    result.assert_outcomes(passed=count)
    return result


def test_a_test_has_a_portal_that_no_other_test_has(pytester: pytest.Pytester) -> None:
    passed(
        pytester,
        """
        @pytest.mark.parametrize("n", range(3))
        def test(trunkline, n, portals=set()):
            assert trunkline.portal not in portals
            portals.add(trunkline.portal)
            assert trunkline.http.get(CREATE).json()["results"] == []
            assert trunkline.changes == []
            assert trunkline.http.post(CREATE, json=call()).status_code == 201
            assert [change["kind"] for change in trunkline.changes] == ["create"]
        """,
        3,
    )


def test_tests_run_in_parallel(pytester: pytest.Pytester) -> None:
    passed(
        pytester,
        """
        @pytest.mark.parametrize("n", range(12))
        def test(trunkline, n):
            for _ in range(n):
                trunkline.http.post(CREATE, json=call())
            assert len(trunkline.records("calls")) == n
        """,
        12,
        *("-n", "2"),
    )


def test_the_official_client_is_ready(pytester: pytest.Pytester) -> None:
    passed(
        pytester,
        """
        def test(trunkline):
            from hubspot.crm.objects.calls import SimplePublicObjectInputForCreate as New
            made = trunkline.client.crm.objects.calls.basic_api.create(New(**call("Hello")))
            assert trunkline.client.crm.objects.calls.basic_api.get_by_id(made.id).id == made.id
        """,
    )


def test_a_client_that_is_not_installed_is_named(pytester: pytest.Pytester) -> None:
    passed(
        pytester,
        """
        def test(trunkline, monkeypatch):
            import sys
            monkeypatch.setitem(sys.modules, "hubspot", None)
            with pytest.raises(ImportError, match="pip install hubspot-api-client"):
                trunkline.client
        """,
    )


def test_a_seed_is_a_mapping_or_a_file(pytester: pytest.Pytester) -> None:
    pytester.makefile(
        ".yaml",
        seed="""
        portals:
          - id: 7
            name: elsewhere
            tokens: [{name: app, token: pat-local-elsewhere}]
            records:
              contacts: [{id: 501, properties: {email: ada@example.com}}]
        """,
    )
    passed(
        pytester,
        """
        @pytest.mark.parametrize("n", range(2))
        def test_file(trunkline, n):
            assert trunkline.seed("seed.yaml")["records"] == {"contacts": 1}
            assert trunkline.changes == []
            assert [record["id"] for record in trunkline.records("contacts")] == ["501"]

        def test_mapping(trunkline):
            trunkline.seed(SEED)
            upsert = {"idProperty": "ref", "id": "A", **call()}
            for status in (200, 200):
                answer = trunkline.http.post(CREATE + "/batch/upsert", json={"inputs": [upsert]})
                assert answer.status_code == status
            trunkline.expect_no_duplicates("calls", by="ref")
            assert len(trunkline.changes) == 1
            trunkline.reset()
            assert trunkline.records("calls") == []

        def test_wrong(trunkline):
            from trunkline.testing.operator import Refused
            with pytest.raises(Refused, match="hs_call_colour"):
                trunkline.seed({"records": {"calls": [call(hs_call_colour="red")]}})
            with pytest.raises(ValueError, match="has 2"):
                trunkline.seed({"portals": [{}, {}]})
        """,
        4,
    )


def test_the_clock_is_the_tests_to_move(pytester: pytest.Pytester) -> None:
    passed(
        pytester,
        """
        from datetime import UTC, datetime, timedelta

        NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)

        def test(trunkline):
            assert trunkline.freeze("2026-01-01T00:00:00Z") == NEW_YEAR
            assert trunkline.advance(90) == NEW_YEAR + timedelta(seconds=90)
            assert trunkline.advance(timedelta(hours=1)) == trunkline.now == NEW_YEAR + timedelta(seconds=3690)
            made = trunkline.http.post(CREATE, json=call()).json()
            assert made["createdAt"] == "2026-01-01T01:01:30Z"
            assert trunkline.freeze(NEW_YEAR) == NEW_YEAR
            assert trunkline.freeze() == NEW_YEAR
            assert trunkline.set(NEW_YEAR + timedelta(days=1)) == NEW_YEAR + timedelta(days=1)
            assert trunkline.release() > NEW_YEAR
            with pytest.raises(ValueError, match="time zone"):
                trunkline.freeze(datetime(2026, 1, 1))

        @pytest.mark.parametrize("year", [None, 2020, 2060])
        def test_expiry(trunkline, trunkline_server, year):
            if year:
                trunkline.freeze(f"{year}-01-01T00:00:00Z")
            app = trunkline.install()
            headers = {"authorization": f"Bearer {app.access_token}"}
            assert trunkline.http.get(CREATE, headers=headers).status_code == 200
            trunkline.advance(app.expires_in)
            assert trunkline.http.get(CREATE, headers=headers).json()["category"] == "EXPIRED_AUTHENTICATION"
            form = {"grant_type": "refresh_token", "refresh_token": app.refresh_token, "client_id": app.client_id,
                    "client_secret": app.client_secret}
            fresh = trunkline.http.post(app.token_url, data=form).json()["access_token"]
            headers = {"authorization": f"Bearer {fresh}"}
            assert trunkline.http.get(CREATE, headers=headers).status_code == 200
            trunkline.http.get(f"/oauth/v1/access-tokens/{fresh}").raise_for_status()
            trunkline_server.operator.ask("DELETE", f"/apps/{app.number}/consents")
            assert trunkline.http.get(CREATE, headers=headers).status_code == 401
            assert trunkline.http.post(app.token_url, data=form).status_code == 400
        """,
        4,
    )


def test_faults_strike_what_they_are_meant_for(pytester: pytest.Pytester) -> None:
    passed(
        pytester,
        """
        import httpx

        def test_next(trunkline):
            rule = trunkline.fail_next("rate-limit", 2, method="POST")
            assert rule["name"] == "rate-limit"
            statuses = [trunkline.http.post(CREATE, json=call()).status_code for _ in range(3)]
            assert statuses == [429, 429, 201]
            (fault,) = trunkline.faults
            assert fault["struck"] == 2
            trunkline.clear_faults()
            assert trunkline.faults == []

        def test_dropped(trunkline):
            trunkline.fail_next("commit-then-drop")
            with pytest.raises(httpx.RemoteProtocolError):
                trunkline.http.post(CREATE, json=call())
            assert len(trunkline.records("calls")) == 1
            trunkline.http.post(CREATE, json=call())
            with pytest.raises(AssertionError, match="the same by hs_call_title"):
                trunkline.expect_no_duplicates("calls", by="hs_call_title")
            with pytest.raises(AssertionError, match="hs_call_title, hs_timestamp"):
                trunkline.expect_no_duplicates("calls", by=["hs_call_title", "hs_timestamp"])
            trunkline.expect_no_duplicates("calls", by="hs_call_body")

        def test_route(trunkline):
            trunkline.fail_next("bad-gateway", route="/crm/v3/objects/{type}", after=1, carried_out=True, method="POST")
            assert [trunkline.http.post(CREATE, json=call()).status_code for _ in range(3)] == [201, 502, 201]
            assert len(trunkline.records("calls")) == 3

        def test_chance(trunkline):
            trunkline.fault(kind="server-error", probability=0.5, seed=1, method="POST")
            statuses = {trunkline.http.post(CREATE, json=call()).status_code for _ in range(20)}
            assert statuses == {201, 500}
        """,
        4,
    )


def test_what_was_done_can_be_undone(pytester: pytest.Pytester) -> None:
    passed(
        pytester,
        """
        def test(trunkline):
            trunkline.http.post(CREATE, json=call("A"))
            trunkline.checkpoint()
            first = trunkline.checkpoint("first")
            trunkline.http.post(CREATE, json=call("B"))
            assert [change["kind"] for change in trunkline.changes_since(first)] == ["create"]
            assert trunkline.rewind()["records"] == 1
            (record,) = trunkline.records("calls", ["hs_call_title"])
            assert record["properties"]["hs_call_title"] == "A"
        """,
    )


def test_what_was_asked_is_told(pytester: pytest.Pytester) -> None:
    passed(
        pytester,
        """
        def test(trunkline):
            assert trunkline.requests == []
            trunkline.fail_next("rate-limit")
            answers = [trunkline.http.post(CREATE, json=call()) for _ in range(2)]
            told = [(one["method"], one["path"], one["status"], one["fault"]) for one in trunkline.requests]
            assert told == [("POST", CREATE, 429, "rate-limit"), ("POST", CREATE, 201, None)]
            whole = trunkline.request(answers[1].headers["x-hubspot-correlation-id"])
            assert whole["request"]["body"] == call()
            assert [change["kind"] for change in whole["changes"]] == ["create"]
            assert trunkline.warnings == []
        """,
    )


def test_what_was_asked_is_shown_with_a_test_that_fails(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        def test(trunkline):
            trunkline.fail_next("bad-gateway")
            for path in ("calls", "contacts"):
                trunkline.http.get(f"/crm/v3/objects/{path}")
            raise RuntimeError

        def test_without():
            raise RuntimeError
        """
    )
    result = pytester.runpytest_subprocess(*OPTIONS, timeout=SECONDS)
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        [
            "*Trunkline's requests*",
            "502 GET /crm/v3/objects/calls, fault bad-gateway",
            "200 GET /crm/v3/objects/contacts",
            "*test_without*",
        ]
    )
    assert str(result.stdout).count("Trunkline's requests") == 1


def test_limits_are_enforced_where_they_shall_be(pytester: pytest.Pytester) -> None:
    passed(
        pytester,
        """
        def test(trunkline):
            trunkline.freeze()
            def statuses():
                search = {"filterGroups": [], "limit": 1}
                return {trunkline.http.post(CREATE + "/search", json=search).status_code for _ in range(6)}
            assert statuses() == {200}
            trunkline.enforce_limits()
            trunkline.advance(1)
            assert statuses() == {200, 429}
            trunkline.enforce_limits(False)
            assert statuses() == {200}
        """,
    )


def test_records_are_read_page_by_page(pytester: pytest.Pytester) -> None:
    passed(
        pytester,
        """
        def test(trunkline):
            contacts = [{"properties": {"email": f"{n}@example.com"}} for n in range(230)]
            trunkline.seed({"records": {"contacts": contacts}})
            assert len({record["id"] for record in trunkline.records("contacts")}) == 230
            trunkline.expect_no_duplicates("contacts", by="email")
        """,
    )


@pytest.mark.parametrize("by", ["option", "configuration"])
def test_a_server_in_a_process_of_its_own(pytester: pytest.Pytester, by: str) -> None:
    options = ["--trunkline-server", "process"] if by == "option" else []
    if by == "configuration":
        pytester.makeini("[pytest]\ntrunkline_server = process")
    passed(
        pytester,
        """
        import threading

        @pytest.mark.parametrize("n", range(2))
        def test(trunkline, n):
            assert trunkline.http.post(CREATE, json=call()).status_code == 201
            assert not any(thread.name == "trunkline" for thread in threading.enumerate())
        """,
        2,
        *options,
    )


def test_a_server_that_runs_already(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    from trunkline.testing import server

    test = """
        def test(trunkline):
            assert trunkline.http.post(CREATE, json=call()).status_code == 201
    """
    with server() as started:
        monkeypatch.setenv("TRUNKLINE_SECRET", started.secret)
        passed(pytester, test, 1, "--trunkline-server", started.url)
        assert [portal["name"] for portal in started.operator.ask("GET", "/portals")["results"]] == ["default"]
        monkeypatch.delenv("TRUNKLINE_SECRET")
        result = pytester.runpytest_subprocess(*OPTIONS, "--trunkline-server", started.url, timeout=SECONDS)
        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines(["*set TRUNKLINE_SECRET*"])


@pytest.mark.parametrize(
    ("where", "told"), [("cloud", "*'cloud' is no place for a server*"), ("http://127.0.0.1:9", "*does not answer*")]
)
def test_a_server_that_is_not_there_is_told(
    where: str, told: str, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRUNKLINE_SECRET", "s" * 32)
    pytester.makepyfile("def test(trunkline): pass")
    result = pytester.runpytest_subprocess(*OPTIONS, "--trunkline-server", where, timeout=SECONDS)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([told])


def test_a_test_that_fails_leaves_no_portal_behind(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    from trunkline.testing import server

    pytester.makepyfile("def test(trunkline):\n    trunkline.install()\n    raise RuntimeError")
    with server() as started:
        monkeypatch.setenv("TRUNKLINE_SECRET", started.secret)
        result = pytester.runpytest_subprocess(*OPTIONS, "--trunkline-server", started.url, timeout=SECONDS)
        result.assert_outcomes(failed=1)
        assert len(started.operator.ask("GET", "/portals")["results"]) == 1
        assert started.operator.ask("GET", "/apps")["results"] == []


def test_nothing_slow_is_imported_when_pytest_starts() -> None:
    code = (
        "import pytest, sys; before = set(sys.modules); import trunkline.testing.plugin; "
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["trunkline", "trunkline.testing", "trunkline.testing.plugin"]


def test_pytest_finds_the_plugin() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["pytest11"] == {"trunkline": "trunkline.testing.plugin"}
