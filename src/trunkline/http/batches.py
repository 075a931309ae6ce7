"""The operations on many records: create, read, update, upsert and archive a batch."""

from trunkline.crm import oversight
from trunkline.crm.batch import Operation
from trunkline.crm.values import moment
from trunkline.http import later
from trunkline.http.asked import asked, decoded
from trunkline.http.call import Answer, Call
from trunkline.http.carrying import Outcome, carry_out
from trunkline.wire import batch as wire
from trunkline.wire.batch import BatchResponse


async def create(call: Call) -> Answer:
    """Create a batch of records, each with the associations that it starts with."""
    return await _answer(call, "create")


async def read(call: Call) -> Answer:
    """Read a batch of records by their ids, or by the values of a unique property."""
    return await _answer(call, "read")


async def update(call: Call) -> Answer:
    """Change a batch of records, found by their ids or by the values of a unique property."""
    return await _answer(call, "update")


async def upsert(call: Call) -> Answer:
    """Create or update a batch of records by the values of a unique property."""
    return await _answer(call, "upsert")


async def archive(call: Call) -> Answer:
    """Move a batch of records to the recycle bin."""
    return await _answer(call, "archive")


async def _answer(call: Call, operation: Operation) -> Answer:
    if later.is_wanted(call):
        return await later.enlist(call, operation)
    started = call.now()
    batch = decoded(asked(call, operation), call.body)
    outcome = await carry_out(call.state, batch)
    call.warnings += outcome.warnings
    if operation == "archive":
        return Answer(call.status, None)
    if outcome.errors and operation != "read":
        sizes = len(batch.inputs), len(outcome.results), len(outcome.errors)
        call.warnings += oversight.of_outcome(*sizes, call.status, call.partial)
    response = BatchResponse(
        results=outcome.results,
        started_at=moment(started),
        completed_at=moment(call.now()),
    )
    return Answer(call.partial if outcome.errors else call.status, wire.encode(with_errors(response, outcome)))


def with_errors(response: BatchResponse, outcome: Outcome) -> BatchResponse:
    """The response with the errors of an outcome, if there are any."""
    if outcome.errors:
        response.num_errors = len(outcome.errors)
        response.errors = outcome.errors
    return response
