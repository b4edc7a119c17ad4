"""An office that is set up step by step, with its number series made in one press."""

from __future__ import annotations

from collections.abc import Callable

from formsvc.domain.acts.act import State
from formsvc.usecases.numbering import register as number_registers
from tests.support.issued_acts import before_the_order, order
from tests.support.memory_office import Office
from tests.support.page_client import Visitor

Visit = Callable[[str], Visitor]


def without_series(office: Office) -> None:
    with office.ports.store.write() as tx:
        for series in tx.series.find():
            tx.series.remove(series["id"])


def test_each_step_says_what_is_missing_and_leads_there(office: Office, visit: Visit) -> None:
    without_series(office)
    with office.ports.store.write() as tx:
        for officer in tx.officers.find():
            tx.officers.remove(officer["id"])
        for authority in tx.authorities.find():
            tx.authorities.replace(authority["id"], {**authority, "people": []})
    admin = visit("admin")
    assert "签发以前还差 3 步" in admin.open("/admin").text
    page = admin.open("/admin/start")
    for said in ("签发第一件文书以前还差 3 步", "人员名单是空的", "执法人员不足两名", "签发时不能编号"):
        assert said in page.text, said
    for name in ("去做：执法人员", "去做：文号系列", "改：人员和权限"):
        link = next(a for a in page.tree.iter("a") if a.get("aria-label") == name)
        assert admin.open(link.get("href", "")).status == 200
    assert visit("staff").open("/admin/start").status == 403


def test_proposed_series_are_made_in_one_press_and_number_a_document(office: Office, visit: Visit) -> None:
    before_the_order(office)
    without_series(office)
    admin = visit("admin")
    page = admin.open("/admin/start")
    assert "绥北（东）消限字〔2026〕第0001号" in page.text
    names = [box.get("value", "") for box in page.tree.iter("input") if box.get("name") == "series"]
    # in the brigade's name by the town, and in one's own
    assert "brigade-donghe-t22" in names and "donghe-t23" in names
    # neither serves nor entrusts in a name it has no power in
    assert "donghe-t01" not in names
    page = admin.press("一次建好勾选的系列", {"first-brigade-donghe-t22": "8"}, series=names)
    assert f"已建好文号系列 {len(names)} 个" in page.text and "拟好的文号系列" not in page.text
    act = order(office, State.REVIEWED)
    approver = visit("approver")
    approver.open(f"/approval/{act.id}")
    assert "绥北（东）消限字〔2026〕第0008号" in approver.press("签发并编号").text
    assert number_registers.number_register(office.ports, "brigade-donghe-t22", 2026) is not None


def test_a_wrong_first_number_makes_no_series_at_all(office: Office, visit: Visit) -> None:
    without_series(office)
    admin = visit("admin")
    admin.open("/admin/start")
    chosen = ["donghe-t22", "donghe-t21"]
    page = admin.press("一次建好勾选的系列", {"first-donghe-t22": "零"}, series=chosen)
    assert page.status == 422 and "从第几号起应当是不小于 1 的整数" in page.errors[0]
    assert page.element("f-first-donghe-t22").get("value") == "零"
    with office.ports.store.read() as tx:
        assert tx.series.find() == []
