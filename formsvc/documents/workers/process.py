"""Worker process with limits on memory and time."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from formsvc.documents.workers.messages import WorkerMessage, read_message, write_message
from formsvc.documents.workers.process_limits import limits_argument
from formsvc.documents.workers.windows_job import limit_process_memory

# all else stays with the server: its secret key, the address of its database
_INHERITED_VARIABLES = (
    "PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "WINDIR", "COMSPEC", "USERPROFILE", "LOCALAPPDATA", "PROGRAMDATA",
    "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH", "VIRTUAL_ENV", "PYTHONPATH", "WEASYPRINT_DLL_DIRECTORIES",
)  # fmt: skip
_CLOSING_SECONDS = 2.0


class WorkerFailed(Exception):
    """A worker that died or was ended; ``is_late`` if it took too long."""

    def __init__(self, *, is_late: bool) -> None:
        super().__init__("worker was late" if is_late else "worker died")
        self.is_late = is_late


class WorkerProcess:
    """A process that answers one request at a time; dead after a failure."""

    def __init__(self, module: str, arguments: Mapping[str, str]) -> None:
        words = [*(f"--{name}={value}" for name, value in arguments.items()), limits_argument()]
        # a new interpreter, not a fork: a fork would copy the secrets in the memory of the server
        self._process = subprocess.Popen(
            [sys.executable, "-X", "utf8", "-m", module, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_environment(),
        )
        # _handle is where subprocess keeps what Windows needs; it has no public name
        limit_process_memory(getattr(self._process, "_handle", 0), int(arguments.get("memory", "0")))
        self.requests_served = 0
        # Python keeps the process, pipes and all, as long as it runs
        weakref.finalize(self, _end_unused, self._process)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def request(self, head: dict[str, Any], bodies: Sequence[bytes], seconds: float) -> WorkerMessage:
        """Send a request and return the response.

        Raise WorkerFailed if the process dies or takes longer than ``seconds``.
        """
        return list(self.responses(head, bodies, seconds))[-1]

    def responses(
        self, head: dict[str, Any], bodies: Sequence[bytes], seconds: float
    ) -> Iterator[WorkerMessage]:
        """Send a request and yield its responses; all but the last say ``more``.

        Raise WorkerFailed if the process dies or takes longer than ``seconds`` for all of them. A caller that stops
        before the last one ends the process.
        """
        # pipes have no portable timeout: a timer kills the process, which ends the read below
        late = threading.Event()
        alarm = threading.Timer(seconds, self._stop_after_timeout, (late,))
        alarm.daemon = True
        alarm.start()
        self.requests_served += 1
        is_complete = False
        try:
            is_sent = self._send(head, bodies)
            while not is_complete:
                response = self._receive() if is_sent else None
                if response is None:
                    self.kill()
                    is_late = late.is_set() or self._process.returncode == -_cpu_signal()
                    raise WorkerFailed(is_late=is_late)
                is_complete = not response.header.pop("more", False)
                yield response
        finally:
            alarm.cancel()
            if not is_complete:
                self.kill()

    def _send(self, head: dict[str, Any], bodies: Sequence[bytes]) -> bool:
        try:
            assert self._process.stdin is not None
            write_message(self._process.stdin, head, bodies)
        except (OSError, ValueError):
            return False
        return True

    def _receive(self) -> WorkerMessage | None:
        try:
            assert self._process.stdout is not None
            return read_message(self._process.stdout)
        except (OSError, ValueError):
            return None

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        _close_pipes(self._process)

    def close(self) -> None:
        """Let the process end by itself, kill it after two seconds."""
        _close_pipes(self._process)
        try:
            self._process.wait(_CLOSING_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _stop_after_timeout(self, late: threading.Event) -> None:
        late.set()
        self._process.kill()


def _end_unused(process: subprocess.Popen[bytes]) -> None:
    _close_pipes(process)
    # without a parent that waits, its entry stays in the process table; at the end of Python no thread can begin
    with contextlib.suppress(RuntimeError):
        threading.Thread(target=process.wait, name="end of a worker", daemon=True).start()


def _close_pipes(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):
            if pipe is not None:
                pipe.close()


def _cpu_signal() -> int:
    import signal

    # on Windows, which has no such signal, a code that no process returns
    return int(getattr(signal, "SIGXCPU", 0)) or 10_000


def _environment() -> dict[str, str]:
    variables = {name: os.environ[name] for name in _INHERITED_VARIABLES if name in os.environ}
    # a project run from its source folder is not installed
    package = str(Path(__file__).resolve().parents[3])
    variables["PYTHONPATH"] = os.pathsep.join(filter(None, (package, variables.get("PYTHONPATH", ""))))
    return variables


def limit_added_memory(megabytes: int) -> None:
    """Let this process use so much memory beyond what it has."""
    limit_memory(megabytes + _address_space() // 2**20)


def _address_space() -> int:
    """Return the bytes of address space in use, 0 if the system does not say."""
    # https://docs.kernel.org/filesystems/proc.html, table 1-3: sizes in pages
    pages = Path("/proc/self/statm")
    if sys.platform == "win32" or not pages.exists():
        return 0
    import resource

    return int(pages.read_text(encoding="ascii").split()[0]) * resource.getpagesize()


def limit_memory(megabytes: int) -> None:
    if sys.platform != "win32":
        import resource

        limit, hard = megabytes * 2**20, resource.getrlimit(resource.RLIMIT_AS)[1]
        # an operator may have set a lower one, which must not be raised
        limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def limit_cpu(seconds: int) -> None:
    if sys.platform != "win32":
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        # the limit counts from the start of the process, so what is used already is added
        soft = int(used.ru_utime + used.ru_stime) + seconds + 1
        resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def peak_memory_mb() -> int:
    """Return the peak memory of this process in MB, 0 if unknown."""
    status = Path("/proc/self/status")
    if status.exists():  # what getrusage says here began with the memory of the process that started this one
        match = re.search(
            r"^VmHWM:\s*(\d+) kB$", status.read_text(encoding="ascii", errors="replace"), re.MULTILINE
        )
        return int(match[1]) // 2**10 if match else 0
    if sys.platform == "win32":
        return 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // 2**20 if sys.platform == "darwin" else peak // 2**10


NICENESS, LONG_NICENESS = 5, 10


def lower_priority(niceness: int = NICENESS) -> None:
    # pages are waited for at every key, a document once
    if hasattr(os, "nice"):
        os.nice(niceness)
