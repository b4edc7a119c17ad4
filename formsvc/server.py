"""Production server: gunicorn for several processes, else waitress."""

from __future__ import annotations

import ctypes
import sys
from typing import Any

from formsvc.config import PREFIX, Settings

THREADS = 8
WORKER_TIMEOUT = 120  # seconds; the longest request waits for a rendered document
M_ARENA_MAX = -8  # glibc, malloc.h


def run(settings: Settings, *, host: str, port: int, workers: int) -> None:
    """Serve until the process is stopped; on Windows always in one process."""
    _limit_malloc_arenas()
    if workers > 1 and sys.platform != "win32":
        _run_gunicorn(settings, host, port, workers)
    else:
        _run_waitress(settings, host, port)


def _limit_malloc_arenas() -> None:
    # by default glibc keeps freed memory in an arena per thread, some 100 MB with 8 threads
    if sys.platform.startswith("linux"):
        # other C libraries (musl) have no mallopt
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt:
            mallopt(M_ARENA_MAX, 2)


def _create_worker_app(settings: Settings) -> Any:
    """Return the application of this process; start its backup scheduler."""
    from formsvc.app import create_app
    from formsvc.backup_scheduler import BackupScheduler
    from formsvc.bootstrap import build_ports

    ports = build_ports(settings)
    # the backup runs in a subprocess, which must read the same settings: paths may have come from
    # the demo or from a test instead of the environment
    paths = {"INSTANCE": settings.instance, "FILES": settings.files, "BACKUPS": settings.backups}
    environment = {f"{PREFIX}{name}": str(path) for name, path in paths.items()}
    BackupScheduler(ports, environment=environment).start()
    # a faulty pair in the folder must not keep the server from starting
    ports.definitions.watch(wait=False)
    return create_app(settings, ports=ports)


def _run_waitress(settings: Settings, host: str, port: int) -> None:
    import waitress

    waitress.serve(_create_worker_app(settings), host=host, port=port, threads=THREADS, ident=None)


def _run_gunicorn(settings: Settings, host: str, port: int, workers: int) -> None:
    # not available on Windows
    from gunicorn.app.base import BaseApplication

    class Application(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
        def load_config(self) -> None:
            options: dict[str, Any] = {
                "bind": f"{host}:{port}",
                "workers": workers,
                "threads": THREADS,
                "worker_class": "gthread",
                "timeout": WORKER_TIMEOUT,
                # each worker creates its own application: SQLite connections must not cross a fork
                "preload_app": False,
                "accesslog": None,
                "loglevel": "warning",
                "control_socket_disable": True,
            }
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            return _create_worker_app(settings)

    Application().run()
