"""An order is held to the record it is made from: whose it is, its items, deadlines and days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from formsvc.domain.acts.act import Act
from formsvc.domain.evaluation.evaluation import Evaluation
from formsvc.usecases import operator
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.drafting import drafts
from formsvc.usecases.drafting.complete_submission import check_answers
from formsvc.usecases.numbering import issue
from formsvc.usecases.ports import Condition
from tests.support.issued_acts import CASES
from tests.support.memory_office import SetClock
from tests.support.sayings import notices, refusals

Ask = Callable[..., Evaluation]
LATE = "两名承办人同时参加抗洪抢险，返岗后当日制作"


@pytest.fixture
def issued(ports: Ports, actor: Callable[[str], Actor]) -> Callable[..., Act]:
    """Issue a worked case with changes."""

    def made(case: str, **changes: Any) -> Act:
        fields = {k: v for k, v in {**CASES[case]["fields"], **changes}.items() if v is not None}
        return operator.issue_at_once(ports, actor("staff"), actor("approver"), CASES[case]["act"], fields)

    return made


@pytest.fixture
def ask(ports: Ports, actor: Callable[[str], Actor], issued: Callable[..., Act]) -> Ask:
    """Check an order made from the record of the worked case, with changes."""
    for case in ("EX01", "EX06", "EX07"):
        issued(case)

    def checked(case: str = "EX09", **changes: Any) -> Evaluation:
        fields = {k: v for k, v in {**CASES[case]["fields"], **changes}.items() if v is not None}
        return check_answers(ports, actor("staff"), CASES[case]["act"], fields)

    return checked


def rows(case: str = "EX09", **changes: Any) -> list[dict[str, Any]]:
    first, *others = [dict(row) for row in CASES[case]["fields"]["hazards"]]
    return [first | changes, *others]


def test_issuer_mode_and_party_are_those_of_the_record(ask: Ask) -> None:
    town = {"issuer_name": "绥化市北林区东河镇人民政府", "approver": "李明远", "auth_mode": "M1"}
    decision = {"assign_doc": "《黑龙江省人民政府关于赋权的决定》（黑政发〔2021〕3号）", "entrust_ref": None}
    other = {"authority_text": None, "remedy": None, "review_organ": None, "court": None}
    for case in ("EX08", "EX09"):
        found = ask(case, **town, **decision, **other)
        assert "同一机关" in refusals(found, "issuer_name") and "权限模式" in refusals(found, "auth_mode")
        assert "福满家" in refusals(ask(case, party_name="别家商店（虚构）"), "party_name")
        for lawful in ({}, {"party_phone": "无"}, {"copies_line": "抄送：北林区司法局。"}):
            assert ask(case, **lawful).is_sound


def test_nothing_is_ordered_that_is_not_recorded(ask: Ask) -> None:
    for case in ("EX08", "EX09"):
        new = rows(case) + [{**rows(case)[0], "no": 9, "desc": "配电室未设防火门"}]
        said = refusals(ask(case, hazards=new, basis_line=None), "hazards")
        assert "第9项不在检查记录" in said
        part = rows(case)[:1]
        assert ask(case, hazards=part, basis_line=None).is_sound
        worded = ask(case, hazards=rows(case, desc="灭火器八具压力不足，货架堵塞出口"))
        assert worded.is_sound and "表述与检查记录" in notices(worded, "hazards")
        outside = {"number": "旧消监查字〔2019〕第3号", "title": "检查记录", "date": "2026-09-18"}
        assert ask(case, record_ref=outside, hazards=new, basis_line=None).is_sound


def test_a_deadline_is_the_recorded_one_or_has_a_reason(ask: Ask) -> None:
    moved = {"hazards": rows(deadline="2026-10-16"), "recheck_by": None}
    assert "与检查记录不同" in refusals(ask(**moved), "hazards.0.deadline")
    reasoned = ask(**moved, deadline_reason="当事人提出十月中旬能够完成")
    assert reasoned.is_sound and "十月中旬" in notices(reasoned, "deadline_reason")
    for lawful in ({}, {"hazards": rows()[1:]}, {"hazards": rows(measure="送厂维修")}):
        assert ask(**lawful).is_sound


def test_a_late_order_passes_with_a_reason_and_is_marked(ask: Ask, clock: SetClock) -> None:
    clock.moment = datetime(2026, 9, 24, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    for case, late, limit in (("EX09", "2026-09-23", "最迟2026-09-22"), ("EX08", "2026-09-19", "当场")):
        assert "理由" in refusals(ask(case, issue_date=late), "late_reason")
        found = ask(case, issue_date=late, late_reason=LATE)
        assert found.is_sound
        assert limit in notices(found, "issue_date") and LATE in notices(found, "issue_date")
    for lawful in ("2026-09-18", "2026-09-21", "2026-09-22"):
        found = ask("EX09", issue_date=lawful)
        assert found.is_sound and "最迟" not in notices(found, "issue_date")


def test_the_same_item_is_not_ordered_twice(
    ask: Ask, issued: Callable[..., Act], ports: Ports, actor: Callable[[str], Actor]
) -> None:
    first = issued("EX09")
    said = refusals(ask(), "hazards.0.desc")
    assert f"已由{first.number}责令改正" in said and "第3项" in said
    again = ask(recheck_ref={"number": "旧消复字〔2026〕第1号", "title": "复查意见书", "date": "2026-09-21"})
    assert refusals(again, "hazards") == ""
    assert refusals(ask("EX08"), "hazards") == ""
    issue.void_act(ports, actor("approver"), first.id, reason="当事人名称写错")
    assert ask().is_sound


def test_dates_that_look_back_are_pointed_out(ask: Ask, clock: SetClock) -> None:
    clock.moment = datetime(2026, 12, 16, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    found = ask()
    assert found.is_sound
    assert "三天以上" in notices(found, "issue_date")
    assert "已经过了" in notices(found, "hazards.0.deadline")
    for day in (21, 22, 24):
        clock.moment = datetime(2026, 9, day, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
        assert notices(ask(), "issue_date") == notices(ask(), "hazards") == "", day


def test_a_second_record_on_one_notice_is_told(
    ask: Ask, issued: Callable[..., Act], ports: Ports, actor: Callable[[str], Actor]
) -> None:
    first = CASES["EX07"]["fields"]["doc_no"]
    found = ask("EX07")
    assert found.is_sound and f"已有检查记录{first}" in notices(found, "notice_ref")
    paper = {"number": "旧消检字〔2026〕第3号", "title": "消防安全检查通知书", "date": "2026-09-16"}
    other = issued("EX06", doc_no=None, freq_no=2).number
    for lawful in (paper, other):
        assert "是否重复" not in notices(ask("EX07", notice_ref=lawful), "notice_ref")
    with ports.store.read() as tx:
        (record,) = tx.acts.find(Condition("number", "==", first))
    issue.void_act(ports, actor("approver"), record["id"], reason="检查日期写错")
    assert "是否重复" not in notices(ask("EX07"), "notice_ref")


def test_a_date_to_come_is_told_before_anybody_decides(ask: Ask) -> None:
    for case in ("EX08", "EX09"):
        found = ask(case, issue_date="2026-09-22", late_reason=LATE)
        assert found.is_sound and "2026年9月22日晚于今天" in notices(found, "issue_date")
        for day in ("2026-09-18", "2026-09-19", "2026-09-21"):
            assert "晚于今天" not in notices(ask(case, issue_date=day, late_reason=LATE), "issue_date"), day


def test_a_copy_has_the_day_of_its_making(
    ask: Ask, issued: Callable[..., Act], ports: Ports, actor: Callable[[str], Actor], clock: SetClock
) -> None:
    first = issued("EX09")
    clock.moment = datetime(2026, 12, 16, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    copy = drafts.copy_act(ports, actor("staff"), first.id)
    assert copy.answers["issue_date"] == "2026-12-16"
    assert copy.answers["party_name"] == first.answers["party_name"]
