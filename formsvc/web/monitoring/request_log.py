"""Id, time and outcome of each request, for the log and the metrics."""

from __future__ import annotations

import logging
import re
import secrets
import time
from typing import TYPE_CHECKING, Any

from flask import Flask, request

from formsvc.log_lines import request_id
from formsvc.web.monitoring import metrics
from formsvc.web.monitoring.probes import ROUTE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication

HEADER = "X-Request-Id"
_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
log = logging.getLogger("formsvc.requests")


class RequestLog:
    """WSGI application that gives each request an id and takes its time.

    ``behind_proxy``: an id that the proxy has given is kept.
    """

    def __init__(self, application: WSGIApplication, *, slow_seconds: float, behind_proxy: bool) -> None:
        self._application = application
        self._slow_seconds, self._behind_proxy = slow_seconds, behind_proxy

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        id_ = self._id_of(environ)
        token, began = request_id.set(id_), time.perf_counter()
        status = "500"

        def start(line: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            nonlocal status
            status = line[:3]
            return start_response(line, [*headers, (HEADER, id_)], *more)

        try:
            return self._application(environ, start)
        finally:
            self._note(environ, status, time.perf_counter() - began)
            request_id.reset(token)

    def _id_of(self, environ: dict[str, Any]) -> str:
        given = environ.get("HTTP_X_REQUEST_ID", "") if self._behind_proxy else ""
        return given if _ID.fullmatch(given) else secrets.token_hex(8)

    def _note(self, environ: dict[str, Any], status: str, seconds: float) -> None:
        # the route instead of the path, and no query: they hold names and what people look for
        method, route = environ.get("REQUEST_METHOD", ""), environ.get(ROUTE, "-")
        metrics.observe_request(route, method, status, seconds)
        level = logging.WARNING if seconds >= self._slow_seconds else logging.DEBUG
        name = "slow request" if level == logging.WARNING else "request"
        log.log(
            level, "%s: %s %s %s in %.2f s", name, method, route, status, seconds,
            extra={"method": method, "route": route, "status": int(status), "seconds": round(seconds, 3)},
        )  # fmt: skip


def register(app: Flask) -> None:
    app.before_request(_note_route)
    app.context_processor(lambda: {"request_id": request_id.get()})


def wrap(app: Flask) -> None:
    """Give ids to all requests, those too that the application never sees."""
    app.wsgi_app = RequestLog(  # type: ignore[method-assign]  # Flask's documented way
        app.wsgi_app,
        slow_seconds=app.config.get("SLOW_SECONDS", 5),
        behind_proxy=bool(app.config.get("PUBLIC_URL")),
    )


def _note_route() -> None:
    if request.url_rule is not None:
        request.environ[ROUTE] = request.url_rule.rule
