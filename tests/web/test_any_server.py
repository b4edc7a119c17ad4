"""``create_app()`` under any WSGI server is the service that ``formsvc serve`` runs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

import formsvc
from formsvc.config import Settings, read_settings
from formsvc.usecases.context import Ports
from tests.support.memory_office import Office, make_office


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    made = make_office(tmp_path / "office")
    monkeypatch.setattr("formsvc.app.build_ports", lambda _settings: made.ports)
    return made


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The threads that a process starts for backups and due items."""
    names: list[str] = []

    class Noted:
        def __init__(self, _ports: Ports, **environment: object) -> None:
            self._name = f"backups of {len(environment)}" if environment else "due items"

        def start(self) -> None:
            names.append(self._name)

    monkeypatch.setattr("formsvc.app.BackupScheduler", Noted)
    monkeypatch.setattr("formsvc.app.DueKeeper", Noted)
    yield names


def made(settings: Settings) -> Flask:
    return formsvc.create_app(settings)


def settings_of(folder: Path) -> Settings:
    return read_settings({}, instance=folder)


def test_backups_are_made_on_schedule_in_each_process(
    office: Office, started: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = made(settings_of(tmp_path))
    assert started == ["backups of 1", "due items"]
    app.test_client().get("/sign-in")
    assert len(started) == 2, "once in a process"
    # a server that forks after it has made the application leaves the threads behind
    monkeypatch.setattr("formsvc.app.os.getpid", lambda: 4711)
    together = [threading.Thread(target=lambda: app.test_client().get("/healthz")) for _ in range(4)]
    for thread in together:
        thread.start()
    for thread in together:
        thread.join()
    assert len(started) == 4


def test_a_sample_office_shows_that_it_is_one_and_serves_this_machine_only(
    office: Office, started: list[str], tmp_path: Path
) -> None:
    (tmp_path / "DEMO").touch()
    client = made(settings_of(tmp_path)).test_client()
    assert "演示数据，不具有法律效力" in client.get("/sign-in").get_data(as_text=True)
    assert client.get("/sign-in", headers={"Host": "evil.example"}).status_code == 400
    (tmp_path / "DEMO").unlink()
    client = made(settings_of(tmp_path)).test_client()
    assert "演示数据" not in client.get("/sign-in").get_data(as_text=True)


def test_a_public_address_is_the_only_one_answered(
    office: Office, started: list[str], tmp_path: Path
) -> None:
    settings = replace(settings_of(tmp_path), public_url="https://forms.example/xf")
    client = made(settings).test_client()
    assert client.get("/sign-in", headers={"Host": "other.example"}).status_code == 400
    answer = client.get("/acts", headers={"Host": "forms.example"})
    assert answer.headers["Location"].startswith("/xf/sign-in")
