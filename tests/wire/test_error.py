"""Which refusals are noted as those that an answer tells of."""

from trunkline.crm.plan import Failed
from trunkline.errors import RecordNotFound, Unauthenticated
from trunkline.wire import error
from trunkline.wire.error import Told

MISSING = Failed(3, "t3", RecordNotFound())


def test_what_answers_a_request_is_noted_and_what_is_kept_for_later_is_not() -> None:
    told: list[Told] = []
    token = error.telling.set(told)
    try:
        error.partial(MISSING, "")
        error.alone(MISSING, "1", "")
        error.grouped(MISSING.refusal, ["t4"], "")
        assert [(one.position, one.context) for one in told] == [
            (3, {"objectWriteTraceId": ["t3"]}),
            (None, {"objectWriteTraceId": ["t4"]}),
        ]
        refusal = Unauthenticated()
        error.body(refusal, "")
        assert [one.refusal for one in told] == [refusal]
    finally:
        error.telling.reset(token)
    error.body(refusal, "")
    assert len(told) == 1
