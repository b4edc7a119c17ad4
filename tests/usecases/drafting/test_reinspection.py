"""What must follow a re-inspection, by mode, result and lateness; and records of the spot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from formsvc.domain.acts.act import ServiceRecord
from formsvc.domain.evaluation.evaluation import Evaluation
from formsvc.usecases import operator
from formsvc.usecases.acts.serving import record_service
from formsvc.usecases.context import Actor, Ports
from tests.support.issued_acts import CASES
from tests.support.sayings import notices, refusals
from tests.usecases.drafting.conftest import Check

# an order from before the system: nothing is known of its items and its service here
OUTSIDE = {"number": "旧消限字〔2026〕第0031号", "title": "责令限期改正通知书", "date": "2026-09-21"}
OWN = {
    "issuer_name": "绥化市北林区东河镇人民政府",
    "approver": "李明远",
    "auth_mode": "M0",
    "entrust_ref": None,
    "authority_text": None,
}


ITEM: dict[str, Any] = {"desc": "二层8具灭火器压力不足失效", "location": "二层", "deadline": "2026-10-30"}


def recheck(check: Check, results: list[str], decided: list[str], /, **changes: Any) -> Evaluation:
    rows = [{**ITEM, "no": no, "result": result} for no, result in enumerate(results, 1)]
    given = {"order_ref": OUTSIDE, "results": rows, "conclusion": None, "next": decided}
    return check("EX10", **(given | changes))


def test_what_is_overdue_is_not_only_urged(check: Check) -> None:
    for results in (["未改正"], ["部分改正", "已改正"]):
        for decided in (["继续督促"], ["重大隐患报告"], ["继续督促", "重大隐患报告"]):
            assert "依法处罚" in refusals(recheck(check, results, decided), "next"), decided
        for decided in (["立案处罚"], ["移送"], ["继续督促", "移送"]):
            assert recheck(check, results, decided).is_sound, decided
        again = recheck(check, results, ["另行责令"], next_reason="余下部分当事人承诺一周内完成")
        assert again.is_sound
        assert "处理理由" in refusals(recheck(check, results, ["另行责令"]), "next_reason")


def test_own_duty_transfers_what_is_overdue(check: Check) -> None:
    urged = {"order_ref": OUTSIDE | {"title": "火灾隐患督促整改通知书"}} | OWN
    assert "移送" in refusals(recheck(check, ["未改正"], ["继续督促"], **urged), "next")
    assert "不得立案处罚" in refusals(recheck(check, ["未改正"], ["立案处罚", "移送"], **urged), "next")
    for results, decided in (
        (["未改正"], ["移送"]),
        (["部分改正"], ["继续督促"]),
        (["已改正"], ["结案"]),
    ):
        assert recheck(check, results, decided, **urged).is_sound, decided


def test_what_was_remedied_is_closed_or_punished(check: Check) -> None:
    for decided in (["移送"], ["继续督促"], ["结案", "移送"]):
        assert "全部改正的" in refusals(recheck(check, ["已改正"], decided), "next")
    for decided in (["结案"], ["立案处罚"], ["结案", "立案处罚"]):
        assert recheck(check, ["已改正"], decided).is_sound


def test_a_refusal_to_admit_is_recorded_and_goes_on(check: Check) -> None:
    refused = {"entry_refused": True, "entry_note": "店主在门口拒绝复查人员进入，全程录像"}
    assert "拒绝复查的经过" in refusals(recheck(check, ["未能复查"], ["移送"]), "entry_refused")
    assert "不能结案" in refusals(recheck(check, ["未能复查"], ["结案"], **refused), "next")
    for decided in (["移送"], ["立案处罚"], ["继续督促"]):
        found = recheck(check, ["未能复查"], decided, **refused)
        assert found.is_sound and found.values["conclusion"] == "未能复查", found.problems


def test_the_items_of_an_order_on_paper_are_typed(check: Check) -> None:
    found = recheck(check, ["未改正"], ["移送"])
    row = found.values["results"][0]
    assert (row["desc"], row["deadline"]) == (ITEM["desc"], ITEM["deadline"]) and row["due"] == "已到期"
    unnamed = [{"no": 1, "result": "未改正"}]
    assert "请填写问题" in refusals(recheck(check, ["未改正"], ["移送"], results=unnamed), "results.0.desc")
    for lawful in (
        [ITEM | {"no": 3, "result": "未改正"}],
        [{"no": 1, "desc": "南侧消防车通道被占用", "result": "未改正"}],
        [ITEM | {"no": no, "result": "未改正"} for no in (2, 5)],
    ):
        assert recheck(check, ["未改正"], ["移送"], results=lawful).is_sound


def test_only_the_brigade_makes_its_own_inspections(check: Check) -> None:
    for form in ("营业前检查", "大型活动前检查", "恢复生产检查", "解除查封检查"):
        assert "消防救援机构" in refusals(check("EX07", form=form), "form")
    for form in ("监督抽查", "专项检查", "日常检查"):
        assert check("EX07", form=form).is_sound
    own = OWN | {"result": ["督促整改"], "result_text": None}
    assert "核对" in notices(check("EX07", **own), "form")
    assert notices(check("EX07", **own, form="日常检查"), "form") == ""


def test_nobody_on_the_spot_needs_a_witness(check: Check) -> None:
    alone = {"accompany": None, "accompany_title": None}
    found = check("EX07", **alone)
    assert "见证人" in refusals(found, "witness") and "通知的经过" in refusals(found, "absent_note")
    told = alone | {"absent_note": "电话通知经营者到场，其表示人在外地"}
    assert "检查人员本人" in refusals(check("EX07", **told, witness="钱守规"), "witness")
    for lawful in (
        told | {"witness": "孔亮（站前社区居民委员会）"},
        {"accompany": "店员（姓名不详）"},
        {"refused": True, "refuse_sign": "看后拒绝签名", "witness": "孔亮（站前社区居民委员会）"},
    ):
        assert check("EX07", **lawful).is_sound, check("EX07", **lawful).problems


def test_a_home_is_entered_with_consent_and_a_transfer_says_to_whom(check: Check) -> None:
    assert "同意" in refusals(check("EX07", place_nature="居民住宅"), "home_consent")
    moved = {"result": ["责令立即改正", "责令限期改正", "移送"], "result_text": None}
    assert "受移送机关" in refusals(check("EX07", **moved), "transfer_to")
    for lawful in (
        {"place_nature": "居民住宅", "home_consent": "户主本人在场同意入户"},
        moved | {"transfer_to": "北林区住房和城乡建设局"},
        {"place_nature": "村居"},
    ):
        assert check("EX07", **lawful).is_sound, check("EX07", **lawful).problems


def test_own_duty_needs_no_certificates(check: Check) -> None:
    clerks = [{"name": name, "org": "绥化市北林区东河镇人民政府"} for name in ("赵正言", "钱守规")]
    own = OWN | {"result": ["督促整改"], "result_text": None, "form": "日常检查", "officers": clerks}
    assert check("EX07", **own).is_sound, check("EX07", **own).problems
    assert "执法证号" in refusals(check("EX07", officers=clerks), "officers")


def test_the_limit_of_inspections_is_the_published_one(check: Check) -> None:
    assert "由系统计算" in refusals(check("EX06", freq_cap=99), "freq_cap")
    third = check("EX06", freq_no=3)
    assert "理由" in refusals(third, "freq_reason")
    for lawful in ({"freq_no": 2}, {"freq_no": 3, "freq_reason": "投诉举报"}, {"freq_cap": None}):
        assert check("EX06", **lawful).is_sound
    night = check("EX06", check_from="2026-09-18T23:00", check_to="2026-09-19T02:00")
    assert night.is_sound and "夜间" in notices(night, "check_from")


def test_the_count_of_inspections_is_compared_with_the_notices(
    check: Check, ports: Ports, actor: Callable[[str], Actor]
) -> None:
    assert notices(check("EX06"), "freq_no") == ""
    operator.issue_at_once(ports, actor("staff"), actor("approver"), "T14", CASES["EX06"]["fields"])
    again = check("EX06")
    assert again.is_sound and "已有1份检查通知书" in notices(again, "freq_no")
    assert notices(check("EX06", freq_no=2), "freq_no") == ""
    assert notices(check("EX06", party_name="别家商店（虚构）"), "freq_no") == ""


def test_it_is_told_that_the_notice_of_an_inspection_was_not_served(
    check: Check, ports: Ports, actor: Callable[[str], Actor]
) -> None:
    def told(**changes: Any) -> str:
        return notices(check("EX07", **changes), "notice_ref") + refusals(
            check("EX07", **changes), "notice_ref"
        )

    made = operator.issue_at_once(ports, actor("staff"), actor("approver"), "T14", CASES["EX06"]["fields"])
    assert "还没有登记送达" in told(notice_ref=made.number)
    shown = {k: v for k, v in CASES["EX06"]["fields"].items() if k != "doc_no"} | {"notice_mode": "现场出示"}
    on_the_spot = operator.issue_at_once(ports, actor("staff"), actor("approver"), "T14", shown)
    paper = {"number": "旧消检字〔2026〕第3号", "title": "消防安全检查通知书", "date": "2026-09-16"}
    for lawful in (on_the_spot.number, paper):
        assert "还没有登记送达" not in told(notice_ref=lawful), lawful
    service = ServiceRecord(
        "直接送达", "2026-09-17T09:30", "褚安（虚构）", "负责收件人", servers=("赵正言", "钱守规")
    )
    record_service(ports, actor("officer"), made.id, service)
    assert "还没有登记送达" not in told(notice_ref=made.number)
