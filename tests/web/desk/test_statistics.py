"""What is open and overdue in the office, counted by views that are files."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest

from formsvc.documents.view_folder import ViewFolder
from tests.support.issued_acts import before_the_order, order
from tests.support.memory_office import Office
from tests.support.page_client import Page, Visitor
from tests.support.paths import ROOT

Visit = Callable[[str], Visitor]
BY_KIND = {"id": "by_kind", "title": "按文书种类", "source": "due", "group": "form"}


@pytest.fixture
def busy(office: Office) -> Office:
    """An office in February with a case that nobody went on with since October."""
    before_the_order(office)
    order(office)
    office.clock.moment = office.clock.moment.replace(year=2027, month=2)
    return office


def have_views(office: Office, *views: dict[str, Any]) -> None:
    files = {view["id"]: json.dumps(view, ensure_ascii=False).encode() for view in views}
    office.ports.views.files = lambda: files


def numbers(page: Page) -> list[tuple[int, str]]:
    """Each number that leads to a list, with the address of the list."""
    links = [(("".join(a.itertext())).strip(), a.get("href", "")) for a in page.tree.iter("a")]
    return [
        (int(text.split()[0]), href) for text, href in links if text.split() and text.split()[0].isdigit()
    ]


def test_each_number_leads_to_a_list_of_as_many(busy: Office, visit: Visit) -> None:
    busy.ports.views.files = ViewFolder(ROOT / "form_definitions/views").files
    leader = visit("approver")
    page = leader.open("/statistics")
    assert "拖得最久的" in page.text and "已过期" in page.text
    for title in ("未办的事，按依据的文书", "未办的事，按承办人", "本年签发的文书，按月"):
        assert title in page.text
    found = numbers(page)
    assert len(found) > 8
    for count, address in found:
        text = leader.open(address).text
        assert f"共 {count} 项" in text or f"共 {count} 件" in text or (not count and "没有" in text), address


def test_one_more_file_is_one_more_view(busy: Office, visit: Visit) -> None:
    have_views(busy)
    assert "按文书种类" not in visit("approver").open("/statistics").text
    have_views(busy, BY_KIND)
    assert "按文书种类" in visit("approver").open("/statistics").text


def test_a_faulty_view_is_held_back_with_all_its_faults_and_the_others_are_shown(
    busy: Office, visit: Visit
) -> None:
    wrong = {"id": "other", "title": "错", "source": "planets", "group": "form", "colour": "red"}
    have_views(busy, BY_KIND, {**wrong, "id": "wrong"}, {**BY_KIND, "id": "unknown", "forms": ["T99"]})
    page = visit("admin").open("/statistics")
    assert "按文书种类" in page.text
    for said in ("views/wrong.json", "/source", "/title", "/colour", "没有编号为“T99”的文书"):
        assert said in page.text, said
    home, listed = visit("admin").open("/admin").text, visit("admin").open("/admin/definitions").text
    assert "views/unknown.json、views/wrong.json 有错误，没有使用" in home
    assert "没有编号为“T99”的文书" in listed
    # who does not administer cannot mend it and reads only the others
    assert "views/wrong.json" not in visit("approver").open("/statistics").text


def test_only_who_signs_or_administers_sees_the_office(busy: Office, visit: Visit) -> None:
    for person in ("staff", "officer", "reviewer"):
        assert "统计" not in visit(person).open("/").links()
        assert visit(person).open("/statistics").status == 403
    for person in ("approver", "admin"):
        assert "统计" in visit(person).open("/").links()


def test_the_workbook_has_the_numbers_of_the_page(busy: Office, visit: Visit) -> None:
    have_views(busy, BY_KIND)
    answer = visit("approver").client.get("/statistics/statistics.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    assert sheet is not None
    rows = [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert ["表", "项目", "数量、日期", "其中逾期"] in rows
    assert any(row[0] == "按文书种类" and int(str(row[2])) >= 1 for row in rows)
    assert any(row[0] == "已经逾期" and "已过期" in str(row[3]) for row in rows)
