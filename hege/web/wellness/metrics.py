"""The figures of ``/-/metrics``: what every process of the site has answered, and how the installation stands.

The counts of several processes are kept in memory that they share (``PROMETHEUS_MULTIPROC_DIR``, made by ``hege serve``):
any of them answers for all.
"""

from __future__ import annotations

import datetime as dt
import os
from collections import defaultdict
from collections.abc import Iterator

from django.conf import settings
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from hege.installation.queries import Figures, database_away, disk, figures
from hege.installation.rules import State
from hege.kernel import clock
from hege.kernel.shards import within
from hege.web.wellness.probe import Probe

CONTENT_TYPE = CONTENT_TYPE_LATEST
SHARED = "PROMETHEUS_MULTIPROC_DIR"
PATIENCE_MS = 2000
BUCKETS = ("0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10")  # seconds

REQUESTS = Counter(
    "hege_requests", "Requests answered, by page, method and status.", ["route", "method", "status"], registry=None
)
SECONDS = Histogram("hege_request_seconds", "How long a request took.", ["method"], registry=None, buckets=BUCKETS)
_probes: dict[str, Probe[Figures]] = defaultdict(Probe)


def count(route: str, method: str, status: int, nanoseconds: int) -> None:
    """One more request that was answered."""
    REQUESTS.labels(route, method, str(status)).inc()
    SECONDS.labels(method).observe(dt.timedelta(microseconds=nanoseconds // 1000).total_seconds())


def exposition() -> bytes:
    """Everything, as Prometheus reads it."""
    registry = CollectorRegistry()
    if SHARED in os.environ:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(REQUESTS)
        registry.register(SECONDS)
    registry.register(Standing())
    return generate_latest(registry)


class Standing(Collector):
    """How the installation stands now; asked anew each time, so that any process says the same."""

    def collect(self) -> Iterator[Metric]:
        of, stand = (["shard"], _of_each()) if settings.SHARDS else ([], [((), _asked(_probes[""]))])
        well = GaugeMetricFamily(
            "hege_well", "1 where nothing is to be mended, by what was looked at.", labels=[*of, "code"]
        )
        last = GaugeMetricFamily("hege_last_timestamp_seconds", "When something last ran well.", labels=[*of, "of"])
        counted: dict[str, GaugeMetricFamily] = {}
        for named, known in stand:
            for finding in known.findings:
                well.add_metric([*named, finding.code], finding.state is not State.MEND)
            for what, at in known.last.items():
                last.add_metric([*named, what], at.timestamp())
            for name, value in known.counts.items():
                family = counted.setdefault(name, GaugeMetricFamily(f"hege_{name}", SAID[name], labels=of))
                family.add_metric(named, value)
        yield from (well, last, *counted.values())


def _of_each() -> list[tuple[tuple[str, ...], Figures]]:
    """How each shard stands, by its name."""
    found: list[tuple[tuple[str, ...], Figures]] = []
    for name in settings.SHARDS:
        with within(name):
            found.append(((name,), _asked(_probes[name])))
    return found


def _asked(probe: Probe[Figures]) -> Figures:
    now = clock.now()
    try:
        return probe.ask(lambda: figures(at=now), within_ms=PATIENCE_MS)
    except TimeoutError:
        return Figures([disk(), database_away("")], {}, {})


#: What each figure is.
SAID = {
    "streets": "Streets in the database.",
    "trail_lines": "Lines of the trail, of all streets.",
    "open_sessions": "Sessions that have not ended.",
    "sign_in_failures_last_hour": "Sign-ins that failed within the last hour.",
    "database_bytes": "Size of the database.",
    "disk_free_bytes": "Room on the disk that is nearest to its end.",
}
