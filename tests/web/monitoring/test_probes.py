"""What monitors ask: does the process answer, can the store be used."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from formsvc.web.monitoring.probes import HEALTH_SECONDS
from tests.support.memory_office import Office

HALF_A_SECOND = 0.5


@contextmanager
def stuck(office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A store whose disk does not answer."""
    over = threading.Event()

    def health() -> dict[str, Any]:
        over.wait(30)
        return {"engine": "memory"}

    with monkeypatch.context() as patch:
        patch.setattr(office.ports.store, "health", health)
        yield
        assert not over.is_set(), "answered while the store hangs"
        over.set()


def asked(office: Office, path: str) -> tuple[int, Any]:
    # the time itself is measured while many clients are served: tests/server/test_busy_series.py
    assert HEALTH_SECONDS < HALF_A_SECOND
    answer = office.app.test_client().get(path)
    return answer.status_code, answer.get_json(silent=True)


def test_liveness_touches_neither_store_nor_session(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_given: Any, **_more: Any) -> None:
        raise AssertionError("touched")

    for name in ("read", "write", "health", "free_bytes"):
        monkeypatch.setattr(office.ports.store, name, refuse)
    monkeypatch.setattr(office.app.session_interface, "open_session", refuse)
    client = office.app.test_client()
    for answer in (client.get("/livez"), client.head("/livez"), client.get("/livez?x=1")):
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers and answer.headers["Cache-Control"] == "no-store"
    with pytest.raises(AssertionError):
        client.get("/livezz")


def test_health_reads_no_session(office: Office) -> None:
    client = office.app.test_client()
    client.set_cookie("formsvc", "nonsense")
    answer = client.get("/healthz")
    assert answer.status_code == 200 and "Set-Cookie" not in answer.headers


def test_a_store_that_hangs_is_told_within_half_a_second(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office.ports.store, "is_written_within", lambda _seconds: False)
    with stuck(office, monkeypatch):
        for _again in range(2):
            status, told = asked(office, "/healthz")
            assert status == 503 and told["message"] == "数据库没有及时应答。"
        assert asked(office, "/livez")[0] == 200
    time.sleep(0.05)
    assert asked(office, "/healthz")[0] == 200


def test_a_store_in_demand_is_not_a_store_that_fails(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    with stuck(office, monkeypatch):
        with office.ports.store.write() as tx:
            tx.settings.insert("probe", {})
        assert asked(office, "/healthz")[0] == 200
