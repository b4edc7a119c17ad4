"""The service as a process: what it writes at start, and finishes when it is stopped."""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from formsvc.documents.workers.process import WorkerProcess
from tests.support.paths import ROOT

ONE_WORKER = """
import os, sys, time
from formsvc import app, server
from formsvc.config import read_settings

def slow(environ, start_response):
    # one write: two threads may print at once
    os.write(1, b"entered\\n")
    time.sleep(1)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"done"]

app.create_app = lambda settings: slow
listener = server.listen("127.0.0.1", 0)
print(listener.getsockname()[1], flush=True)
server.run(read_settings(), host="127.0.0.1", port=0, workers=1, listener=listener)
"""


@pytest.mark.skipif(os.name != "posix", reason="SIGTERM is of POSIX")
def test_one_worker_too_finishes_what_is_under_way_when_it_is_stopped(tmp_path: Path) -> None:
    env = {
        **os.environ,
        "FORMSVC_INSTANCE": str(tmp_path),
        "FORMSVC_LOG_FORMAT": "json",
        "PYTHONPATH": str(ROOT),
    }
    process = subprocess.Popen(
        [sys.executable, "-c", ONE_WORKER],
        env=env,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        answers: list[bytes] = []

        def ask() -> None:
            with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
                connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                answers.append(connection.makefile("rb").read())

        clients = [threading.Thread(target=ask) for _ in range(3)]
        for client in clients:
            client.start()
        assert [process.stdout.readline().strip() for _ in clients] == ["entered"] * 3
        process.send_signal(signal.SIGTERM)
        for client in clients:
            client.join()
        assert [answer.endswith(b"done") for answer in answers] == [True] * 3
        _out, err = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0
    started, stopped = [json.loads(line) for line in err.splitlines()]
    assert (
        started["message"].startswith("formsvc ") and f"serves http://127.0.0.1:{port}" in started["message"]
    )
    assert str(tmp_path) in started["message"] and stopped["message"] == "stopped"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for the process in /proc")
def test_a_worker_nobody_uses_any_more_leaves_no_dead_process() -> None:
    worker = WorkerProcess("formsvc.documents.workers.workbook_reader", {})
    place = Path(f"/proc/{worker.pid}")
    assert place.exists()
    del worker
    gc.collect()
    until = time.monotonic() + 20
    while place.exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not place.exists()
