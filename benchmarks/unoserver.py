"""A warm LibreOffice behind unoserver, the fastest way it offers."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import xmlrpc.client
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.cpu_time import descendants
from benchmarks.libreoffice import fontconfig
from formsvc.docxpdf import FontCatalog

_STARTING_SECONDS = 90
_PROGRAM = Path(__file__).resolve().parents[1] / ".venv" / "unoserver" / "bin" / "unoserver"


def find_soffice() -> str | None:
    """Return the program: named by UNOSERVER, on the path, or from ``make bench``."""
    named = os.environ.get("UNOSERVER") or shutil.which("unoserver")
    return named or (str(_PROGRAM) if _PROGRAM.exists() else None)


class UnoServer:
    """One running unoserver."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self._process = process
        self._address = f"http://127.0.0.1:{port}"

    def pdf(self, word: bytes) -> bytes:
        with xmlrpc.client.ServerProxy(self._address, allow_none=True) as server:
            made = server.convert(None, xmlrpc.client.Binary(word), None, "pdf", None, [], True)
        return bytes(made.data)  # type: ignore[union-attr]

    def pids(self) -> list[int]:
        """Ids of the server and of LibreOffice."""
        return descendants(self._process.pid)

    def is_ready(self, word: bytes) -> bool:
        try:
            return bool(self.pdf(word))
        except (OSError, xmlrpc.client.Error):
            return False


@contextmanager
def start_servers(count: int, fonts: FontCatalog, folder: Path, sample: bytes) -> Iterator[list[UnoServer]]:
    """Yield warm servers; none if unoserver or LibreOffice is missing."""
    program = find_soffice()
    if program is None or shutil.which("soffice") is None:
        yield []
        return
    config = folder / "office-fonts.conf"
    config.write_text(fontconfig(fonts, folder / "office-fontcache"), encoding="utf-8")
    with ExitStack() as stack:
        started = [stack.enter_context(_running(program, config)) for _ in range(count)]
        until = time.monotonic() + _STARTING_SECONDS
        while not all(server.is_ready(sample) for server in started):
            if time.monotonic() > until:
                yield []
                return
            time.sleep(0.5)
        yield started


@contextmanager
def _running(program: str, config: Path) -> Iterator[UnoServer]:
    port, inner = _free_port(), _free_port()
    words = [program, "--interface", "127.0.0.1", "--port", str(port), "--uno-port", str(inner)]
    process = subprocess.Popen(
        words,
        env={**os.environ, "FONTCONFIG_FILE": str(config), "PYTHONPATH": ""},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield UnoServer(process, port)
    finally:
        process.terminate()
        process.wait(30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
