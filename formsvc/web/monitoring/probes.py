"""Probes of monitors: does the process answer, can it use its store."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Flask, Response, current_app, jsonify, make_response

from formsvc.domain.json_types import JSON
from formsvc.errors import FormsvcError
from formsvc.i18n.messages import msg
from formsvc.usecases.ports import Store
from formsvc.web.context import ports

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication

blueprint = Blueprint("probes", __name__)

LIVENESS_PATH = "/livez"
# where the route of a request stands in its WSGI environment, for the log and the metrics
ROUTE = "formsvc.route"
# a monitor is answered within half a second, also if the disk hangs
HEALTH_SECONDS = 0.25
# a store that was written so lately can be written, even if this check has not had its turn
RECENT_SECONDS = 5.0
# less than one document with its PDF and the commit that numbers it
NO_ROOM_BYTES = 4 * 2**20
EXTENSION = "formsvc_health"


class LivenessProbe:
    """WSGI application that answers /livez itself: no session, no store."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != LIVENESS_PATH or environ.get("REQUEST_METHOD") not in ("GET", "HEAD"):
            return self._application(environ, start_response)
        environ[ROUTE] = LIVENESS_PATH
        body = b"ok\n"
        headers = [("Content-Type", "text/plain"), ("Cache-Control", "no-store"), ("Content-Length", "3")]
        start_response("200 OK", headers)
        return [body]


class HealthCheck:
    """One check of the store at a time, in a thread of its own."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._threads: ThreadPoolExecutor | None = None
        self._running: Future[dict[str, JSON]] | None = None
        self._figures: dict[str, JSON] = {}

    def figures(self) -> dict[str, JSON] | None:
        """Return what the store says; None if it does not answer in time.

        Raise FormsvcError.
        """
        running = self._start()
        try:
            self._figures = running.result(HEALTH_SECONDS)
        except TimeoutError:
            return self._figures if self._store.is_written_within(RECENT_SECONDS) else None
        return self._figures

    def _start(self) -> Future[dict[str, JSON]]:
        with self._lock:
            # started with the first check: a server may fork after it has made the application
            if self._threads is None:
                self._threads = ThreadPoolExecutor(1, "health")
            if self._running is None or self._running.done():
                self._running = self._threads.submit(self._store.health)
            return self._running


def register(app: Flask) -> None:
    app.extensions[EXTENSION] = HealthCheck(app.extensions["formsvc"].store)
    app.wsgi_app = LivenessProbe(app.wsgi_app)  # type: ignore[method-assign]  # Flask's documented way


def health_check() -> HealthCheck:
    check: HealthCheck = current_app.extensions[EXTENSION]
    return check


@blueprint.get("/healthz")
def healthz() -> Response:
    """Report whether the store can be read and written: 200, else 503."""
    try:
        health = health_check().figures()
    except FormsvcError as failure:
        return make_response(jsonify(status="failing", message=failure.message), 503)
    if health is None:
        return make_response(jsonify(status="failing", message=msg("数据库没有及时应答。")), 503)
    if min(ports().store.free_bytes(), ports().files.free_bytes()) < NO_ROOM_BYTES:
        # reading goes on, but neither a document nor a commit of usual size fits any more
        return make_response(jsonify({**health, "status": "failing", "message": msg("磁盘空间不足。")}), 503)
    return jsonify({**health, "status": "ok"})
