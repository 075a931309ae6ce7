"""Whole runs against a service that answers, fails and refuses."""

import asyncio
import io
import json
from pathlib import Path

import pytest
from load.standin import UPSERT, Json, StandIn, refusal
from rich.console import Console

from trunkline.load.job import Ending, Order, carry_out
from trunkline.load.mapping import read_wishes

KEY = "GET /crm/v3/properties/calls/call_key"
LATER = (429, {"Retry-After": "0"}, refusal("You have reached your ten_secondly_rolling limit."))


class Run:
    """Runs the loader on rows and keeps what it said and how long it would have waited."""

    def __init__(self, service: StandIn, folder: Path) -> None:
        self.service = service
        self.rejects = folder / "rejects.csv"
        self.file = folder / "calls.csv"
        self.said = io.StringIO()
        self.pauses: list[float] = []

    def order(self, text: str, create: bool = False, wishes: tuple[str, ...] = ()) -> Order:
        self.file.write_text(text)
        return Order(
            file=self.file,
            rejects=self.rejects,
            to=self.service.url,
            key="call_key",
            token="secret",
            create_property=create,
            wishes=read_wishes(wishes),
        )

    async def carry_out(self, order: Order) -> Ending:
        async def pause(seconds: float) -> None:
            self.pauses.append(seconds)

        return await carry_out(order, Console(file=self.said), pause)

    def __call__(self, text: str, create: bool = False, wishes: tuple[str, ...] = ()) -> Ending:
        return asyncio.run(self.carry_out(self.order(text, create, wishes)))

    def rejected(self) -> list[str]:
        return self.rejects.read_text().splitlines()


@pytest.fixture
def run(service: StandIn, tmp_path: Path) -> Run:
    return Run(service, tmp_path)


def counts(ending: Ending) -> tuple[int, int, int, int]:
    report = ending.report
    return report.read, report.created, report.updated, report.rejected


def csv_of(count: int, title: str = "t") -> str:
    return "call_key,hs_call_title\n" + "".join(f"K{number},{title}{number}\n" for number in range(count))


def bad_title(*titles: str) -> "dict[str, str]":
    return {title: f"{title} is refused" for title in titles}


def judging(reasons: dict[str, str], given: Json) -> str | None:
    return reasons.get(given["properties"].get("hs_call_title", ""))


def test_rows_go_in_and_a_second_run_creates_none(run: Run) -> None:
    first, second = run(csv_of(250)), run(csv_of(250))
    assert (counts(first), first.exit_code) == ((250, 250, 0, 0), 0)
    assert (counts(second), second.exit_code) == ((250, 0, 250, 0), 0)
    assert run.service.records["K7"] == {
        "hs_object_id": run.service.records["K7"]["hs_object_id"],
        "hs_call_title": "t7",
    }
    assert run.service.largest == 100
    assert len(run.service.upserts) == 6
    assert set(run.service.tokens) == {"Bearer secret"}
    assert not run.rejects.exists()


def test_an_input_is_what_the_contract_says(run: Run) -> None:
    run("call_key,hs_call_title,colour\nA,one,red\n\nB,two,blue\n")
    assert run.service.upserts == [
        [
            {"idProperty": "call_key", "id": "A", "properties": {"hs_call_title": "one"}, "objectWriteTraceId": "2"},
            {"idProperty": "call_key", "id": "B", "properties": {"hs_call_title": "two"}, "objectWriteTraceId": "4"},
        ]
    ]
    assert "Columns not loaded: colour." in run.said.getvalue()


def test_of_a_repeated_key_the_later_row_wins(run: Run) -> None:
    keys = [f"K{number % 7}" for number in range(300)]
    rows = "".join(f"{key},t{place}\n" for place, key in enumerate(keys))
    ending = run("call_key,hs_call_title\n" + rows)
    assert counts(ending) == (300, 7, 293, 0)
    last = {key: f"t{place}" for place, key in enumerate(keys)}
    assert {key: record["hs_call_title"] for key, record in run.service.records.items()} == last
    assert run.service.overlaps == 0


