"""Production server: waitress, in several processes where wanted."""

from __future__ import annotations

import ctypes
import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from formsvc.config import PREFIX, Settings
from formsvc.errors import FormsvcError, system_reason
from formsvc.i18n.catalogs import lookup_for
from formsvc.i18n.messages import msg
from formsvc.i18n.printable import escape_controls

THREADS = 8
BACKLOG = 1024
STOP_SECONDS = 20.0
M_ARENA_MAX = -8  # glibc, malloc.h
OPEN_FILES = 8192


class PrintableFormatter(logging.Formatter):
    """Formatter that lets no address or name control the terminal."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name of the base class
        return escape_controls(super().formatMessage(record))


def run(settings: Settings, *, host: str, port: int, workers: int) -> None:
    """Serve until the process is stopped; on Windows always in one process."""
    _limit_malloc_arenas()
    _raise_open_files()
    handler = logging.StreamHandler()
    handler.setFormatter(PrintableFormatter(logging.BASIC_FORMAT))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    # a line for each request that waits for a thread
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    listener = _listen(host, port)
    if workers == 1 or sys.platform == "win32":
        _serve(settings, listener, lambda: None)
    else:
        _supervise(settings, listener, workers)


def _supervise(settings: Settings, listener: socket.socket, workers: int) -> None:
    from formsvc.server.processes import StartFailed, Supervisor

    try:
        Supervisor(partial(_serve, settings, listener), workers).run()
    except StartFailed as error:
        raise FormsvcError(
            msg("服务进程没有启动起来（{code}）。", code=error.args[0]),
            msg("请看上面的原因，并运行 formsvc doctor 检查。"),
        ) from error


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, *_rest, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server((address[0], address[1]), family=family, backlog=BACKLOG)
    except OSError as error:
        raise FormsvcError(
            msg(
                "不能在 {host} 的端口 {port} 提供服务：{reason}。",
                host=host,
                port=port,
                reason=system_reason(error),
            ),
            msg("请用 --port 换一个端口，或者停止占用它的程序。"),
        ) from error


def _serve(settings: Settings, listener: socket.socket, every_second: Callable[[], None]) -> None:
    """Serve in this process until SIGTERM or Ctrl+C."""
    from formsvc.server.connections import Server
    from formsvc.web.security import max_request_bytes

    server = Server(
        _create_worker_app(settings),
        listener,
        threads=THREADS,
        limits=settings.limits,
        lookup=lookup_for(settings.language),
        max_body=max_request_bytes(),
        per_address=not settings.public_url,
    )

    def stop(number: int, _frame: Any) -> None:
        server.stop(STOP_SECONDS)
        if number == signal.SIGINT:
            # pressed once more: at once
            signal.signal(number, signal.default_int_handler)

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
    server.run(every_second)


def _limit_malloc_arenas() -> None:
    # by default glibc keeps freed memory in an arena per thread, some 100 MB with 8 threads
    if sys.platform.startswith("linux"):
        # other C libraries (musl) have no mallopt
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt:
            mallopt(M_ARENA_MAX, 2)


def _raise_open_files() -> None:
    # a connection takes up to three: its socket, and a temporary file for a long body and response
    if sys.platform != "win32":
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _create_worker_app(settings: Settings) -> Any:
    """Return the application of this process; start its backup scheduler."""
    from formsvc.app import create_app
    from formsvc.backup_scheduler import BackupScheduler
    from formsvc.bootstrap import build_ports
    from formsvc.usecases.cases.due_keeper import DueKeeper

    ports = build_ports(settings)
    # the backup runs in a subprocess, which must read the same settings: paths may have come from
    # the demo or from a test instead of the environment
    paths = {"INSTANCE": settings.instance, "FILES": settings.files, "BACKUPS": settings.backups}
    environment = {f"{PREFIX}{name}": str(path) for name, path in paths.items()}
    BackupScheduler(ports, environment=environment).start()
    # a faulty pair in the folder must not keep the server from starting
    ports.definitions.watch(wait=False)
    DueKeeper(ports).start()
    return create_app(settings, ports=ports)
