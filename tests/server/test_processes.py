"""Workers that end: another one starts, unless none has ever served."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from formsvc.server import processes
from formsvc.server.processes import StartFailed, Supervisor

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has one process")


@pytest.fixture(autouse=True)
def own_signals(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give the tests their signals back, and let them wait less."""
    monkeypatch.setattr(processes, "RESTART_PAUSE", 0.1)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_worker_that_ends_at_its_start_does_not_end_a_service_that_has_run(tmp_path: Path) -> None:
    def serve(report_alive: Callable[[], None]) -> None:
        number = len(list(tmp_path.iterdir()))
        (tmp_path / str(number)).touch()
        if number == 1:
            os._exit(1)
        report_alive()
        if number == 2:
            os.kill(os.getppid(), signal.SIGTERM)
            time.sleep(60)
        # it has served for a moment
        time.sleep(1)
        os._exit(1)

    Supervisor(serve, 1, lambda _process: None).run()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0", "1", "2"]


def test_a_service_whose_first_worker_ends_at_its_start_says_so() -> None:
    def serve(_report_alive: Callable[[], None]) -> None:
        os._exit(3)

    with pytest.raises(StartFailed) as failure:
        Supervisor(serve, 1, lambda _process: None).run()
    assert failure.value.args == (3,)
