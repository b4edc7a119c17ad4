"""Deadlines set by a case's acts, and its next steps.

Pure: the acts and the office's settings are passed in; nothing is looked up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

from formsvc.domain import laws
from formsvc.domain.cases.case_act import CaseAct, CaseRules, NextStep, acts_with_depth
from formsvc.domain.cases.deadlines import Deadline, in_days, in_months, in_working_days, on_the_day
from formsvc.domain.json_types import JSON
from formsvc.domain.parsing import iso_day
from formsvc.i18n.messages import DefinitionText, msg

__all__ = ["CHAIN", "CaseAct", "CaseRules", "NextStep", "acts_with_depth", "deadlines_of", "next_steps"]

# Acts by the id of the act they were made from, oldest first; void ones are left out.
FollowUps = Mapping[str, Sequence[CaseAct]]
ENTRUSTMENT, ANNOUNCEMENT = "T01", "T02"
NOTICE, RECORD, AT_ONCE, IN_TIME, URGING, RECHECK = "T14", "T15", "T21", "T22", "T23", "T24"
TRANSFER, FILING, CLOSING, GRAVE, RECEIPT = "T28", "T29", "T36", "T26", "T34"
ORDERS = (AT_ONCE, IN_TIME, URGING)
CHAIN = (ENTRUSTMENT, ANNOUNCEMENT, NOTICE, RECORD, *ORDERS, RECHECK, RECEIPT)
TITLES = {
    ANNOUNCEMENT: "消防行政执法委托公告",
    RECORD: "消防安全检查记录",
    AT_ONCE: "责令立即改正通知书",
    IN_TIME: "责令限期改正通知书",
    URGING: "火灾隐患督促整改通知书",
    RECHECK: "复查意见书",
    GRAVE: "涉嫌重大火灾隐患移送函",
    TRANSFER: "案件（线索）移送函",
    FILING: "立案审批表",
    CLOSING: "结案审批表",
    RECEIPT: "送达回证",
}
REMEDIED = "已改正"


def deadlines_of(act: CaseAct, rules: CaseRules) -> list[Deadline]:
    """Return every deadline that an issued act sets."""
    if not act.is_finished:
        return []
    deadlines = _DEADLINES_BY_FORM.get(act.form)
    return [*(deadlines(act, rules) if deadlines else ()), *_remedy_deadlines(act, rules)]


def next_steps(acts: Sequence[CaseAct], rules: CaseRules) -> list[NextStep]:
    """Return what is still to be done, by deadline; steps without one last."""
    follow_ups: dict[str, list[CaseAct]] = {}
    for act in sorted(acts, key=lambda a: a.dated):
        if act.source and (act.is_finished or act.is_in_progress):
            follow_ups.setdefault(act.source, []).append(act)
    steps = [step for act in acts if act.is_finished for step in _steps_after(act, follow_ups, rules)]
    return sorted(steps, key=lambda s: (s.deadline is None, s.deadline.due if s.deadline else date.max))


def _steps_after(act: CaseAct, follow_ups: FollowUps, rules: CaseRules) -> Iterator[NextStep]:
    if act.form in _TO_BE_SERVED and act.served_on is None:
        why = msg("《{title}》{number}还没有送达。", title=act.title, number=act.number)
        yield _step(RECEIPT, act, follow_ups, why, _service_deadline(act, follow_ups, rules))
    steps_after = _STEPS_BY_FORM.get(act.form)
    if steps_after:
        yield from steps_after(act, follow_ups, rules)


def _step(
    form: str, act: CaseAct, follow_ups: FollowUps, why: str, deadline: Deadline | None = None
) -> NextStep:
    begun = next((a.id for a in follow_ups_of(act, follow_ups, form) if a.is_in_progress), "")
    return NextStep(form, DefinitionText(form, TITLES[form]), act, why, deadline, begun)


def follow_ups_of(act: CaseAct, follow_ups: FollowUps, *forms: str) -> list[CaseAct]:
    """Return the acts of these forms made from an act, oldest first."""
    return [later for later in follow_ups.get(act.id, ()) if later.form in forms]


def _is_done(act: CaseAct, follow_ups: FollowUps, *forms: str) -> bool:
    return any(a.is_finished for a in follow_ups_of(act, follow_ups, *forms))


def _checked_on(act: CaseAct) -> date:
    return iso_day(act.answers.get("check_date") or act.answers.get("start_at")) or act.dated


# 委托 → 公告 -----------------------------------------------------------------------------------------


def _entrustment_deadlines(act: CaseAct, rules: CaseRules) -> Iterator[Deadline]:
    count = rules.day_count("entrustment_publication_workdays")
    event = msg("委托书签订之日")
    yield in_working_days(
        msg("公布期限"), event, act.dated, count, rules.calendar, laws.ENTRUSTMENT_PUBLICATION
    )
    ends = iso_day(act.answers.get("end_date"))
    if ends:
        yield on_the_day(msg("委托期限"), msg("委托书载明的截止日期"), ends, rules.calendar)


def _steps_after_entrustment(act: CaseAct, follow_ups: FollowUps, rules: CaseRules) -> Iterator[NextStep]:
    if not _is_done(act, follow_ups, ANNOUNCEMENT):
        why = msg("委托书{number}应当向社会公布。", number=act.number)
        yield _step(ANNOUNCEMENT, act, follow_ups, why, next(_entrustment_deadlines(act, rules)))


# 通知 → 检查 → 责令、督促 ----------------------------------------------------------------------------


def _notice_deadlines(act: CaseAct, rules: CaseRules) -> Iterator[Deadline]:
    day = iso_day(act.answers.get("check_to") or act.answers.get("check_from"))
    if day:
        yield on_the_day(msg("检查日期"), msg("通知书告知的检查时间"), day, rules.calendar)


def _steps_after_notice(act: CaseAct, follow_ups: FollowUps, rules: CaseRules) -> Iterator[NextStep]:
    if not _is_done(act, follow_ups, RECORD):
        why = msg("按通知书{number}检查，制作检查记录。", number=act.number)
        yield _step(RECORD, act, follow_ups, why, next(_notice_deadlines(act, rules), None))


_FORMS_BY_RESULT = {
    "责令立即改正": AT_ONCE,
    "责令限期改正": IN_TIME,
    "督促整改": URGING,
    "移送": TRANSFER,
    "拟立案处罚": FILING,
}


def _record_deadlines(act: CaseAct, rules: CaseRules) -> Iterator[Deadline]:
    for result in act.answers.get("result") or ():
        deadline = _making_deadline(_FORMS_BY_RESULT.get(str(result), ""), act, rules)
        if deadline:
            yield deadline


def _making_deadline(form: str, record: CaseAct, rules: CaseRules) -> Deadline | None:
    """Return the deadline for making an act after an inspection (作出期限)."""
    checked, event = _checked_on(record), msg("检查之日")
    if form == AT_ONCE:
        name = msg("作出期限（责令立即改正）")
        return on_the_day(
            name, msg("当场制作送达"), checked, rules.calendar, f"{laws.INSPECTION_RULES}第十九条"
        )
    if form == IN_TIME:
        name = msg("作出期限（责令限期改正）")
        count = rules.day_count("order_workdays")
        return in_working_days(
            name, event, checked, count, rules.calendar, f"{laws.INSPECTION_RULES}第十九条"
        )
    if form == URGING:
        count = rules.day_count("urge_workdays")
        return in_working_days(msg("作出期限（督促整改）"), event, checked, count, rules.calendar)
    if form == TRANSFER:
        count = rules.day_count("transfer_workdays")
        return in_working_days(msg("移送期限"), event, checked, count, rules.calendar)
    return None


def _steps_after_record(act: CaseAct, follow_ups: FollowUps, rules: CaseRules) -> Iterator[NextStep]:
    for result in act.answers.get("result") or ():
        form = _FORMS_BY_RESULT.get(str(result), "")
        if form and not _is_done(act, follow_ups, form):
            why = msg(
                "检查记录{number}的处理意见是“{result}”。",
                number=act.number,
                result=DefinitionText(act.form, str(result)),
            )
            yield _step(form, act, follow_ups, why, _making_deadline(form, act, rules))


# 整改期限、复查期限 ----------------------------------------------------------------------------------


def _order_deadlines(act: CaseAct, rules: CaseRules) -> Iterator[Deadline]:
    for day in _hazard_deadlines(act):
        numbers = "、".join(str(n) for n, row in _hazards(act) if iso_day(row.get("deadline")) == day)
        name = msg("整改期限（第{numbers}项）", numbers=numbers)
        yield on_the_day(
            name, msg("通知书确定的期限，含当日"), day, rules.calendar, f"{laws.INSPECTION_RULES}第二十条"
        )
        yield _recheck_deadline(day, numbers, rules)


def _recheck_deadline(day: date, numbers: str, rules: CaseRules) -> Deadline:
    name = msg("复查期限（第{numbers}项）", numbers=numbers)
    count = rules.day_count("recheck_workdays")
    return in_working_days(
        name, msg("整改期限届满之日"), day, count, rules.calendar, f"{laws.INSPECTION_RULES}第二十条"
    )


def _hazards(act: CaseAct) -> list[tuple[int, Mapping[str, JSON]]]:
    return list(enumerate(act.answers.get("hazards") or (), 1))


def _hazard_deadlines(act: CaseAct) -> list[date]:
    return sorted({day for _, row in _hazards(act) if (day := iso_day(row.get("deadline")))})


def _steps_after_order(act: CaseAct, follow_ups: FollowUps, rules: CaseRules) -> Iterator[NextStep]:
    """Yield the re-inspection due for the earliest open deadline."""
    checks = [a for a in follow_ups_of(act, follow_ups, RECHECK) if a.is_finished]
    pending = [(number, row) for number, row in _hazards(act) if not _is_rechecked(number, row, checks)]
    days = sorted({day for _, row in pending if (day := iso_day(row.get("deadline")))})
    if days:
        numbers = "、".join(str(n) for n, row in pending if iso_day(row.get("deadline")) == days[0])
        why = msg("通知书{number}第{numbers}项的整改期限届满应当复查。", number=act.number, numbers=numbers)
        yield _step(RECHECK, act, follow_ups, why, _recheck_deadline(days[0], numbers, rules))
    # An order to remedy at once sets no day, so nothing says when; it is verified all the same.
    elif pending and act.form == AT_ONCE:
        yield _step(
            RECHECK, act, follow_ups, msg("核实通知书{number}所列问题是否已经改正。", number=act.number)
        )


def _is_rechecked(number: int, row: Mapping[str, JSON], checks: Sequence[CaseAct]) -> bool:
    """Return whether re-inspection found it remedied, or came after its day."""
    deadline = iso_day(row.get("deadline"))
    for check in checks:
        results: Sequence[Mapping[str, JSON]] = check.answers.get("results") or ()
        if len(results) >= number and results[number - 1].get("result") == REMEDIED:
            return True
        on = iso_day(check.answers.get("recheck_date")) or check.dated
        if deadline is None or on > deadline:
            return True
    return False


# 复查之后 --------------------------------------------------------------------------------------------

_FORMS_BY_CHOICE = {"移送": TRANSFER, "立案处罚": FILING, "重大隐患报告": GRAVE, "结案": CLOSING}


def _recheck_deadlines(act: CaseAct, rules: CaseRules) -> Iterator[Deadline]:
    if "移送" in (act.answers.get("next") or ()):
        yield _transfer_deadline(act, rules)


def _transfer_deadline(act: CaseAct, rules: CaseRules) -> Deadline:
    on = iso_day(act.answers.get("recheck_date")) or act.dated
    return in_working_days(
        msg("移送期限"), msg("复查之日"), on, rules.day_count("transfer_workdays"), rules.calendar
    )


def _steps_after_recheck(act: CaseAct, follow_ups: FollowUps, rules: CaseRules) -> Iterator[NextStep]:
    unremedied = act.answers.get("conclusion") not in (None, "全部改正")
    for choice in act.answers.get("next") or ():
        form = _FORMS_BY_CHOICE.get(str(choice), "")
        if not form or _is_done(act, follow_ups, form):
            continue
        deadline = _transfer_deadline(act, rules) if form == TRANSFER else None
        why = msg(
            "复查意见书{number}的结论是“{conclusion}”，处理意见是“{choice}”。",
            number=act.number,
            conclusion=act.answers.get("conclusion") or "",
            choice=choice,
        )
        yield _step(form, act, follow_ups, why, deadline)
    # Under own duty (M0) the authority cannot order or punish: what is not remedied goes to one that can.
    if unremedied and act.mode == "M0" and "移送" not in (act.answers.get("next") or ()):
        why = msg("逾期没有整改的，应当移送消防救援机构或者有关主管部门。")
        if not _is_done(act, follow_ups, TRANSFER):
            yield _step(TRANSFER, act, follow_ups, why, _transfer_deadline(act, rules))


# 送达和救济 ------------------------------------------------------------------------------------------

_TO_BE_SERVED = (NOTICE, *ORDERS, RECHECK)


def _service_deadline(act: CaseAct, follow_ups: FollowUps, rules: CaseRules) -> Deadline | None:
    if act.form == AT_ONCE:
        day = _checked_on(act)
        return on_the_day(
            msg("送达期限"), msg("当场制作送达"), day, rules.calendar, f"{laws.INSPECTION_RULES}第十九条"
        )
    if act.form == IN_TIME:
        count, event = rules.day_count("order_workdays"), msg("检查之日")
        law = f"{laws.INSPECTION_RULES}第十九条"
        return in_working_days(msg("送达期限"), event, _checked_on(act), count, rules.calendar, law)
    if act.form == NOTICE:
        day = iso_day(act.answers.get("check_from")) or act.dated
        return on_the_day(msg("送达期限"), msg("检查开始之前"), day, rules.calendar)
    count = rules.day_count("service_workdays")
    return in_working_days(msg("送达期限"), msg("制作之日"), act.dated, count, rules.calendar)


def _remedy_deadlines(act: CaseAct, rules: CaseRules) -> Iterator[Deadline]:
    """Yield the periods for review and litigation, once served."""
    if act.served_on is None or not act.answers.get("remedy"):
        return
    event = msg("送达之日")
    law = laws.REVIEW_PERIOD_ARTICLE
    yield in_days(msg("申请复议期限"), event, act.served_on, 60, rules.calendar, law)
    law = laws.LITIGATION_PERIOD_ARTICLE
    yield in_months(msg("起诉期限"), event, act.served_on, 6, rules.calendar, law)


_DEADLINES_BY_FORM: dict[str, Callable[[CaseAct, CaseRules], Iterator[Deadline]]] = {
    ENTRUSTMENT: _entrustment_deadlines,
    NOTICE: _notice_deadlines,
    RECORD: _record_deadlines,
    IN_TIME: _order_deadlines,
    URGING: _order_deadlines,
    RECHECK: _recheck_deadlines,
}
_STEPS_BY_FORM: dict[str, Callable[[CaseAct, FollowUps, CaseRules], Iterator[NextStep]]] = {
    ENTRUSTMENT: _steps_after_entrustment,
    NOTICE: _steps_after_notice,
    RECORD: _steps_after_record,
    AT_ONCE: _steps_after_order,
    IN_TIME: _steps_after_order,
    URGING: _steps_after_order,
    RECHECK: _steps_after_recheck,
}
