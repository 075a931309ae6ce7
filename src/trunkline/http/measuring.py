"""Measuring what a server does, and telling it to Prometheus."""

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TypeAlias

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from trunkline import __version__
from trunkline.gathering import FOLDER
from trunkline.http.measure import BATCH, BEHIND, BUILD, COMMIT, JOBS, LAG, LATENCY, POOL, REQUESTS, STEP, TOLD, Measure
from trunkline.stopwatch import STEPS, Step
from trunkline.store.protocol import Figures

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4

METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
OTHER = "other"
"""What stands for every method that a client made up, and for the route of what has none."""

Route: TypeAlias = tuple[str, str]

disable_created_metrics()


class Measures:
    """What one server measures; one of several processes that gather (`trunkline.gathering`) tells it of all of them.

    What is not counted as it happens is told by `sampled`.
    """

    def __init__(self) -> None:
        self._folder = os.environ.get(FOLDER)
        self._registry = CollectorRegistry()
        self._requests = self._counter(REQUESTS)
        self._latency = self._histogram(LATENCY)
        self._batches = self._histogram(BATCH)
        self._commits = self._histogram(COMMIT)
        self._pool, self._lag, self._jobs = self._gauge(POOL), self._gauge(LAG), self._gauge(JOBS)
        self._told, self._behind = self._counter(TOLD), self._gauge(BEHIND)
        self._tellers: set[tuple[int, int]] = set()
        steps = self._histogram(STEP)
        self._steps = {step: steps.labels(step) for step in STEPS}
        self._routes: dict[Route, Histogram] = {}
        self._answers: dict[tuple[Route, int], Counter] = {}
        self._gauge(BUILD).labels(__version__).set(1)
        ProcessCollector(registry=self._registry)

    def answered(self, route: str | None, method: str, status: int, seconds: float) -> None:
        """A request was answered; status 0 is for a client that hung up, no route for a path that has none."""
        key = route or OTHER, method if method in METHODS else OTHER
        class_ = status // 100
        if (key, class_) not in self._answers:
            self._routes[key] = self._latency.labels(*key)
            self._answers[key, class_] = self._requests.labels(*key, f"{class_}xx" if class_ else "none")
        self._answers[key, class_].inc()
        self._routes[key].observe(seconds)

    def spent(self, steps: Mapping[Step, int]) -> None:
        """The steps of a request took so many nanoseconds each."""
        for step, time in steps.items():
            self._steps[step].observe(time / 1e9)

    def carried(self, operation: str, inputs: int) -> None:
        """A batch of so many inputs was carried out, or a chunk of one."""
        self._batches.labels(operation).observe(inputs)

    def committed(self, batches: int) -> None:
        """The store committed so many batches as one."""
        self._commits.observe(batches)

    def told(self, outcome: str) -> None:
        """A request to an app was made."""
        self._told.labels(outcome).inc()

    def behind(self, seconds: Mapping[tuple[int, int], float]) -> None:
        """For how long the oldest event waits of each app in each portal, of all that this process tells now."""
        for key in self._tellers - seconds.keys():
            if self.gathers:  # what several processes tell cannot be taken back
                self._behind.labels(*key).set(0)
            else:
                self._behind.remove(*key)
        for key, value in seconds.items():
            self._behind.labels(*key).set(value)
        self._tellers = set(seconds)

    def sampled(self, figures: Figures) -> None:
        """How the store is."""
        if (pool := figures.pool) is not None:
            for state, connections in (("open", pool.open), ("used", pool.used), ("waiting", pool.waiting)):
                self._pool.labels(state).set(connections)
        for reader, changes in figures.lag.items():
            self._lag.labels(reader).set(changes)
        for kind, jobs in figures.jobs.items():
            self._jobs.labels(kind).set(jobs)

    @property
    def gathers(self) -> bool:
        """Whether this is one process of several."""
        return self._folder is not None

    def text(self) -> bytes:
        """All that was measured, in Prometheus's text format."""
        if self._folder is None:
            return generate_latest(self._registry)
        registry = CollectorRegistry()
        MultiProcessCollector(registry, self._folder)
        registry.register(_Processes(Path(self._folder)))
        return generate_latest(registry)

    def _counter(self, measure: Measure) -> Counter:
        return Counter(measure.name, measure.meaning, measure.labels, registry=self._registry)

    def _histogram(self, measure: Measure) -> Histogram:
        return Histogram(measure.name, measure.meaning, measure.labels, registry=self._registry, buckets=measure.bounds)

    def _gauge(self, measure: Measure) -> Gauge:
        together = measure.together
        return Gauge(measure.name, measure.meaning, measure.labels, registry=self._registry, multiprocess_mode=together)


class _Processes(Collector):
    """The processes that gather, each by its number."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterable[Metric]:
        families: dict[str, Metric] = {}
        for pid in self._pids():
            for found in ProcessCollector(pid=partial(str, pid), registry=None).collect():
                family = families.setdefault(found.name, Metric(found.name, found.documentation, found.type))
                for sample in found.samples:
                    family.add_sample(sample.name, {**sample.labels, "pid": pid}, sample.value)
        return families.values()

    def _pids(self) -> Iterator[str]:
        for path in sorted(self._folder.glob(f"gauge_{BUILD.together}_*.db")):
            yield path.stem.rpartition("_")[2]
