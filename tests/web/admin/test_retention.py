"""The page of retention: the rule, the acts that are due, and their erasure with a reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from tests.support.issued_acts import ENTRUSTMENT, issued
from tests.support.memory_office import Office
from tests.support.page_client import Visitor

Visit = Callable[[str], Visitor]


def ten_years_on(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    later = office.clock.now().replace(year=2047)
    monkeypatch.setattr(office.clock, "today", lambda: date(2047, 9, 21))
    monkeypatch.setattr(office.clock, "now", lambda: later)


def test_what_is_due_is_listed_and_erased_with_a_reason(
    office: Office, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    act = issued(office, ENTRUSTMENT)
    ten_years_on(office, monkeypatch)
    chen = visit("admin")
    page = chen.open("/admin/retention")
    assert "没有期满的文书" in page.text
    rule = {f"years-{family}": "10" for family in "ABCDX" if f'name="years-{family}"' in page.html}
    page = chen.press("保存期限规定", {**rule, next(iter(rule)): "许多"})
    assert page.status == 422 and page.errors == ["保存年数应当是 1 到 100 的整数，永久保存的留空。"]
    page = chen.press("保存期限规定", rule)
    assert act.number in page.text and "期满" in page.text
    page = chen.press("删除个人信息和文件", {"acts": [act.id], "reason": ""})
    assert page.status == 422 and "请写明删除的依据和批准人" in page.text
    page = chen.press("删除个人信息和文件", {"acts": [act.id], "reason": "档案鉴定第3号，局长批准"})
    assert "已删除 1 件文书的个人信息和正式文件" in page.text and act.number not in page.text
    shown = chen.open(f"/acts/{act.id}")
    assert "已过保存期限" in shown.text and "档案鉴定第3号" in shown.text
    assert chen.open(f"/acts/{act.id}/document.pdf").status == 404
    assert office.ports.store.verify() == []


@pytest.mark.parametrize("name", ["staff", "approver"])
def test_the_page_is_for_administrators(visit: Visit, name: str) -> None:
    assert visit(name).open("/admin/retention").status == 403
