"""Who answers for fire safety in each town and village, vacancies and lapsed terms among them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from formsvc.domain.authorities import Person
from formsvc.domain.cases.responsibility import Duty, DutyRow, DutyStatus, Town, duty_matrix
from formsvc.domain.life.effect_plans import EffectContext, ThisDocument, plan_effects
from formsvc.domain.registers.loader import read_register
from formsvc.domain.registers.timeline import EntryKind, RegisterEntry, arranged, rows_on
from tests.support.circumstances import circumstances, definition, read_folder, town
from tests.support.paths import EXAMPLES as EXAMPLES_FILE

FIELDS: dict[str, dict[str, Any]] = {
    case["id"]: case["fields"] for case in json.loads(EXAMPLES_FILE.read_text(encoding="utf-8"))["cases"]
}
REGIONS = read_folder("lookups")["regions"]["entries"]
LEADERS = ("李明远", "陈立新", "刘建设", "吴玉兰", "郑大勇", "王晓峰", "冯文书")
DONGHE = replace(town, people=tuple(Person(name) for name in LEADERS))
TODAY = date(2026, 11, 23)
REGISTERS = {
    name: register
    for name, content in read_folder("registers").items()
    if (register := read_register(content, read_folder("lookups"), f"{name}.json")[0])
}


@dataclass(frozen=True)
class Notice:
    """An issued notice of the worked cases, and what it writes into the register."""

    id: str
    number: str
    dated: date
    rows: list[tuple[date, dict[str, Any]]]


def notice(case: str, form: str, dated: str = "", **answers: Any) -> Notice:
    fields = {**FIELDS[case], **answers, **({"issue_date": dated} if dated else {})}
    number, day = fields["doc_no"], fields["issue_date"]
    this = ThisDocument(case, form, "", number, day, "issued")
    on = date.fromisoformat(day)
    effects = plan_effects(
        definition(form), fields, this, "issued", on, EffectContext(circumstances(), REGISTERS)
    )
    rows = [(date.fromisoformat(planned.day), dict(planned.changes)) for planned in effects]
    return Notice(case, number, on, rows)


TOWN_NOTICE, VILLAGE_NOTICE = notice("EX03", "T07"), notice("EX04", "T08")


def in_force(notices: Iterable[Notice], today: date) -> list[DutyRow]:
    """The rows that these notices leave in the register on a day."""
    history: dict[str, dict[tuple[str, str], RegisterEntry]] = {}
    for written in notices:
        for since, row in written.rows:
            group, key = REGISTERS["responsible"].group_of(row), (since.isoformat(), written.id)
            entry = history.setdefault(group, {}).get(key) or RegisterEntry(
                written.id, "responsible", group, EntryKind.WRITE, since.isoformat(), event=written.number
            )
            history[group][key] = replace(entry, given=[*entry.given, row])
    entries = [entry for group in history.values() for entry in arranged(group.values())]
    return [
        DutyRow(entry.id, entry.event, date.fromisoformat(entry.valid_from), row)
        for entry in entries
        for row in rows_on([entry], today)
    ]


def only(*notices: Notice, today: date = TODAY, people: tuple[Person, ...] = DONGHE.people) -> Town:
    (found,) = duty_matrix([replace(DONGHE, people=people)], REGIONS, in_force(notices, today), today)
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
        notice("EX04", "T08", "2026-06-01", villages=[row]), id="later", number="东政发〔2026〕9号"
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