@pytest.mark.parametrize("manner", ["207", "400", "unnamed", "silent"])
def test_bad_rows_stay_out_however_they_are_told(run: Run, manner: str) -> None:
    run.service.manner = manner
    reasons = bad_title("t3", "t77", "t120")
    run.service.judge = lambda given: judging(reasons, given)
    ending = run(csv_of(150))
    assert (counts(ending), ending.exit_code, ending.stopped) == ((150, 147, 0, 3), 1, None)
    assert {f"K{number}" for number in range(150)} - set(run.service.records) == {"K3", "K77", "K120"}
    reason = "the service answered 200 without a result for this row" if manner == "silent" else "{} is refused"
    assert sorted(run.rejected()) == sorted(
        [
            "line,reason,call_key,hs_call_title",
            f"5,{reason.format('t3')},K3,t3",
            f"79,{reason.format('t77')},K77,t77",
            f"122,{reason.format('t120')},K120,t120",
        ]
    )


def test_a_refused_batch_is_divided_no_more_than_it_takes(run: Run) -> None:
    run.service.manner = "400"
    run.service.judge = lambda given: judging(bad_title("t50"), given)
    run(csv_of(100))
    assert len(run.service.upserts) <= 2 * 7 + 1
    assert all(count == 1 for count in run.service.writes.values())


def test_validation_messages_are_readable(run: Run) -> None:
    entries = [{"isValid": False, "message": f"{name} does not exist", "name": name} for name in "xy"]
    run.service.judge = lambda given: f"Property values were not valid: {json.dumps(entries)}"
    run(csv_of(1))
    assert run.rejected()[1] == "2,x does not exist; y does not exist,K0,t0"


def test_allowed_options_are_listed_bare(run: Run) -> None:
    options = ['label: "A [old]"\nvalue: "OLD_A"\nhidden: false\n', 'label: "B"\nvalue: "B"\nhidden: false\n']
    run.service.judge = lambda given: f"x was not one of the allowed options: [{', '.join(options)}]"
    run(csv_of(1))
    assert run.rejected()[1] == '2,"x was not one of the allowed options: OLD_A, B",K0,t0'


def test_endless_messages_are_cut(run: Run) -> None:
    run.service.judge = lambda given: "x was not one of the allowed options: " + "y" * 5000
    run(csv_of(1))
    assert len(run.rejected()[1]) < 520


def test_a_file_that_can_never_go_in_stops_after_one_batch(run: Run) -> None:
    run.service.manner = "400"
    run.service.judge = lambda given: "nothing fits"
    ending = run(csv_of(5000))
    assert ending.stopped == f"{run.service.url} refuses every row: nothing fits"
    assert ending.exit_code == 2
    assert ending.report.read < 1000


def test_a_batch_that_does_not_go_in_is_rejected_once_others_did(run: Run) -> None:
    run.service.manner = "400"
    run.service.judge = lambda given: (
        "nothing fits" if given["id"] in {f"K{place}" for place in range(100, 200)} else None
    )
    ending = asyncio.run(run.carry_out(_one_at_a_time(run.order(csv_of(200)))))
    assert (counts(ending), ending.exit_code) == ((200, 100, 0, 100), 1)


def test_a_few_bad_rows_are_rejected_and_stop_nothing(run: Run) -> None:
    run.service.manner = "400"
    run.service.judge = lambda given: "nothing fits"
    ending = run(csv_of(3))
    assert (counts(ending), ending.exit_code) == ((3, 0, 0, 3), 1)


def test_failures_that_pass_are_repeated(run: Run) -> None:
    run.service.faults.extend([LATER, (500, {}, "<html>oops</html>"), (502, {"Retry-After": "3"}, ""), "drop"])
    ending = run(csv_of(1))
    # The dropped answer had been written: asked again, the service calls it an update.
    assert counts(ending) == (1, 0, 1, 0)
    assert len(run.service.upserts) == 5
    assert [run.pauses[0], run.pauses[2]] == [0.0, 3.0]
    assert all(0.5 <= run.pauses[place] <= 31 for place in (1, 3))
    assert "429: You have reached your ten_secondly_rolling limit.; again in 0.0 s" in run.said.getvalue()
    assert "500: oops" in run.said.getvalue()


@pytest.mark.parametrize("status", [408, 423, 429, 477, 500, 503, 524])
def test_patience_ends_after_eight_tries(run: Run, status: int) -> None:
    run.service.faults.extend([(status, {}, refusal("not now"))] * 20)
    ending = run(csv_of(1))
    assert ending.stopped == f"{run.service.url} gave no answer after 8 tries: {status}: not now"
    assert (len(run.service.upserts), ending.exit_code) == (8, 2)
    assert run.pauses == sorted(run.pauses) or max(run.pauses) <= 31


