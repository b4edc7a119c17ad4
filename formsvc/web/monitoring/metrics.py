"""Metrics for Prometheus: what processes count, and what the store says.

Several worker processes count into files of one folder (PROMETHEUS_MULTIPROC_DIR), which is set
before this module is imported; one process counts in memory.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from ipaddress import ip_address
from typing import Any

from flask import Blueprint, Response, current_app, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

from formsvc.errors import FormsvcError, NotFound
from formsvc.i18n.messages import msg
from formsvc.setting_values import LOOPBACK_NETWORKS
from formsvc.usecases.context import Ports
from formsvc.usecases.maintenance import backups, clock_check
from formsvc.usecases.numbering.series_lease import waiting_by_series
from formsvc.version import __version__
from formsvc.web.context import ports
from formsvc.web.monitoring.probes import health_check
from formsvc.web.public_address import FORWARDED

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60)
blueprint = Blueprint("metrics", __name__)
_own = CollectorRegistry()
_requests = Counter("formsvc_requests", "Requests answered.", ["route", "method", "status"], registry=_own)
_request_seconds = Histogram(
    "formsvc_request_seconds", "Duration of requests.", ["route"], registry=_own, buckets=_SECONDS
)
_waiting = Gauge(
    "formsvc_requests_waiting", "Requests without a thread.", registry=_own, multiprocess_mode="livesum"
)
_render_waiting = Gauge(
    "formsvc_render_waiting", "Documents waiting to be made.", registry=_own, multiprocess_mode="livesum"
)
_render_wait = Histogram(
    "formsvc_render_wait_seconds", "Wait before a document is made.", registry=_own, buckets=_SECONDS
)
_render_seconds = Histogram(
    "formsvc_render_seconds", "Time to make a document.", ["call"], registry=_own, buckets=_SECONDS
)

_unusual = Counter(
    "formsvc_unusual_activity", "Persons beyond what is expected in an hour.", ["activity"], registry=_own
)


def observe_unusual_activity(activity: str) -> None:
    _unusual.labels(activity).inc()


def observe_request(route: str, method: str, status: str, seconds: float) -> None:
    _requests.labels(route, method, status).inc()
    _request_seconds.labels(route).observe(seconds)


def observe_waiting(count: int) -> None:
    """Note how many requests of this process wait for a thread."""
    _waiting.set(count)


class RenderingMetrics:
    """The ``WorkObserver`` of the processes that make documents."""

    def wait_began(self) -> None:
        _render_waiting.inc()

    def wait_ended(self, seconds: float) -> None:
        _render_waiting.dec()
        _render_wait.observe(seconds)

    def work_ended(self, call: str, seconds: float) -> None:
        _render_seconds.labels(call).observe(seconds)


@blueprint.get("/metrics")
def metrics() -> Response:
    """Show the metrics, to the addresses of FORMSVC_METRICS_FROM only."""
    if not _is_allowed():
        raise NotFound(msg("网址不正确，或者内容已经不在。"), msg("请核对网址，或者从首页进入。"))
    registry = CollectorRegistry()
    if os.environ.get(FOLDER):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        content = generate_latest(registry)
    else:
        content = generate_latest(_own)
    stored = CollectorRegistry()
    stored.register(StoreCollector(ports()))
    return Response(content + generate_latest(stored), content_type=CONTENT_TYPE_LATEST)


def _is_allowed() -> bool:
    # a proxy on this machine that is not set up makes everybody look local
    if not current_app.config.get("PUBLIC_URL") and any(name in request.environ for name in FORWARDED):
        return False
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return False
    networks = current_app.config.get("METRICS_FROM", LOOPBACK_NETWORKS)
    return any(address in network for network in networks)


class StoreCollector:
    """Collector of what the store says at this moment."""

    def __init__(self, served: Ports) -> None:
        self._ports = served

    def collect(self) -> Iterator[Any]:
        info = GaugeMetricFamily("formsvc_info", "Version.", labels=["version"])
        info.add_metric([__version__], 1)
        yield info
        try:
            figures = health_check().figures()
        except FormsvcError:
            figures = None
        yield GaugeMetricFamily("formsvc_healthy", "Whether the store can be used.", figures is not None)
        if figures is not None:
            yield GaugeMetricFamily(
                "formsvc_store_bytes", "Size of the store.", _number(figures.get("bytes"))
            )
            yield GaugeMetricFamily("formsvc_acts", "Documents in the store.", _number(figures.get("acts")))
            yield from self._read()

    def _read(self) -> Iterator[Any]:
        free = GaugeMetricFamily("formsvc_free_bytes", "Free space.", labels=["place"])
        free.add_metric(["store"], self._ports.store.free_bytes())
        free.add_metric(["files"], self._ports.files.free_bytes())
        yield free
        state = clock_check.clock_state(self._ports)
        yield GaugeMetricFamily("formsvc_clock_right", "Whether numbers are given.", state.is_right)
        yield from self._series()
        yield from self._backups()

    def _series(self) -> Iterator[Any]:
        numbers = GaugeMetricFamily(
            "formsvc_numbers_given", "Last number of a series.", labels=["series", "year"]
        )
        with self._ports.store.read() as tx:
            for record in tx.counters.find(order="id"):
                series, _, year = str(record["id"]).rpartition("/")
                numbers.add_metric([series, year], _number(record.get("last")))
            waiting = waiting_by_series(tx, self._ports.clock.now())
        yield numbers
        queue = GaugeMetricFamily(
            "formsvc_series_waiting", "Requests waiting for a number.", labels=["series"]
        )
        for key, count in waiting.items():
            queue.add_metric([key], count)
        yield queue

    def _backups(self) -> Iterator[Any]:
        status = backups.get_status(self._ports)
        if status.made:
            yield self._age("formsvc_backup_age_seconds", "Time since the last backup.", status.made["at"])
        if status.proven:
            at = status.proven["at"]
            yield self._age("formsvc_restore_proven_age_seconds", "Time since a restore was proven.", at)

    def _age(self, name: str, text: str, at: str) -> GaugeMetricFamily:
        return GaugeMetricFamily(
            name, text, (self._ports.clock.now() - datetime.fromisoformat(at)).total_seconds()
        )


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
