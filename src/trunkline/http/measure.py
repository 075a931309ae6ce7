"""What can be measured of a server: every series that Prometheus is told, on one screen.

What a label may say is one of a few things that the server knows beforehand (a row of the route table, a step, the
numbers of an app and a portal): nothing that a client chose, so that no client can make series.
"""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SHORT = (0.00001, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 10.0)
POWERS = (1, 2, 4, 8, 16, 32, 64)
INPUTS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)

Kind = Literal["counter", "histogram", "gauge"]

Together = Literal["livesum", "livemax", "livemostrecent"]
"""What becomes of a gauge that several processes of one server tell: those of processes that are gone do not count."""


class Measure(Struct, frozen=True):
    """One name, as Prometheus has it without the endings of its kind; `bounds` are those of a histogram's buckets."""

    name: str
    kind: Kind
    meaning: str
    labels: Sequence[str] = ()
    bounds: Sequence[float] = ()
    together: Together = "livesum"


REQUESTS = Measure(
    "trunkline_requests",
    "counter",
    "Requests that were answered, by the route's template, its method and the status class; none: the client hung up.",
    ("route", "method", "status"),
)
LATENCY = Measure(
    "trunkline_request_seconds",
    "histogram",
    "Seconds from the head of a request to the end of its answer.",
    ("route", "method"),
    SECONDS,
)
STEP = Measure(
    "trunkline_step_seconds",
    "histogram",
    "Seconds that one request spent on a step of the line.",
    ("step",),
    SHORT,
)
BATCH = Measure(
    "trunkline_batch_inputs",
    "histogram",
    "Inputs of a batch of records that was carried out, or of one chunk of it.",
    ("operation",),
    INPUTS,
)
COMMIT = Measure(
    "trunkline_commit_batches",
    "histogram",
    "Batches that the store committed as one.",
    bounds=POWERS,
)
POOL = Measure(
    "trunkline_pool_connections",
    "gauge",
    "Connections to the database: open, used, and how many wait for one. A store without a pool tells none.",
    ("state",),
)
LAG = Measure(
    "trunkline_journal_lag_changes",
    "gauge",
    "Changes in the journal that a reader has yet to take in.",
    ("reader",),
    together="livemax",
)
JOBS = Measure(
    "trunkline_jobs_open",
    "gauge",
    "Batches, imports and exports that are kept for later and not completed.",
    ("kind",),
    together="livemostrecent",
)
TOLD = Measure(
    "trunkline_webhook_requests",
    "counter",
    "Requests to apps, by what became of them: delivered, failed (they are made again), given-up.",
    ("outcome",),
)
BEHIND = Measure(
    "trunkline_webhook_lag_seconds",
    "gauge",
    "Seconds, by the portal's clock, for which the oldest event waits that an app has yet to be told.",
    ("app", "portal"),
    together="livemax",
)
BUILD = Measure("trunkline_build_info", "gauge", "1, with the version that runs.", ("version",), together="livemax")

MEASURES = (REQUESTS, LATENCY, STEP, BATCH, COMMIT, POOL, LAG, JOBS, TOLD, BEHIND, BUILD)
