"""Many overdue cases: the lists ask the store the same few questions, however many there are."""

from __future__ import annotations

from collections.abc import Callable

import pytest

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
