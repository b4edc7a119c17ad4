"""What an administrator keeps: people, offices, authorities, officers, series, paper entrustments, definitions, rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from formsvc.errors import Fault
from formsvc.usecases.administration import accounts, office_settings, records
from formsvc.usecases.definitions import DefinitionRepository
from formsvc.usecases.numbering import register as number_registers
from formsvc.usecases.ports import DefinitionFile
from tests.support.issued_acts import ENTRUSTMENT, before_the_order, issued, order
from tests.support.memory_office import Office, SampleLibrary
from tests.support.page_client import Page, Visitor

Visit = Callable[[str], Visitor]


@pytest.fixture
def chen(visit: Visit) -> Visitor:
    """管理员陈静."""
    return visit("admin")


def kept(office: Office, kind: str, **wanted: Any) -> dict[str, Any]:
    """The record of a kind with these values."""
    return next(
        record
        for record in records.list_records(office.ports, kind)
        if all(record.get(key) == value for key, value in wanted.items())
    )


# People ----------------------------------------------------------------------------------------------


def test_a_new_person_gets_a_password_that_is_shown_once(office: Office, chen: Visitor) -> None:
    chen.open("/admin/people/new")
    page = chen.press(
        "保存人员", id="zhoujie", display_name="周洁", office="donghe", roles=["brigade|reviewer"]
    )
    assert page.h1 == "周洁 的密码"
    password = next("".join(p.itertext()) for p in page.tree.iter("p") if p.get("class") == "one-time")
    account = accounts.get_account(office.ports, "zhoujie")
    assert account is not None
    assert account.roles == {"brigade": ["reviewer"]}
    assert password not in chen.open("/admin/people/zhoujie").html
    assert Visitor(office.app).sign_in("zhoujie", password).path == "/account/password"


def test_a_password_may_be_typed_and_must_be_long_enough(office: Office, chen: Visitor) -> None:
    chen.open("/admin/people/new")
    page = chen.press("保存人员", id="zhoujie", display_name="周洁", office="donghe", password="short")
    assert page.status == 422
    assert page.errors == ["密码至少要 12 个字符。请换一个长一些的密码。"]
    assert page.element("f-display_name").get("value") == "周洁"
    page = chen.press("保存人员", password="long enough 2026")
    assert "已增加人员 周洁，首次登录时须修改密码。" in page.text


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"id": "周洁"}, "id", "登录名应当以小写字母开头"),
        ({"id": "staff"}, "id", "已经有人使用"),
        ({"display_name": " "}, "display_name", "请填写姓名"),
        ({"roles": ["brigade|king"]}, "roles", ""),
    ],
)
def test_what_is_wrong_with_a_person_is_said_beside_the_field(
    chen: Visitor, typed: dict[str, Any], field: str, said: str
) -> None:
    chen.open("/admin/people/new")
    page = chen.press("保存人员", {"id": "zhoujie", "display_name": "周洁", "office": "donghe"} | typed)
    assert page.status == 422
    assert any(said in line for line in page.errors)
    assert not page.is_hidden(f"f-{field}-error")


def test_roles_are_changed_for_each_authority(office: Office, chen: Visitor) -> None:
    chen.open("/admin/people/reviewer")
    page = chen.press("保存人员", roles=["brigade|reviewer", "donghe|approver"])
    assert "已保存 王芳 的资料。" in page.text
    account = accounts.get_account(office.ports, "reviewer")
    assert account is not None
    assert account.roles == {"brigade": ["reviewer"], "donghe": ["approver"]}
    assert account.password


def test_an_administrator_cannot_lock_themselves_out(chen: Visitor) -> None:
    chen.open("/admin/people/admin")
    page = chen.press("保存人员", roles=[])
    assert page.errors == ["不能取消自己的管理员权限。请由另一位管理员办理。"]


def test_a_deactivated_person_can_neither_sign_in_nor_go_on(
    office: Office, chen: Visitor, visit: Visit
) -> None:
    li_ming = visit("staff")
    chen.open("/admin/people/staff")
    assert "已停用 李明，不能再登录。" in chen.press("保存人员", active=None).text
    assert li_ming.open("/acts").h1 == "登录"
    assert Visitor(office.app).sign_in("staff").status == 422


def test_a_password_is_set_anew_and_ends_the_sessions(office: Office, chen: Visitor, visit: Visit) -> None:
    li_ming = visit("staff")
    chen.open("/admin/people/staff")
    page = chen.press("重设密码", new_password="long enough 2026")
    assert "已重设 李明 的密码，下次登录时须修改。" in page.text
    assert li_ming.open("/acts").h1 == "登录"
    assert Visitor(office.app).sign_in("staff", "long enough 2026").path == "/account/password"


def test_a_short_new_password_is_refused_beside_its_field(chen: Visitor) -> None:
    chen.open("/admin/people/staff")
    page = chen.press("重设密码", new_password="short")
    assert page.errors == ["密码至少要 12 个字符。请换一个长一些的密码。"]
    assert page.element("f-display_name").get("value") == "李明"


# Offices, authorities, officers ----------------------------------------------------------------------


def test_an_office_is_added(office: Office, chen: Visitor) -> None:
    chen.open("/admin/offices/new")
    assert "已保存单位：东河镇综合执法队" in chen.press("保存单位", name="东河镇综合执法队").text
    chen.open("/admin/offices/new")
    assert chen.press("保存单位", name="").errors == ["请填写单位名称。"]


def test_people_of_an_authority_are_kept_in_rows(office: Office, chen: Visitor) -> None:
    before = kept(office, "authorities", id="brigade")
    page = chen.open("/admin/authorities/brigade")
    assert page.element("f-people-0-name").get("value") == "周国栋"
    spare = len(before["people"])
    page = chen.press(
        "保存发文机关", {f"people-{spare}-name": "韩法制", f"people-{spare}-title": "法制科科长"}
    )
    assert page.h1 == "发文机关"
    after = kept(office, "authorities", id="brigade")
    assert after["people"] == [*before["people"], {"name": "韩法制", "title": "法制科科长"}]
    assert {k: v for k, v in after.items() if k != "people"} == {
        k: v for k, v in before.items() if k != "people"
    }


def test_more_rows_come_without_losing_what_was_typed(chen: Visitor) -> None:
    page = chen.open("/admin/authorities/new")
    page = chen.press("多添几行", {"name": "绥化市北林区西河镇人民政府", "people-2-name": "高某"})
    assert page.element("f-name").get("value") == "绥化市北林区西河镇人民政府"
    assert page.element("f-people-2-name").get("value") == "高某"
    assert page.element("f-people-4-name").get("value") == ""


def test_an_officer_needs_a_certificate_with_dates(office: Office, chen: Visitor) -> None:
    chen.open("/admin/officers/new")
    page = chen.press(
        "保存执法人员", name="冯某", cert_no="1", org="东河镇综合执法队", valid_from="2026-01-01"
    )
    assert page.status == 422
    assert len(page.errors) == 2
    assert page.element("f-valid_to").get("aria-invalid") == "true"
    assert page.element("f-cert_no").get("aria-invalid") == "true"
    page = chen.press("保存执法人员", cert_no="FAKE23120200003", valid_to="2029-12-31")
    assert "已保存执法人员：冯某" in page.text
    assert kept(office, "officers", name="冯某")["active"] is True


def test_a_certificate_that_ran_out_is_seen_in_the_list(office: Office, chen: Visitor) -> None:
    officer = kept(office, "officers", name="赵正言")
    with office.ports.store.write() as tx:
        tx.officers.replace(officer["id"], {**officer, "valid_to": "2026-09-20"})
    assert "证件已过期" in chen.open("/admin/officers").text


# Number series ---------------------------------------------------------------------------------------


def test_a_series_shows_the_number_it_gives_next(office: Office, chen: Visitor) -> None:
    before_the_order(office)
    order(office)
    assert "绥北（东）消限字〔2026〕第0006号" in chen.open("/admin/series").text


def test_a_series_is_previewed_before_it_is_kept(office: Office, chen: Visitor) -> None:
    chen.open("/admin/series/new")
    typed = {"authority": "donghe-committee", "forms": ["T07"], "prefix": "北消安办", "style": "official"}
    page = chen.press(
        "预览文号", {**typed, "starts-0-year": "2026", "starts-0-first": "12", "reason": "此前用纸质号簿"}
    )
    assert "下一个文号的样子：北消安办〔2026〕12号" in page.text
    assert "已保存文号系列：北消安办〔2026〕12号" in chen.press("保存文号系列").text
    assert kept(office, "series", prefix="北消安办")["starts"] == {"2026": 12}


def test_a_series_that_gave_numbers_keeps_its_wording(office: Office, chen: Visitor) -> None:
    before_the_order(office)
    chen.open("/admin/series/sb-wei")
    page = chen.press("保存文号系列", prefix="绥北消托字")
    assert page.errors == ["这个系列已经编过号，字样、样式和机关不能再改。请另建一个系列。"]
    assert not page.is_hidden("f-prefix-error")


def test_its_start_changes_only_with_a_reason(office: Office, chen: Visitor) -> None:
    before_the_order(office)
    chen.open("/admin/series/sb-wei")
    page = chen.press("保存文号系列", {"starts-0-year": "2027", "starts-0-first": "30"})
    assert page.errors == ["设定或者改变起始号必须写明理由。"]
    page = chen.press("保存文号系列", reason="二〇二七年前半年仍用纸质号簿")
    assert page.h1 == "文号系列"


def test_any_change_of_a_series_says_why(office: Office, chen: Visitor) -> None:
    chen.open("/admin/series/sb-wei")
    page = chen.press("保存文号系列", prefix="绥北消托字")
    assert page.errors == ["修改文号系列必须写明理由。"]
    page = chen.press("保存文号系列", reason="字样按大队来函更正")
    assert page.h1 == "文号系列"
    assert "理由：字样按大队来函更正" in chen.open("/admin/journal").text


def test_numbers_left_out_by_a_higher_start_are_explained(office: Office, chen: Visitor) -> None:
    before_the_order(office)
    first = order(office)
    chen.open("/admin/series/sbd-xian")
    page = chen.press("保存文号系列", {"starts-0-first": "5000", "reason": "换新号簿"})
    assert page.errors == ["2026年已经编到第5号，起始号5000大得太多。请核对起始号。"]
    assert "本年度从第5号起编" in chen.open("/numbers/sbd-xian/2026").text
    chen.open("/admin/series/sbd-xian")
    chen.press("保存文号系列", {"starts-0-first": "5000", "reason": "换新号簿"})
    chen.press("保存文号系列", {"starts-0-first": "8"})
    register = number_registers.number_register(office.ports, "sbd-xian", 2026)
    assert register is not None
    assert [(row["n"], row["state"]) for row in register.rows] == [
        (5, "issued"),
        (6, "skipped"),
        (7, "skipped"),
    ]
    assert register.gaps == []
    assert register.rows[1]["skip_reason"] == "起始号改为8：换新号簿"
    assert first.n == 5
    assert "本年度从第5号起编" in chen.open("/numbers/sbd-xian/2026").text, (
        "the year began with 5 all the same"
    )
    assert number_registers.next_number(office.ports, register.series, 2026).endswith("第0008号")


@pytest.mark.parametrize(
    "typed",
    [
        {"prefix": "abc"},
        {"style": "enforcement", "prefix": "北消安办"},
        {"starts-0-year": "今年", "starts-0-first": "1"},
        {"width": "0"},
        {"forms": []},
        {"authority": ""},
    ],
)
def test_a_series_that_could_give_no_number_is_refused(
    office: Office, chen: Visitor, typed: dict[str, Any]
) -> None:
    chen.open("/admin/series/new")
    fine = {"authority": "donghe-committee", "forms": ["T07"], "prefix": "北消安办", "style": "official"}
    page = chen.press("保存文号系列", fine | typed)
    assert page.status == 422
    assert page.errors
    assert chen.open("/numbers").status == 200


# Paper entrustments ----------------------------------------------------------------------------------


def test_a_paper_entrustment_carries_its_matters(office: Office, chen: Visitor) -> None:
    chen.open("/admin/entrustments/new")
    page = chen.press("保存纸质委托书", powers="警告、罚款")
    assert page.status == 422
    assert "请至少填写一项委托事项。" in page.errors
    typed = {
        "number": "绥北消委字〔2025〕第0003号",
        "principal_name": "绥化市北林区消防救援大队",
        "agent_name": "绥化市北林区东河镇人民政府",
        "start_date": "2025-01-01",
        "end_date": "2027-12-31",
        "area": "东河镇行政区域",
        "matters-0-code": "1",
        "matters-0-name": "占用、堵塞疏散通道",
        "matters-0-law": "《中华人民共和国消防法》第六十条",
        "matters-0-v_codes": "V04、V06",
        "matters-0-act_types": ["inspect", "order"],
    }
    assert chen.press("保存纸质委托书", typed).h1 == "纸质委托书"
    record = kept(office, "entrustments", number=typed["number"])
    assert record["matters"][0]["v_codes"] == ["V04", "V06"]
    assert record["matters"][0]["act_types"] == ["inspect", "order"]
    assert (
        chen.open(f"/admin/entrustments/{record['id']}").element("f-matters-0-v_codes").get("value")
        == "V04、V06"
    )


# Definitions and rules -------------------------------------------------------------------------------


class OneBroken(SampleLibrary):
    """T22 in the folder has a fault."""

    def signature(self) -> str:
        return "2"

    def forms(self) -> list[str]:
        return [*super().forms(), "T22", "T99"]

    def checked_pairs(self, held: frozenset[str] = frozenset()) -> tuple[list[DefinitionFile], list[Fault]]:
        pairs, _ = super().checked_pairs(held)
        faults = [
            Fault(
                "T22.docx",
                "表1 第3行第1格",
                "模板写了 {{ partyname }}，表单里没有，是否想写 {{ party_name }}。",
            ),
            Fault("T99.json", "/title", "缺少 title。"),
        ]
        return [pair for pair in pairs if pair.form != "T22"], faults


def test_a_broken_definition_is_shown_with_its_faults_and_the_last_good_one_serves(office: Office) -> None:
    office.ports.definitions.current()
    shelf = DefinitionRepository(OneBroken(), office.ports.store, office.ports.files, office.clock)
    office.app.extensions["formsvc"] = replace(office.ports, definitions=shelf)
    chen = Visitor(office.app)
    chen.sign_in("admin")
    lines = rows_of(chen.open("/admin/definitions"))
    assert "有错误，沿用上一版" in lines["T22"]
    assert "有错误，未启用" in lines["T99"]
    assert "使用中" in lines["T01"]
    page = chen.open("/admin/definitions/T22")
    assert "表1 第3行第1格" in page.text
    assert "是否想写 {{ party_name }}" in page.text
    assert "2 种有错误" in chen.open("/admin").text


def rows_of(page: Page) -> dict[str, str]:
    """The lines of a table by their first cell."""
    lines = [["".join(cell.itertext()).strip() for cell in row] for row in page.tree.iter("tr")]
    return {cells[0]: " ".join(cells) for cells in lines}


def test_what_settles_a_local_rule_is_kept_with_its_day_and_shown_again(
    office: Office, chen: Visitor
) -> None:
    chen.open("/admin/settings")
    cited = "《黑龙江省消防条例》第六十一条"
    chen.press(
        "保存本地口径", {"verified_articles": cited, "verified_articles-source": "消防大队2026年9月复函"}
    )
    page = chen.open("/admin/settings")
    assert page.value("f-verified_articles-source") == "消防大队2026年9月复函"
    assert "9月21日 周一由陈静核定" in page.text


def test_local_rules_are_decided_by_the_office(office: Office, chen: Visitor) -> None:
    page = chen.open("/admin/settings")
    assert page.element("f-order_workdays").get("value") == "3"
    page = chen.press("保存本地口径", order_workdays="五天")
    assert page.status == 422
    assert page.element("f-order_workdays").get("value") == "五天"
    for lawful in ("1", "10", "４"):
        assert chen.press("保存本地口径", order_workdays=lawful).status == 200, lawful
        assert office_settings.get_settings(office.ports)["order_workdays"] == int(lawful)
    page = chen.press("保存本地口径", order_workdays="5")
    assert "已修改：责令限期改正通知书自检查之日起多少个工作日内制作" in page.text
    assert office_settings.get_settings(office.ports)["order_workdays"] == 5
    assert "没有改动。" in chen.press("保存本地口径").text


def test_every_page_of_an_issued_entrustment_is_seen_by_the_administrator(
    office: Office, chen: Visitor
) -> None:
    act = issued(office, ENTRUSTMENT)
    assert chen.open(f"/acts/{act.id}").h1 == act.number
