"""The pages of registers: what a clerk does there without scripts, from a new shop to an import that is taken back."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest

from formsvc.demo.office import sample_actor
from formsvc.usecases.registers.row_changes import RowChange, keep_row
from formsvc.usecases.registers.row_search import find_rows
from tests.support.memory_office import Office
from tests.support.page_client import Page, Visitor
from tests.usecases.registers.test_row_changes import SHOP
from tests.usecases.registers.test_row_import import line, workbook

Visit = Callable[[str], Visitor]


def token(page: Page) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.html)
    assert found
    return found[1]


def send(visitor: Visitor, path: str, **fields: object) -> Page:
    """Send a form as its page has it."""
    page = visitor.open(path.partition("#")[0])
    answer = visitor.client.post(
        path.partition("#")[0], data={"csrf_token": token(page), **fields}, follow_redirects=True
    )
    return Page(answer)


@pytest.fixture
def clerk(visit: Visit) -> Visitor:
    return visit("staff")


def test_a_clerk_adds_a_shop_finds_it_changes_it_and_ends_it(office: Office, clerk: Visitor) -> None:
    missing = send(clerk, "/registers/objects/new", **{**SHOP, "name": ""})
    assert missing.status == 422 and "请填写名称" in missing.text and "中心街66号" in missing.html
    added = send(clerk, "/registers/objects/new", **SHOP)
    assert "已新增“春晖超市”，编号 2312020700001" in added.text and "199******55" in added.text
    row = find_rows(office.ports, sample_actor(office.ports, "staff"), "objects", "chcs")[0].row
    listed = send(clerk, "/registers/objects", text="chcs")
    assert "第 1–1 家，共 1 家" in listed.text and "春晖超市" in listed.links()
    changed = send(
        clerk, f"/registers/objects/rows/{row}/edit", **{**SHOP, "legal_rep": "李春阳"}, reason="换了经营者"
    )
    assert "李春晖 → 李春阳" in changed.text and "理由：换了经营者" in changed.text
    ended = send(clerk, f"/registers/objects/rows/{row}/end", usual="停业", day="2026-09-21")
    assert "已停用" in ended.text and "停业" in ended.text
    assert "还没有登记" in clerk.open("/registers/objects").text
    assert "春晖超市" in clerk.open("/registers/objects?view=ended").links()


def test_personal_data_are_masked_until_asked_for_and_the_look_is_logged(
    office: Office, clerk: Visitor
) -> None:
    shop = keep_row(office.ports, sample_actor(office.ports, "staff"), "objects", RowChange(SHOP))
    page = clerk.open(f"/registers/objects/rows/{shop.row}")
    assert "19900000055" not in page.html and "19900000055" not in clerk.open("/registers/objects").html
    plain = clerk.client.post(
        f"/registers/objects/rows/{shop.row}/personal", data={"csrf_token": token(page)}
    )
    assert "19900000055" in plain.get_data(as_text=True)
    with office.ports.store.read() as tx:
        assert [e["by"] for e in tx.events.find() if e["kind"] == "Viewed" and "名录" in e["note"]] == [
            "staff"
        ]


def test_a_reviewer_reads_and_is_offered_nothing_to_change(office: Office, visit: Visit) -> None:
    reviewer = visit("reviewer")
    page = reviewer.open("/registers/objects")
    assert "新增一家" not in page.links() and "从 Excel 导入" not in page.links()
    assert reviewer.client.get("/registers/objects/new").status_code in (403, 409, 422)


def test_duplicates_are_merged_with_both_histories_or_kept_apart(office: Office, clerk: Visitor) -> None:
    actor = sample_actor(office.ports, "staff")
    first = keep_row(office.ports, actor, "objects", RowChange({**SHOP, "phone": "19900000001"}))
    other = RowChange({**SHOP, "addr": "中心街 66 号", "floors": "2"}, accepted=frozenset({first.row}))
    second = keep_row(office.ports, actor, "objects", other)
    page = clerk.open("/registers/objects/duplicates")
    assert page.html.count("春晖超市") >= 2
    merged = send(
        clerk, "/registers/objects/duplicates", row=[first.row, second.row], kept=first.row, reason="同一家", do="merge"
    )  # fmt: skip
    assert "已合并" in merged.text and "没有疑似重复的" in merged.text
    kept = clerk.open(f"/registers/objects/rows/{first.row}")
    assert "与另一家合并" in kept.text and "层数" in kept.text
    assert "已并入这一家" in clerk.open(f"/registers/objects/rows/{second.row}").links()


def test_a_workbook_is_checked_row_by_row_decided_and_taken_back(office: Office, clerk: Visitor) -> None:
    book = workbook(line(), line("", addr="老街9号"), line("宏运汽配", addr="新街2号"))
    page = clerk.open("/registers/objects/import")
    sent = {"csrf_token": token(page), "book": (io.BytesIO(book), "九小场所.xlsx")}
    columns = clerk.client.post("/registers/objects/import", data=sent, follow_redirects=True)
    path = columns.request.path
    shown = Page(columns)
    assert path.endswith("/columns") and "序号" in shown.text and "工作表“Sheet”" in shown.text
    chosen = re.findall(
        r'name="(column-\d+)".*?(?:<option value="([^"]*)" selected>|</select>)', shown.html, re.S
    )
    review = send(clerk, path, **dict(chosen))
    assert "新增 2" in review.text and "要处理 1" in review.text and "请填写名称" in review.text
    address = path.removesuffix("/columns")
    refused = send(clerk, address, line="4", do="all")
    assert refused.status in (409, 422) and "还有 1 行没有决定" in refused.text
    fixed = send(clerk, address, **{"line": "4", "cell-4:name": "老街旅店", "do": "all"})
    assert "已导入：新增 3 行" in fixed.text
    assert "第 1–3 家，共 3 家" in clerk.open("/registers/objects").text
    row = find_rows(office.ports, sample_actor(office.ports, "staff"), "objects", "老街旅店")[0].row
    history = clerk.open(f"/registers/objects/rows/{row}")
    assert "Excel 导入“九小场所.xlsx”第 4 行" in history.links()
    batch = history.links()["Excel 导入“九小场所.xlsx”第 4 行"]
    back = clerk.client.post(f"{batch}/withdraw", data={"csrf_token": token(history)}, follow_redirects=True)
    assert "已撤回这次导入，共 3 行" in back.get_data(as_text=True)


def test_a_token_of_another_person_or_a_forged_one_shows_no_upload(
    office: Office, clerk: Visitor, visit: Visit
) -> None:
    assert clerk.client.get("/registers/objects/import/forged").status_code == 404


def test_a_list_is_one_view_filtered_sorted_and_goes_out_as_excel(office: Office, clerk: Visitor) -> None:
    actor = sample_actor(office.ports, "staff")
    for number, (village, risk) in enumerate([("甲村", "高"), ("乙村", "低"), ("甲村", "低")], 1):
        keep_row(
            office.ports,
            actor,
            "objects",
            RowChange(
                {**SHOP, "name": f"店{number}", "addr": f"{number}号", "village": village, "risk": risk}
            ),
        )
    page = clerk.open("/registers/objects?c_village=甲村&sort=addr&order=desc")
    assert re.findall("店[0-9]", page.text) == ["店3", "店1"]
    assert "风险高的 1" in clerk.open("/registers/objects").text
    export = clerk.client.get("/registers/objects/export.xlsx?c_village=甲村")
    assert export.data.startswith(b"PK") and "filename*" in export.headers["Content-Disposition"]
    assert clerk.client.get("/registers/objects/template.xlsx").data.startswith(b"PK")
    assert "监管对象名录库" in clerk.open("/registers").links()
