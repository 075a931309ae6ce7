"""What fails again and again does not fill the log."""

from structlog.testing import capture_logs

from trunkline.errors import StoreUnreachable
from trunkline.http.complaint import Complaint

GONE, FULL = StoreUnreachable(), OSError("full")


def test_a_failure_is_told_in_full_when_it_is_new_and_each_minute_in_a_line() -> None:
    seconds = [0.0]
    complaint = Complaint("it cannot be done", lambda: seconds[0])
    told = []
    for at, cause in [
        (0, GONE),
        (5, GONE),
        (59, GONE),
        (60, GONE),
        (65, GONE),
        (66, FULL),
        (67, GONE),
        (68, None),
        (69, GONE),
    ]:
        seconds[0] = at
        with capture_logs() as logs:
            complaint.failed(cause) if cause else complaint.worked()
        told += [(at, log["event"], "exc_info" in log) for log in logs]
    event = "it cannot be done"
    assert told == [(0, event, True), (60, event, False), (66, event, True), (67, event, True), (69, event, True)]
