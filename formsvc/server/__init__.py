"""Production server: waitress, in several processes where wanted."""

from __future__ import annotations

import ctypes
import errno
import logging
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from formsvc.bootstrap import stored_clock_fault
from formsvc.config import Settings
from formsvc.errors import FormsvcError, system_reason
from formsvc.i18n.catalogs import lookup_for
from formsvc.i18n.messages import msg
from formsvc.log_lines import configure_logging
from formsvc.version import __version__

THREADS = 8
BACKLOG = 1024
STOP_SECONDS = 20.0
M_ARENA_MAX = -8  # glibc, malloc.h
OPEN_FILES = 8192
# where the processes of prometheus_client count together
METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
log = logging.getLogger("formsvc.server")


def run(
    settings: Settings, *, host: str, port: int, workers: int, listener: socket.socket | None = None
) -> None:
    """Serve until the process is stopped; on Windows always in one process.

    `listener` is what `listen` returned, for a caller that prints the address first.
    """
    _limit_malloc_arenas()
    _raise_open_files()
    configure_logging(settings)
    listener = listener or listen(host, port)
    _log_start(settings, address_of(*listener.getsockname()[:2]), workers)
    if workers == 1 or sys.platform == "win32":
        _serve(settings, listener, lambda: None)
    else:
        _supervise(settings, listener, workers)
    log.info("stopped")


def _log_start(settings: Settings, address: str, workers: int) -> None:
    demo = ", sample office" if settings.demo else ""
    log.info(
        "formsvc %s serves %s, instance %s, processes %d%s",
        __version__,
        settings.public_url or address,
        settings.instance,
        workers,
        demo,
    )
    fault = stored_clock_fault(settings)
    if fault:
        log.error("wrong clock: %s", fault)


def _supervise(settings: Settings, listener: socket.socket, workers: int) -> None:
    from formsvc.server.processes import StartFailed, Supervisor

    # before the first import of the library, in each worker: it decides then how it counts
    folder = _metrics_folder(settings.cache)
    os.environ[METRICS_FOLDER] = folder
    try:
        Supervisor(partial(_serve, settings, listener), workers, _forget_metrics).run()
    except StartFailed as error:
        raise FormsvcError(
            msg("服务进程没有启动起来（{code}）。", code=error.args[0]),
            msg("请看上面的原因，并运行 formsvc doctor 检查。"),
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _metrics_folder(cache: Path) -> str:
    """Return a new folder; remove those of services that were killed."""
    cache.mkdir(parents=True, exist_ok=True)
    for left in cache.glob("metrics-*"):
        process = int(left.name.split("-")[1])
        # in a container each start may have the number of the one before
        if process == os.getpid() or not Path(f"/proc/{process}").exists():
            shutil.rmtree(left, ignore_errors=True)
    return tempfile.mkdtemp(prefix=f"metrics-{os.getpid()}-", dir=cache)


def _forget_metrics(process: int) -> None:
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(process)  # type: ignore[no-untyped-call]


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket. Raise FormsvcError if that fails."""
    try:
        # ::1 is also written [::1], as in an address
        name = host.removeprefix("[").removesuffix("]")
        family, *_rest, address = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server((address[0], address[1]), family=family, backlog=BACKLOG)
    except socket.gaierror as error:
        raise _refused(host, port, msg("没有这个地址"), _OTHER_HOST) from error
    except OSError as error:
        remedy = _REMEDIES.get(error.errno or 0, msg("请运行 formsvc doctor 检查本机。"))
        raise _refused(host, port, system_reason(error), remedy) from error


_OTHER_HOST = msg("请核对 --host：只给本机用的写 127.0.0.1，给别的电脑用的写 0.0.0.0，或者写本机的一个地址。")
_OTHER_PORT = msg("请用 --port 换一个端口（make 用 PORT=），或者停止占用它的程序：可能是还没有停下的本服务。")
_REMEDIES = {
    errno.EADDRINUSE: _OTHER_PORT,
    errno.EADDRNOTAVAIL: _OTHER_HOST,
    errno.EAFNOSUPPORT: _OTHER_HOST,
    errno.EACCES: msg("1024 以下的端口只有系统管理员能用，请用 --port 换一个大于 1024 的端口。"),
    # what Windows calls them
    10048: _OTHER_PORT,
    10049: _OTHER_HOST,
    10013: _OTHER_PORT,
}


def _refused(host: str, port: int, reason: str, remedy: str) -> FormsvcError:
    return FormsvcError(
        msg("不能在 {address} 提供服务：{reason}。", address=address_of(host, port), reason=reason), remedy
    )


def address_of(host: str, port: int) -> str:
    """Return the address as a browser takes it, IPv6 in brackets."""
    name = host.removeprefix("[").removesuffix("]")
    return f"http://{f'[{name}]' if ':' in name else name}:{port}"


def _serve(settings: Settings, listener: socket.socket, every_second: Callable[[], None]) -> None:
    """Serve in this process until SIGTERM or Ctrl+C."""
    from formsvc.app import create_app
    from formsvc.server.connections import Server
    from formsvc.web.monitoring.metrics import observe_waiting
    from formsvc.web.security import max_request_bytes

    server = Server(
        create_app(settings),
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

    def look() -> None:
        observe_waiting(server.waiting)
        every_second()

    server.run(look)


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
