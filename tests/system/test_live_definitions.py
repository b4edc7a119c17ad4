"""A definition dropped into the folder of a running service is live soon, or held back alone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from formsvc.bootstrap import build_ports
from formsvc.demo import office
from formsvc.demo.office import sample_actor
from formsvc.usecases.administration import alerts, api_tokens
from formsvc.usecases.context import Ports
from formsvc.usecases.event_log import list_events
from tests.documents.workers.test_limited_checker import endless_template
from tests.support.command_process import run_command
from tests.support.live_server import Program, serving
from tests.support.paths import ROOT
from tests.support.sample_office import environment, settings_in

# 5 s on a machine with nothing else to do; here other tests take their share
LIVE_WITHIN = 20.0
KINDS = ("T07", "T22", "T34")


@dataclass
class HealthWatch:
    """Requests to /healthz, one after another, in a thread; their status and time."""

    address: str
    statuses: set[int] = field(default_factory=set)
    slowest: float = 0.0

    def run(self, stop: threading.Event) -> None:
        while not stop.wait(0.1):
            start = time.monotonic()
            with urllib.request.urlopen(f"{self.address}/healthz", timeout=30) as response:
                self.statuses.add(response.status)
            self.slowest = max(self.slowest, time.monotonic() - start)


@dataclass(frozen=True)
class LiveOffice:
    """A service with two workers, its folders, and what one of its clients sees."""

    folder: Path
    definitions: Path
    templates: Path
    program: Program
    health: HealthWatch
    names: dict[str, str]

    def drop(self, form: str, template: bytes | None = None, **changes: str) -> None:
        """Put a copy of T07 under another id into the folders."""
        content = json.loads((ROOT / "form_definitions/T07.json").read_text(encoding="utf-8"))
        content |= {"id": form, "template": f"{form}.docx", "title": f"试用的{form}", **changes}
        word = template or (ROOT / "doc_templates/T07.docx").read_bytes()
        (self.templates / f"{form}.docx").write_bytes(word)
        (self.definitions / f"{form}.json").write_text(
            json.dumps(content, ensure_ascii=False), encoding="utf-8"
        )

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command over the folders of the service."""
        return run_command(words, {**environment(self.folder), **self.names}, ROOT)

    def ports(self) -> Ports:
        """Open the office as another program does."""
        settings = replace(settings_in(self.folder), definitions=self.definitions, templates=self.templates)
        return build_ports(replace(settings, limits=replace(settings.limits, check_seconds=6)))

    def forms(self) -> set[str]:
        """Return the forms on offer, which every worker is asked for."""
        offers = [self._offer() for _ in range(4)]
        return set.intersection(*offers)

    def _offer(self) -> set[str]:
        status, offer = self.program.ask("GET", "/forms")
        # a new connection may be to another worker
        self.program.close()
        assert status == 200, offer
        return {form["id"] for form in offer["items"]}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveOffice]:
    folder = tmp_path_factory.mktemp("live")
    definitions, templates = folder / "definitions", folder / "templates"
    for shared in ("groups", "lookups", "registers"):
        shutil.copytree(ROOT / "form_definitions" / shared, definitions / shared)
    templates.mkdir()
    for form in KINDS:
        shutil.copy(ROOT / f"form_definitions/{form}.json", definitions)
        shutil.copy(ROOT / f"doc_templates/{form}.docx", templates)
    settings = replace(settings_in(folder), definitions=definitions, templates=templates)
    office.clear(settings)
    ports = build_ports(settings)
    office.create_sample_office(ports)
    token = api_tokens.add_token(ports, "目录", "staff", limit=60_000)
    names = {
        "FORMSVC_DEFINITIONS": str(definitions),
        "FORMSVC_TEMPLATES": str(templates),
        "FORMSVC_CHECK_SECONDS": "6",
    }
    with serving(folder, workers=2, **names) as address:
        health, stop = HealthWatch(address), threading.Event()
        watch = threading.Thread(target=health.run, args=(stop,))
        watch.start()
        yield LiveOffice(folder, definitions, templates, Program(address, token), health, names)
        stop.set()
        watch.join()


def becomes_true(condition: Callable[[], bool], within: float) -> bool:
    until = time.monotonic() + within
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.1)
    return condition()


def test_a_clean_pair_is_live_within_seconds_in_every_worker(live: LiveOffice) -> None:
    live.drop("T91")
    assert becomes_true(lambda: "T91" in live.forms(), LIVE_WITHIN)


@pytest.mark.skipif(os.name != "posix", reason="named pipes and links without rights are there on POSIX only")
def test_faulty_pairs_leave_every_page_and_the_other_forms_alone(live: LiveOffice) -> None:
    assert becomes_true(lambda: set(KINDS) <= live.forms(), LIVE_WITHIN)
    live.drop("T92", template=endless_template())
    live.drop("T93", title="责令\0改正")
    (live.definitions / "T94.json").symlink_to("nowhere")
    os.mkfifo(live.definitions / "T95.json")
    live.drop("T96")
    # T96 comes after the pair that takes all its time
    assert becomes_true(lambda: "T96" in live.forms(), LIVE_WITHIN + 10)
    assert not {"T92", "T93", "T94", "T95"} & live.forms()
    assert live.health.statuses == {200}
    assert live.health.slowest < 2


def test_the_log_says_what_was_published_from_where_with_which_hashes(live: LiveOffice) -> None:
    assert becomes_true(lambda: "T91" in live.forms(), LIVE_WITHIN)
    ports = live.ports()
    notes = [str(event.note) for event in list_events(ports, sample_actor(ports, "admin")).events]
    (note,) = [note for note in notes if note.startswith("发布文书 T91")]
    assert str(live.definitions / "T91.json") in note
    assert ports.definitions.current_revision("T91").template in note


@pytest.mark.skipif(os.name != "posix", reason="named pipes and links without rights are there on POSIX only")
def test_the_administrators_home_names_the_faulty_pairs(live: LiveOffice) -> None:
    messages = [str(alert.message) for alert in alerts.list_alerts(live.ports())]
    assert any("T92" in m and "T93" in m and "T94" in m and "T95" in m for m in messages), messages
    assert any("T91" in message and "文号系列" in message for message in messages)


def test_a_form_is_held_back_and_released_at_the_console(live: LiveOffice) -> None:
    assert becomes_true(lambda: "T22" in live.forms(), LIVE_WITHIN)
    done = live.command("form", "hold", "T22", "--reason", "样本错误")
    assert done.returncode == 0, done.stderr
    assert becomes_true(lambda: "T22" not in live.forms(), LIVE_WITHIN)
    assert live.command("form", "release", "T22").returncode == 0
    assert becomes_true(lambda: "T22" in live.forms(), LIVE_WITHIN)
    assert live.command("form", "hold", "T77").returncode == 1
