"""Many overdue cases: the lists ask the store the same few questions, however many there are."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from formsvc.domain.cases import next_steps
from formsvc.domain.cases.case_act import CaseAct, CaseRules
from tests.proofs.overdue_cases import PAGES, fill
from tests.support import memory_store
from tests.support.memory_office import Office
from tests.support.page_client import Visitor


@pytest.mark.parametrize("cases", [30, 120])
def test_lists_of_overdue_cases_take_few_queries(
    office: Office, visit: Callable[[str], Visitor], monkeypatch: pytest.MonkeyPatch, cases: int
) -> None:
    office.clock.moment = office.clock.moment.replace(year=2028)
    fill(office.ports, cases)
    admin = visit("admin")
    # each case: serve the notice, serve the order, inspect the order again, order at once
    assert f"共 {4 * cases} 项" in admin.open(PAGES["due items"]).text
    assert f"共 {cases} 个案件" in admin.open(PAGES["cases"]).text
    asked = 0
    find = memory_store.MemoryCollection.find

    def counted(self: memory_store.MemoryCollection, *conditions: object, **more: object) -> object:
        nonlocal asked
        asked += 1
        return find(self, *conditions, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(memory_store.MemoryCollection, "find", counted)
    for name, path in PAGES.items():
        asked = 0
        admin.open(path)
        assert asked <= 12, (name, asked)


def test_lists_compute_steps_once_and_anew_only_for_what_changed(
    office: Office, visit: Callable[[str], Visitor], monkeypatch: pytest.MonkeyPatch
) -> None:
    office.clock.moment = office.clock.moment.replace(year=2028)
    fill(office.ports, 60)
    reviewer = visit("reviewer")
    for path in PAGES.values():
        reviewer.open(path)
    asked: list[str] = []
    steps_of = next_steps._all_steps

    def counted(acts: Sequence[CaseAct], rules: CaseRules, *, must: bool) -> object:
        asked.extend(act.id for act in acts)
        return steps_of(acts, rules, must=must)

    monkeypatch.setattr(next_steps, "_all_steps", counted)
    for path in PAGES.values():
        reviewer.open(path)
    assert asked == []
    listed = reviewer.open(PAGES["due items"])
    box = next(box for box in listed._all("input") if box.get("name") == "step")
    reviewer.open(f"/due/strike-off?step={box.get('value')}")
    reviewer.press("销项", {"reason": "虚构：当事人已经停业。"})
    asked.clear()
    assert "共 239 项" in reviewer.open(PAGES["due items"]).text
    for path in PAGES.values():
        reviewer.open(path)
    # the act, its source and the documents of one case, in each of the lists
    assert 1 <= len(asked) <= 20
