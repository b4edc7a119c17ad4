"""The service as it is served, in processes of its own, for tests that come through the door."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from http.client import BadStatusLine, HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.support.sample_office import ROOT, environment, settings_in

PEOPLE = ("staff", "reviewer", "approver", "officer", "admin")
UP_WITHIN = 90


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def serving(folder: Path, *, workers: int = 1, **settings: str) -> Iterator[str]:
    """The address of the sample office's service; it is stopped at the end."""
    port = free_port()
    env = {**environment(folder), "PYTHONPATH": str(ROOT), **settings}
    words = [sys.executable, "-m", "tests.support.live_server", str(folder), str(port), str(workers)]
    log = (folder / "served.log").open("ab")
    process = subprocess.Popen(words, env=env, cwd=ROOT, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address, process, folder)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)
        log.close()


def _wait(address: str, process: subprocess.Popen[bytes], folder: Path) -> None:
    until = time.monotonic() + UP_WITHIN
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=5):
                return
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.2)
    raise AssertionError((folder / "served.log").read_text(encoding="utf-8", errors="replace"))


class Program:
    """A program with a token, on a connection of its own."""

    def __init__(self, address: str, token: str) -> None:
        parts = urlsplit(address)
        self._place = (parts.hostname or "", parts.port or 80)
        self.place = parts.netloc
        self._token = token
        self.headers: Mapping[str, str] = {}
        self._connection = HTTPConnection(*self._place, timeout=120)

    def ask(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        """Status and what was answered: JSON as data, anything else as bytes."""
        sent = {"Authorization": f"Bearer {self._token}", **(headers or {})}
        content = None
        if body is not None:
            content = json.dumps(body, ensure_ascii=False).encode()
            sent["Content-Type"] = "application/json"
        answer = self._answered(method, f"/api/v1{path}", content, sent)
        received = answer.read()
        self.headers = dict(answer.headers)
        told = "json" in (answer.headers.get_content_type() or "")
        return answer.status, json.loads(received) if told and received else received

    def _answered(self, method: str, url: str, content: bytes | None, sent: dict[str, str]) -> HTTPResponse:
        """The answer; on a connection that the server closed meanwhile the request is sent once more."""
        try:
            self._connection.request(method, url, content, sent)
            return self._connection.getresponse()
        except (ConnectionError, BadStatusLine):
            self._connection.close()
            self._connection.request(method, url, content, sent)
            return self._connection.getresponse()

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()


def run_script(words: Sequence[str], **more: str) -> subprocess.CompletedProcess[str]:
    """A script with the Python of the tests."""
    return subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONUTF8": "1", **more},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=1800,
        check=False,
    )


def serve_sample_office(folder: str, port: str, workers: str) -> None:
    """The program behind :func:`serving`: the sample office under the production server."""
    from formsvc import backup_scheduler
    from formsvc.server import run

    settings = settings_in(Path(folder))
    if os.environ.get("SCHEDULED"):
        settings = replace(settings, demo=False)
        backup_scheduler.CHECK_INTERVAL = 0.5
    run(settings, host="127.0.0.1", port=int(port), workers=int(workers))


if __name__ == "__main__":
    serve_sample_office(*sys.argv[1:])
