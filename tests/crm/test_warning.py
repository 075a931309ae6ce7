"""The table of what is warned of, and the headers that tell it: what is warned of when is in `cases/warnings.jsonl`."""

import re
from pathlib import Path

import pytest
from cases.case import load

from trunkline.crm import warning
from trunkline.crm.warning import LONGEST, MISTAKES, MOST_HEADERS, Warning, headers, quoted

SOURCES = Path(warning.__file__).parent.parent
CASES = [case for case in load() if case.area == "warnings"]


@pytest.mark.parametrize("code", MISTAKES)
def test_a_case_of_its_own_shows_every_mistake(code: str) -> None:
    assert any(code in case.expect.get("warnings", []) for case in CASES)


def test_every_code_that_is_told_is_in_the_table() -> None:
    told = {
        code
        for module in SOURCES.rglob("*.py")
        for code in re.findall(r'(?:Warning\(|_doubt\(|Doubtful\(kept, )"([^"]+)"', module.read_text())
    }
    assert told == MISTAKES.keys()


def test_a_header_is_one_short_line_of_ascii_whatever_was_sent() -> None:
    sent = quoted("a\r\nb: \u2028\x7f\0\udc80" + "é" * 1000)
    [(name, value)] = headers([Warning("unknown-member", sent * 9, "inputs[0].\n")])
    assert name == b"x-trunkline-warning"
    assert re.fullmatch(rb"[\x20-\x7e]+", value)
    assert value.startswith(rb'unknown-member; inputs[0].\n "a\r\nb: \u2028\x7f\x00\udc80\xe9')
    assert len(value) == LONGEST


def test_many_warnings_are_told_in_a_few_headers() -> None:
    told = headers([Warning("no-inputs", str(n)) for n in range(MOST_HEADERS + 25)])
    assert [value for _, value in told] == [b"no-inputs; %d" % n for n in range(MOST_HEADERS)] + [b"and 25 more"]


def test_what_is_sent_is_quoted_in_short() -> None:
    assert quoted("short") == '"short"'
    assert quoted("x" * 61) == '"' + "x" * 60 + '…"'