def test_a_daily_limit_is_not_waited_for(run: Run) -> None:
    run.service.faults.append((429, {"Retry-After": "7200"}, refusal("You have reached your daily limit.")))
    ending = run(csv_of(1))
    assert ending.stopped == "The service asks to wait 7200 s: You have reached your daily limit."
    assert run.pauses == []


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ((401, {}, refusal("Authentication credentials not found.")), "refuses the token (401): Authentication"),
        ((403, {}, refusal("This app hasn't been granted all scopes.")), "refuses the token (403): This app"),
        ((404, {}, "<html><title>Error 404 Not Found</title></html>"), "refuses the upsert (404): Error 404 Not Found"),
        ((400, {}, refusal("Unable to infer object type from: calls")), "(400): Unable to infer object type"),
        ((400, {}, refusal("Unable to perform update/upsert by non-unique 0-48 property")), "by non-unique 0-48"),
        ((302, {"Location": "https://elsewhere"}, ""), "is the URL right?"),
        ((200, {}, "<html>Welcome</html>"), "not as an upsert does"),
        ((200, {}, '{"results": 3}'), "not as an upsert does"),
    ],
)
def test_refusals_that_would_hit_every_row_stop_the_run(
    run: Run, fault: tuple[int, dict[str, str], str], said: str
) -> None:
    run.service.faults.append(fault)
    ending = run(csv_of(1))
    assert ending.exit_code == 2
    assert said in str(ending.stopped)
    assert len(run.service.upserts) == 1
    assert not run.rejects.exists()


def test_what_was_counted_before_a_stop_stays_counted(run: Run) -> None:
    run.service.faults.extend(["", "", (401, {}, refusal("no more"))])
    ending = asyncio.run(run.carry_out(_one_at_a_time(run.order(csv_of(1000)))))
    assert counts(ending) == (300, 200, 0, 0)
    assert "300 rows read: 200 created, 0 updated, 0 rejected, 100 not confirmed" in ending.report.summary()


def _one_at_a_time(order: Order) -> Order:
    return Order(**{**vars(order), "concurrency": 1})


@pytest.mark.parametrize("create", [False, True])
def test_the_key_must_be_unique(run: Run, create: bool) -> None:
    run.service.properties["call_key"]["hasUniqueValue"] = False
    ending = run(csv_of(1), create)
    assert "The property call_key is not unique" in str(ending.stopped)
    assert "--create-property" in str(ending.stopped)
    assert run.service.upserts == []


def test_a_missing_key_is_told_with_its_cure(run: Run) -> None:
    del run.service.properties["call_key"]
    ending = run(csv_of(1))
    assert "Calls have no property call_key" in str(ending.stopped)
    assert "--create-property" in str(ending.stopped)
    assert run.service.upserts == []


@pytest.mark.parametrize("create", [False, True])
def test_a_site_that_is_no_such_service_is_told_apart(run: Run, create: bool) -> None:
    run.service.lost = True
    ending = run(csv_of(1), create)
    assert ending.stopped == f"{run.service.url} does not show the properties of calls (404): Not here"
    assert len(run.service.paths) == 1


@pytest.mark.parametrize("group", ["call", "callinformation", None])
def test_a_missing_key_is_created_on_demand(run: Run, group: str | None) -> None:
    del run.service.properties["call_key"]
    run.service.properties["hs_call_title"]["groupName"] = group
    assert run(csv_of(1), create=True).exit_code == 0
    assert run.service.properties["call_key"] == {
        "name": "call_key",
        "label": "Call key",
        "type": "string",
        "fieldType": "text",
        "groupName": group or "call_information",
        "hasUniqueValue": True,
    }


def test_a_property_asked_for_must_exist(run: Run) -> None:
    ending = run("call_key,topic\nA,b\n", wishes=("topic=my_topic",))
    assert ending.stopped == f"--map: calls have no property my_topic at {run.service.url}."
    assert run.service.upserts == []


@pytest.mark.parametrize(
    ("text", "wishes", "said"),
    [
        ("ref,hs_call_title\n1,a\n", (), "No column is known to hold call_key; say which with --map COLUMN=call_key"),
        ("call_key,hs_call_title\n1,a\n", ("topic=hs_call_body",), "--map: there is no column topic."),
    ],
)
def test_a_header_that_does_not_do_stops_before_anything_is_asked(
    run: Run, text: str, wishes: tuple[str, ...], said: str
) -> None:
    assert said in str(run(text, wishes=wishes).stopped)
    assert run.service.paths == []


def test_the_user_sees_what_goes_where(run: Run) -> None:
    run("ref,start,hs_call_title\n1,2025-01-06,a\n", wishes=("ref=call_key",))
    assert "Reading csv: ref -> call_key (the key), start -> hs_timestamp, hs_call_title." in run.said.getvalue()
    assert run.service.paths == [KEY, f"POST {UPSERT}"]


