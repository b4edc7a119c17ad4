"""What takes long to compute is computed beside the requests, and they say so meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from formsvc.demo.office import create_sample_office
from formsvc.storage.snapshot_file import SnapshotFile
from formsvc.storage.tinydb_store import TinyStore
from formsvc.usecases.administration import api_tokens, holiday_tables
from formsvc.usecases.cases import case_list, due_computation, due_list, struck_steps
from formsvc.usecases.cases.due_keeper import DueKeeper
from formsvc.usecases.cases.struck_steps import ChosenStep
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.definitions import DefinitionRepository
from formsvc.usecases.due_index import DueIndex
from tests.proofs.overdue_cases import fill
from tests.support.memory_office import SampleLibrary, SetClock, make_office
from tests.support.page_client import Visitor
from tests.usecases.administration.test_holiday_tables import TABLE
from tests.web.api.test_api import Program

CASES = 30
People = Callable[[str], Actor]


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take thirty cases for more than a request should compute."""
    monkeypatch.setattr(due_computation, "MOST_AT_ONCE", 5)


def kept(ports: Ports, folder: Path, program: bytes = b"1") -> DueKeeper:
    """Return the keeper of a server process that has just started."""
    snapshot = SnapshotFile(folder / "due-items", program)
    return DueKeeper(replace(ports, due_index=DueIndex(is_kept=True), due_snapshot=snapshot))


def whole(ports: Ports, actor: Actor) -> due_list.DuePage:
    return due_list.due_list(ports, actor, date.max)


def test_a_list_not_computed_yet_says_so_and_is_whole_afterwards(
    ports: Ports, actor: People, tmp_path: Path, many: None
) -> None:
    fill(ports, CASES)
    expected = whole(ports, actor("staff"))
    assert expected.total == 4 * CASES and not expected.notice
    keeper = kept(ports, tmp_path)
    before = whole(keeper.ports, actor("staff"))
    assert before.total == 0 and "还没有列出" in before.notice
    assert "还没有列出" in case_list.pending_cases(keeper.ports, actor("staff")).notice
    keeper.look()
    assert whole(keeper.ports, actor("staff")) == expected
    assert case_list.pending_cases(keeper.ports, actor("staff")) == case_list.pending_cases(
        ports, actor("staff")
    )


def test_a_process_that_starts_again_computes_only_what_was_written_since(
    ports: Ports, actor: People, tmp_path: Path, many: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(ports, CASES)
    kept(ports, tmp_path).look()
    (first,) = [d for d in whole(ports, actor("staff")).dues if d.step.step == "service"][:1]
    struck_steps.strike_off(
        ports, actor("reviewer"), [ChosenStep(first.after.id, "service")], "当事人已经停业（虚构）。"
    )
    computed: list[str] = []
    compute = due_computation.compute_pending

    def counted(tx: Any, acts: Any, office: Any) -> Any:
        computed.extend(act.id for act in acts)
        return compute(tx, acts, office)

    monkeypatch.setattr(due_computation, "compute_pending", counted)
    again = kept(ports, tmp_path)
    again.look()
    assert 1 <= len(computed) <= 3
    assert whole(again.ports, actor("staff")) == whole(ports, actor("staff"))
    # another version of the program computes everything anew
    newer = kept(ports, tmp_path, b"2")
    assert whole(newer.ports, actor("staff")).notice
    newer.look()
    assert whole(newer.ports, actor("staff")) == whole(ports, actor("staff"))


def test_what_another_store_had_is_not_taken_over(
    ports: Ports, actor: People, tmp_path: Path, clock: SetClock, many: None
) -> None:
    fill(ports, CASES)
    kept(ports, tmp_path).look()
    assert isinstance(ports.store, TinyStore)
    # a backup of before is brought back, and the office goes on with other documents
    store = TinyStore(tmp_path / "other" / "store.db")
    definitions = DefinitionRepository(SampleLibrary(), store, ports.files, clock)
    other = replace(ports, store=store, definitions=definitions, due_index=DueIndex())
    create_sample_office(other)
    fill(other, CASES + 1)
    keeper = kept(other, tmp_path)
    keeper.look()
    assert whole(keeper.ports, actor("staff")).total == 4 * (CASES + 1)


def test_after_a_new_table_of_days_off_the_former_days_are_shown_with_a_notice(
    ports: Ports, actor: People, tmp_path: Path, many: None, clock: SetClock
) -> None:
    fill(ports, CASES)
    keeper = kept(ports, tmp_path)
    keeper.look()
    before = whole(keeper.ports, actor("staff"))
    assert not before.notice
    holiday_tables.import_table(ports, actor("admin"), TABLE)
    meanwhile = whole(keeper.ports, actor("staff"))
    assert meanwhile.total == before.total and "正在重新计算" in meanwhile.notice
    keeper.look()
    after = whole(keeper.ports, actor("staff"))
    assert not after.notice and after == whole(replace(ports, due_index=DueIndex()), actor("staff"))


def test_pages_say_that_nothing_is_listed_yet_and_programs_are_asked_to_wait(
    tmp_path: Path, many: None
) -> None:
    office = make_office(tmp_path)
    fill(office.ports, CASES)
    office.ports.due_index.is_kept = True
    visitor = Visitor(office.app)
    visitor.sign_in("staff")
    for path in ("/", "/due", "/cases"):
        text = visitor.open(path).text
        assert "还没有列出，请稍候刷新" in text and "没有到期的事项" not in text, path
    program = Program(office, api_tokens.add_token(office.ports, "程序", "staff"))
    for path in ("/due", "/cases"):
        assert program.ask("GET", path).status_code == 503
    DueKeeper(office.ports).look()
    assert f"共 {CASES} 个案件" in visitor.open("/cases").text
    assert program.ask("GET", "/cases").get_json()["total"] == CASES
