"""Serves the application: gunicorn with several processes where it runs, waitress elsewhere."""

from __future__ import annotations

import ctypes
import sys
from typing import Any

from formsvc.config import PREFIX, Settings

THREADS = 8
WORKER_SECONDS = 120
_MOST_ARENAS = -8
"""``M_ARENA_MAX`` of glibc's malloc.h."""


def run(settings: Settings, *, host: str, port: int, workers: int) -> None:
    """Serve until stopped. Windows has waitress only, in one process."""
    _share_memory_between_threads()
    if workers > 1 and sys.platform != "win32":
        _gunicorn(settings, host, port, workers)
    else:
        _waitress(settings, host, port)


def _share_memory_between_threads() -> None:
    """By default the C library of Linux lets each thread gather freed memory of its own, some 100 MB in all."""
    if sys.platform.startswith("linux"):
        set_option = getattr(ctypes.CDLL(None), "mallopt", None)  # another C library may not have it
        if set_option:
            set_option(_MOST_ARENAS, 2)


def _served(settings: Settings) -> Any:
    """The application of this process, which also looks whether a backup is due."""
    from formsvc.app import create_app
    from formsvc.backup_scheduler import BackupClock
    from formsvc.bootstrap import build_ports

    ports = build_ports(settings)
    places = {"INSTANCE": settings.instance, "FILES": settings.files, "BACKUPS": settings.backups}
    BackupClock(ports, environment={f"{PREFIX}{name}": str(place) for name, place in places.items()}).start()
    return create_app(settings, ports=ports)


def _waitress(settings: Settings, host: str, port: int) -> None:
    import waitress

    waitress.serve(_served(settings), host=host, port=port, threads=THREADS, ident=None)


def _gunicorn(settings: Settings, host: str, port: int, workers: int) -> None:
    from gunicorn.app.base import BaseApplication

    class Served(BaseApplication):  # type: ignore[misc]
        """Each worker makes its own application, so that no connection is shared over a fork."""

        def load_config(self) -> None:
            options: dict[str, Any] = {
                "bind": f"{host}:{port}",
                "workers": workers,
                "threads": THREADS,
                "worker_class": "gthread",
                "timeout": WORKER_SECONDS,
                "preload_app": False,
                "accesslog": None,
                "loglevel": "warning",
                "control_socket_disable": True,
            }
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            return _served(settings)

    Served().run()