def test_rows_that_make_no_call_are_not_sent(run: Run) -> None:
    ending = run("call_key,start,hs_call_title\nA,2025-01-06,a\n,2025-01-06,b\nC,soon,c\nD\n")
    assert counts(ending) == (4, 1, 0, 3)
    assert run.rejected() == [
        "line,reason,call_key,start,hs_call_title",
        "3,no key: call_key is empty,,2025-01-06,b",
        "4,start: 'soon' is not a time that can be read without guessing,C,soon,c",
        "5,the row has 1 cells where 3 are due,D",
    ]


def test_a_rejects_file_can_be_mended_and_loaded(run: Run) -> None:
    run.service.judge = lambda given: judging(bad_title("t1"), given)
    run(csv_of(3))
    ending = run(run.rejects.read_text().replace(",t1", ",mended"))
    assert counts(ending) == (1, 1, 0, 0)
    assert run.service.records["K1"]["hs_call_title"] == "mended"


def test_bytes_that_are_not_utf8_come_back_unchanged(run: Run) -> None:
    order = run.order("")
    run.file.write_bytes(b"call_key,hs_call_title\nA,Ren\xe9\n")
    asyncio.run(run.carry_out(order))
    assert run.rejects.read_bytes().endswith(b",A,Ren\xe9\r\n")


def test_a_rejects_file_that_cannot_be_written_stops_the_run(run: Run) -> None:
    run.rejects.mkdir()
    ending = run("call_key,hs_call_title\n,x\n")
    assert "The rejects file cannot be written" in str(ending.stopped)


def test_ndjson_is_rejected_as_it_came(run: Run) -> None:
    ending = run('{"call_key": "A", "hs_call_title": "a", "odd": 1}\n{"call_key": \n{"hs_call_title": "b"}\n')
    assert counts(ending) == (3, 1, 0, 2)
    assert run.rejected()[0] == "line,reason,json"
    assert run.rejected()[1].startswith("2,not JSON: ")
    assert run.rejected()[2] == '3,no key: no column is known to hold call_key,"{""hs_call_title"": ""b""}"'
    assert "Columns not loaded: odd." in run.said.getvalue()


def test_an_empty_file_is_no_failure(run: Run) -> None:
    assert run("").exit_code == 0


async def undisturbed(run: Run, order: Order) -> Ending:
    """A run after which nothing of a cancellation is left."""
    ending = await run.carry_out(order)
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    return ending


def test_ctrl_c_counts_what_was_in_flight(run: Run) -> None:
    run.service.gate.clear()

    async def interrupted() -> Ending:
        running = asyncio.ensure_future(undisturbed(run, run.order(csv_of(1000))))
        await asyncio.to_thread(run.service.arrived.wait)
        running.cancel()
        run.service.gate.set()
        return await running

    ending = asyncio.run(interrupted())
    assert (ending.stopped, ending.exit_code) == ("Interrupted.", 2)
    assert ending.report.created == len(run.service.records) == 100 * len(run.service.upserts)
    assert ending.report.created < 1000


def test_ctrl_c_is_heard_while_every_row_is_bad(run: Run) -> None:
    async def interrupted() -> Ending:
        running = asyncio.ensure_future(run.carry_out(run.order("call_key,hs_call_title\n" + ",x\n" * 5000)))
        while not run.rejects.exists():
            await asyncio.sleep(0)
        running.cancel()
        return await running

    ending = asyncio.run(interrupted())
    assert ending.stopped == "Interrupted."
    assert ending.report.rejected == ending.report.read < 5000


def test_a_stop_does_not_wait_for_pauses(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trunkline.load.job.PATIENCE", 3600)
    run.service.faults.extend([(503, {"Retry-After": "500"}, ""), (401, {}, refusal("no more"))])

    async def stopped() -> Ending:
        async with asyncio.timeout(60):
            return await carry_out(run.order(csv_of(150)), Console(file=run.said))

    assert "no more" in str(asyncio.run(stopped()).stopped)
    assert len(run.service.upserts) == 2


def test_a_service_that_is_not_there_is_told_soon(run: Run) -> None:
    order = run.order(csv_of(1))
    ending = asyncio.run(run.carry_out(Order(**{**vars(order), "to": "http://127.0.0.1:1"})))
    assert str(ending.stopped).startswith("http://127.0.0.1:1 gave no answer after 3 tries")
    assert len(run.pauses) == 2
