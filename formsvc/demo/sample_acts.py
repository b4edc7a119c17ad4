"""Sample acts in every state, dated around today.

They are made through the same use cases as real ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from formsvc.demo.office import sample_actor
from formsvc.demo.sample_parties import (
    HAZARDS,
    OFFICERS,
    PARTIES,
    entrustment_answers,
    responsibility_answers,
)
from formsvc.domain.acts.act import Act, ServiceRecord
from formsvc.domain.calendar import Calendar
from formsvc.i18n.messages import msg
from formsvc.usecases import operator
from formsvc.usecases.acts import serving
from formsvc.usecases.approval import review
from formsvc.usecases.circumstances import get_calendar
from formsvc.usecases.context import Ports
from formsvc.usecases.drafting import drafts
from formsvc.usecases.numbering import issue

Answers = dict[str, Any]
BRIGADE = "绥化市北林区消防救援大队"


@dataclass(frozen=True)
class SampleDates:
    """Working days counted from today, backwards and forwards."""

    today: date
    calendar: Calendar

    def days_ago(self, n: int) -> date:
        day = self.today
        while n:
            day -= timedelta(days=1)
            n -= self.calendar.is_working_day(day)
        return day

    def days_ahead(self, days: int) -> date:
        """Return the first working day ``days`` or more calendar days from today."""
        day = self.today + timedelta(days=days)
        while not self.calendar.is_working_day(day):
            day += timedelta(days=1)
        return day


def create_sample_acts(ports: Ports) -> Iterator[str]:
    """Create the sample acts; yield a line for each when it is done."""
    days = SampleDates(ports.clock.today(), get_calendar(ports).with_weekends_for_missing_years())
    entrusted = _issue(ports, "T01", entrustment_answers(days.days_ago(120)), days)
    yield f"{entrusted.number} {entrusted.title}"
    named = _issue(ports, "T07", responsibility_answers(days.days_ago(110)), days)
    yield f"{named.number} {named.title}"
    yield from _first_case(ports, days, entrusted.number)
    yield from _second_case(ports, days, entrusted.number)
    yield from _third_case(ports, days, entrusted.number)


def _first_case(ports: Ports, days: SampleDates, entrustment: str) -> Iterator[str]:
    party = PARTIES[0]
    notice = _issue(ports, "T14", _notice(party, entrustment, days.days_ago(6), days.days_ago(4)), days)
    yield f"{notice.number} {notice.title}"
    _serve(ports, notice, days.days_ago(5), "褚安")
    record = _issue(
        ports, "T15", _record(party, entrustment, notice.number, days.days_ago(4), (0, 1, 2, 3), days), days
    )
    yield f"{record.number} {record.title}"
    order = _issue(ports, "T22", _order(party, entrustment, record, days.days_ago(3), (3, 4)), days)
    yield f"{order.number} {order.title}"
    _serve(ports, order, days.days_ago(2), "褚安")


def _second_case(ports: Ports, days: SampleDates, entrustment: str) -> Iterator[str]:
    party = PARTIES[1]
    notice = _issue(ports, "T14", _notice(party, entrustment, days.days_ago(3), days.days_ago(2)), days)
    yield f"{notice.number} {notice.title}"
    record = _issue(
        ports, "T15", _record(party, entrustment, notice.number, days.days_ago(2), (3, 4), days), days
    )
    yield f"{record.number} {record.title}"
    wrong = _issue(ports, "T22", _order(party, entrustment, record, days.days_ago(1), (1,)), days)
    issue.void_act(ports, sample_actor(ports, "approver"), wrong.id, reason="漏列一项隐患，重新制作")
    yield msg("{number} {title}（已作废）", number=wrong.number, title=wrong.title)
    again = _submitted(ports, "T22", _order(party, entrustment, record, days.days_ago(0), (1, 2)))
    yield msg("待审核 {title} {party}", title=again.title, party=again.party)


def _third_case(ports: Ports, days: SampleDates, entrustment: str) -> Iterator[str]:
    party = PARTIES[2]
    notice = _issue(ports, "T14", _notice(party, entrustment, days.days_ago(2), days.days_ago(1)), days)
    record = _issue(
        ports, "T15", _record(party, entrustment, notice.number, days.days_ago(1), (2, 4), days), days
    )
    yield f"{record.number} {record.title}"
    order = _submitted(ports, "T22", _order(party, entrustment, record, days.days_ago(0), (1, 2)))
    review.review(
        ports, sample_actor(ports, "reviewer"), order.id, passed=True, comment="事实清楚，引用条款准确。"
    )
    yield msg("待签发 {title} {party}", title=order.title, party=order.party)
    staff = sample_actor(ports, "staff")
    draft = drafts.open_form(ports, staff, "T14")
    half = {"auth_mode": "M2", "issuer_name": BRIGADE, "entrust_ref": entrustment, **party}
    drafts.save_answers(ports, staff, draft.id, {**draft.answers, **half}, version=draft.version)
    yield msg("草稿 {title}", title=draft.title)


def _issue(ports: Ports, form: str, answers: Answers, days: SampleDates) -> Act:
    dated = date.fromisoformat(answers["issue_date"])
    reason = "演示数据" if dated.year != days.today.year else ""
    return operator.issue_at_once(
        ports,
        sample_actor(ports, "staff"),
        sample_actor(ports, "approver"),
        form,
        answers,
        backfill_reason=reason,
    )


def _submitted(ports: Ports, form: str, answers: Answers) -> Act:
    staff = sample_actor(ports, "staff")
    draft = drafts.open_form(ports, staff, form)
    drafts.save_answers(ports, staff, draft.id, answers, version=draft.version)
    return drafts.submit(ports, staff, draft.id)


def _serve(ports: Ports, act: Act, day: date, receiver: str) -> None:
    served = ServiceRecord(
        method="直接送达",
        served_at=f"{max(day, date.fromisoformat(act.dated)).isoformat()}T15:30",
        receiver=receiver,
        relation="负责收件人",
        place=str(act.answers.get("party_addr") or ""),
        servers=("赵正言", "钱守规"),
    )
    serving.record_service(ports, sample_actor(ports, "officer"), act.id, served)


def _common(party: Answers, entrustment: str, day: date) -> Answers:
    return {
        "issuer_name": BRIGADE,
        "issue_date": day.isoformat(),
        "drafter": "赵正言",
        "approver": "周国栋",
        "auth_mode": "M2",
        "entrust_ref": entrustment,
        "officers": OFFICERS,
        **party,
    }


def _notice(party: Answers, entrustment: str, day: date, visit: date) -> Answers:
    number = f"绥北（东）消检审字〔{day.year}〕第{day.month:02d}{day.day:02d}号"
    return _common(party, entrustment, day) | {
        "approve_ref": {"number": number, "title": "行政检查审批表", "date": day.isoformat()},
        "matter": "单位履行消防安全职责情况（公布事项编码XF-JC-01）",
        "law": "《消防监督检查规定》第六条",
        "check_from": f"{visit.isoformat()}T09:00",
        "check_to": f"{visit.isoformat()}T11:30",
        "place_addr": party["party_addr"],
        "assist_n": 1,
        "materials": ["营业执照", "消防安全制度", "灭火疏散预案", "设施维保检测报告", "培训记录"],
        "freq_cap": 2,
        "freq_no": 1,
        "hotline": "0455-8990003",
        "notice_mode": "提前送达",
    }


def _hazards(places: tuple[int, ...], days: SampleDates) -> list[Answers]:
    rows = []
    for number, place in enumerate(places, 1):
        row = {"no": number, **HAZARDS[place]}
        if row["fix"] == "限期":
            row["deadline"] = days.days_ahead(28).isoformat()
        rows.append(row)
    return rows


def _record(
    party: Answers, entrustment: str, notice: str, day: date, places: tuple[int, ...], days: SampleDates
) -> Answers:
    hazards = _hazards(places, days)
    results = {"立即": "责令立即改正", "限期": "责令限期改正"}
    return _common(party, entrustment, day) | {
        "notice_ref": notice,
        "form": "监督抽查",
        "start_at": f"{day.isoformat()}T09:05",
        "end_at": f"{day.isoformat()}T11:20",
        "place_nature": "一般单位",
        "bldg_area": "2860.5",
        "floors": "3",
        "fire_mgr": "褚安",
        "items": [
            {"group": "建筑防火", "code": "C12", "result": "堵塞占用"},
            {"group": "建筑防火", "code": "C14", "result": "畅通"},
            {"group": "建筑防火", "code": "C17", "result": "缺少"},
            {"group": "设施", "code": "C22", "result": "失效"},
            {"group": "管理", "code": "C04", "result": "有"},
        ],
        "hazards": hazards,
        "no_hazard": False,
        "accompany": "褚安",
        "accompany_title": "消防安全管理人",
        "result": [results[fix] for fix in ("立即", "限期") if any(h["fix"] == fix for h in hazards)],
    }


def _order(party: Answers, entrustment: str, record: Act, day: date, numbers: tuple[int, ...]) -> Answers:
    """Return an order for some items of a record, with their numbers.

    What the record leaves empty is left out: it has columns that an order has not.
    """
    return _common(party, entrustment, day) | {
        "record_ref": record.number,
        "check_date": record.answers["start_at"][:10],
        "hazards": [
            {column: value for column, value in row.items() if value not in ("", None, [])}
            for row in record.answers["hazards"]
            if row["no"] in numbers
        ],
    }
