"""Application factory: pages and API on the ports of an instance."""

from __future__ import annotations

import os
import threading

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from formsvc import web
from formsvc.backup_scheduler import BackupScheduler
from formsvc.bootstrap import build_ports, setup_code
from formsvc.config import PREFIX, Settings, read_settings
from formsvc.log_lines import configure_logging
from formsvc.reminder_scheduler import ReminderScheduler
from formsvc.secret_key import secret_key
from formsvc.usecases.cases.due_keeper import DueKeeper
from formsvc.usecases.context import Ports
from formsvc.usecases.drafting.search_texts import start_refreshing
from formsvc.web.monitoring.metrics import RenderingMetrics
from formsvc.web.public_address import PublicAddress


class BackgroundThreads:
    """Threads of a process for backups, reminders and the list of due items."""

    def __init__(self, settings: Settings, ports: Ports) -> None:
        self._ports = ports
        # the backup runs in a subprocess, which must read the same settings: paths may have come from
        # the demo or from a test instead of the environment
        paths = {"INSTANCE": settings.instance, "FILES": settings.files, "BACKUPS": settings.backups}
        self._environment = {f"{PREFIX}{name}": str(path) for name, path in paths.items()}
        self._lock = threading.Lock()
        self._process = 0
        self.start_missing()

    def start_missing(self) -> None:
        """Start the threads unless this process has them: a fork takes none along."""
        if self._process == os.getpid():
            return
        with self._lock:
            if self._process != os.getpid():
                self._process = os.getpid()
                # a faulty pair in the folder must not keep the service from starting
                self._ports.definitions.watch(wait=False)
                BackupScheduler(self._ports, environment=self._environment).start()
                DueKeeper(self._ports).start()
                ReminderScheduler(self._ports).start()
                start_refreshing(self._ports)


def create_app(settings: Settings | None = None, *, ports: Ports | None = None) -> Flask:
    """Return the WSGI application; None reads the settings of the environment.

    Without `ports` it also backs up on schedule, under any WSGI server.
    """
    settings = settings or read_settings()
    threads = None
    if ports is None:
        configure_logging(settings)
        ports = build_ports(settings)
        threads = BackgroundThreads(settings, ports)
    app = Flask("formsvc.web")
    app.config.update(
        SECRET_KEY=secret_key(settings),
        DEMO=settings.demo,
        PUBLIC_URL=settings.public_url,
        SETUP_CODE=setup_code(settings),
        PICTURES=str(settings.cache / "pictures"),
        BABEL_DEFAULT_LOCALE=settings.language,
        SLOW_SECONDS=settings.slow_seconds,
        API_SESSION_TOKENS=settings.api_session_tokens,
        API_WORDS_IN_BODY=settings.api_words_in_body,
        METRICS_FROM=settings.metrics_from,
    )
    # a public address means a reverse proxy in front; without one the headers could be forged
    if settings.public_url:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]  # Flask's documented way
    _measure_rendering(ports)
    if threads:
        app.before_request(threads.start_missing)
    # once more, to wait for the first look
    app.before_request(ports.definitions.watch)
    web.register(app, ports)
    if settings.public_url:
        app.wsgi_app = PublicAddress(app.wsgi_app, settings.public_url)  # type: ignore[method-assign]
    return app


def _measure_rendering(ports: Ports) -> None:
    # imported when the ports are built: they say first what this machine lacks
    from formsvc.documents.workers.renderer import RenderingWorkers

    if isinstance(ports.renderer, RenderingWorkers):
        ports.renderer.observe(RenderingMetrics())
