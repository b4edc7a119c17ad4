"""Who answers for fire safety in each town and village, vacancies and lapsed terms among them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

from formsvc.domain.authorities import Person
from formsvc.domain.cases.responsibility import Duty, DutyStatus, ResponsibilityNotice, Town, duty_matrix
from tests.support.circumstances import read_folder, town
from tests.support.paths import EXAMPLES as EXAMPLES_FILE

FIELDS: dict[str, dict[str, Any]] = {
    case["id"]: case["fields"] for case in json.loads(EXAMPLES_FILE.read_text(encoding="utf-8"))["cases"]
}
REGIONS = read_folder("lookups")["regions"]["entries"]
LEADERS = ("李明远", "陈立新", "刘建设", "吴玉兰", "郑大勇", "王晓峰", "冯文书")
DONGHE = replace(town, people=tuple(Person(name) for name in LEADERS))
TODAY = date(2026, 11, 23)


def notice(case: str, form: str, **answers: Any) -> ResponsibilityNotice:
    """An issued notice of the worked cases."""
    fields = {**FIELDS[case], **answers}
    return ResponsibilityNotice(
        case, form, fields["doc_no"], fields["issuer_name"], date.fromisoformat(fields["issue_date"]), fields
    )


TOWN_NOTICE, VILLAGE_NOTICE = notice("EX03", "T07"), notice("EX04", "T08")


def only(
    *notices: ResponsibilityNotice, today: date = TODAY, people: tuple[Person, ...] = DONGHE.people
) -> Town:
    (found,) = duty_matrix([replace(DONGHE, people=people)], REGIONS, notices, today)
    return found


def test_the_town_has_its_first_main_and_leading_persons() -> None:
    found = only(TOWN_NOTICE).place
    assert [h.name for h in found.holders_of(Duty.FIRST)] == ["李明远"]
    assert [h.title for h in found.holders_of(Duty.MAIN)] == ["副镇长"]
    assert [(h.name, h.scope) for h in found.holders_of(Duty.LEADING)][0] == ("刘建设", "综治、应急")
    assert found.warnings == ()


def test_each_village_has_its_first_person_and_its_manager() -> None:
    villages = {place.name: place for place in only(TOWN_NOTICE, VILLAGE_NOTICE).villages}
    yongxing = villages["永兴村"]
    assert yongxing.holders_of(Duty.FIRST)[0].name == "韩永贵"
    assert (yongxing.holders_of(Duty.MANAGER)[0].name, yongxing.holders_of(Duty.MANAGER)[0].phone) == (
        "朱海",
        "19900000011",
    )
    assert yongxing.holders_of(Duty.MANAGER)[0].number == "东政发〔2026〕7号"


def test_a_village_that_no_notice_names_is_vacant() -> None:
    found = only(TOWN_NOTICE, VILLAGE_NOTICE)
    vacant = [p.name for p in found.villages if any(h.status is DutyStatus.VACANT for h in p.holders)]
    assert vacant == ["新立村"]
    assert found.warning_count == 2
    assert [p.warnings for p in found.villages if p.name == "新立村"] == [
        ("第一责任人空缺。", "消防安全管理人空缺。")
    ]


def test_a_town_without_a_notice_is_vacant() -> None:
    assert only().place.warnings == ("第一责任人空缺。", "主要责任人空缺。")


def test_a_term_that_ran_out_is_told() -> None:
    lapsed = notice("EX04", "T08", term_end="2026-10-31")
    village = next(p for p in only(lapsed).villages if p.name == "双合村")
    assert {h.status for h in village.holders} == {DutyStatus.LAPSED}
    assert village.warnings == ("本届任期已于2026年10月31日届满，换届后应当重新明确。",)
    assert only(lapsed, today=date(2026, 10, 31)).villages[1].warnings == ()


def test_the_latest_notice_of_a_village_counts_and_leaves_the_others_as_they_were() -> None:
    row = {**FIELDS["EX04"]["villages"][0], "manager": "秦丽"}
    later = replace(
        notice("EX04", "T08", villages=[row]), id="later", number="东政发〔2026〕9号", dated=date(2026, 6, 1)
    )
    villages = {p.name: p for p in only(later, VILLAGE_NOTICE).villages}
    assert villages["永兴村"].holders_of(Duty.MANAGER)[0].name == "秦丽"
    assert villages["双合村"].holders_of(Duty.MANAGER)[0].name == "吕强"


def test_a_notice_of_tomorrow_does_not_count_yet() -> None:
    coming = notice("EX03", "T07", first_name="陈立新", effective_date="2026-12-01")
    assert only(TOWN_NOTICE, coming).place.holders_of(Duty.FIRST)[0].name == "李明远"
    assert only(TOWN_NOTICE, coming, today=date(2026, 12, 1)).place.holders_of(Duty.FIRST)[0].name == "陈立新"


def test_somebody_who_left_the_register_is_pointed_out() -> None:
    people = tuple(p for p in DONGHE.people if p.name != "李明远")
    found = only(TOWN_NOTICE, people=people).place
    assert found.holders_of(Duty.FIRST)[0].status is DutyStatus.LEFT
    assert found.warnings == ("第一责任人李明远已不在本机关人员名册中，请重新明确。",)
