"""A wrong clock gives no number; what one has done is put right, and the history says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import Act
from formsvc.domain.numbering.clock_rule import ClockRule
from formsvc.errors import ClockWrong, FormsvcError, InputRefused, RightMissing
from formsvc.usecases.administration.alerts import list_alerts
from formsvc.usecases.context import Ports
from formsvc.usecases.maintenance.clock_check import (
    accept_clock,
    clock_state,
    correct_last_date,
    late_series,
    note_time,
)
from formsvc.usecases.numbering import register
from formsvc.usecases.numbering.issue import issue_act
from tests.support.approved_acts import approve, township_notice
from tests.support.memory_office import SetClock, make_office
from tests.support.page_client import Visitor
from tests.support.sample_office import TODAY

SERIES, YEAR = "dong-jian", TODAY.year
REAL = ClockRule(behind=timedelta(minutes=10), ahead=timedelta(days=60))
SET_BY_HAND = replace(REAL, by_day=True)


@pytest.fixture
def made(tmp_path: Path) -> tuple[Ports, SetClock, Visitor]:
    office = make_office(tmp_path)
    office.clock.moment += TODAY - office.clock.today()
    object.__setattr__(office.ports, "policy", replace(office.ports.policy, clock=REAL))
    admin = Visitor(office.app)
    admin.sign_in("admin")
    return office.ports, office.clock, admin


def notice(ports: Ports, day: str = "") -> str:
    changed = {"issue_date": day, "check_from": f"{day}T09:00", "check_to": f"{day}T11:30"} if day else {}
    return approve(ports, "T14", {**township_notice(), **changed})


def issued(ports: Ports, act_id: str) -> Act:
    return issue_act(ports, sample_actor(ports, "approver"), act_id)


def history(ports: Ports) -> list[str]:
    with ports.store.read() as tx:
        kinds = ("ClockAccepted", "LastDateCorrected")
        return [event["note"] for event in tx.events.find(order="id") if event["kind"] in kinds]


def test_a_clock_behind_the_last_commit_gives_no_number(made: tuple[Ports, SetClock, Visitor]) -> None:
    ports, clock, _admin = made
    first, second = notice(ports), notice(ports)
    issued(ports, first)
    right = clock.moment
    clock.moment = right - timedelta(days=1)
    with pytest.raises(ClockWrong) as refused:
        issued(ports, second)
    said = str(refused.value)
    assert f"{clock.moment:%Y-%m-%d %H:%M}" in said and f"{right:%Y-%m-%d %H:%M}" in said
    assert "请校准电脑的时钟" in said
    # within the tolerance, at the same time, and later
    for moment in (right - timedelta(minutes=9), right, right + timedelta(days=59)):
        clock.moment = moment
        assert clock_state(ports).is_right
    clock.moment = right
    assert issued(ports, second).n == 2


def test_a_clock_far_ahead_gives_no_number_and_does_not_make_itself_right(
    made: tuple[Ports, SetClock, Visitor],
) -> None:
    ports, clock, _admin = made
    first, second = notice(ports), notice(ports)
    note_time(ports)
    issued(ports, first)
    right = clock.moment
    clock.moment = right + timedelta(days=365)
    note_time(ports)
    # what is written meanwhile does not count
    notice(ports)
    with pytest.raises(ClockWrong, match="晚了 365 天，可能走错了，暂停编号"):
        issued(ports, second)
    clock.moment = right
    assert not clock_state(ports).is_right, "the store knows of a year to come"
    accept_clock(ports, sample_actor(ports, "admin"), reason="主板电池没电，年份错了")
    assert issued(ports, second).n == 2
    page = register.number_register(ports, SERIES, YEAR)
    assert page is not None and page.gaps == []


def test_a_service_that_runs_every_day_never_meets_the_limit(made: tuple[Ports, SetClock, Visitor]) -> None:
    ports, clock, _admin = made
    for _day in range(200):
        note_time(ports)
        clock.moment += timedelta(hours=20)
    assert clock_state(ports).is_right
    note_time(ports)
    with ports.store.read() as tx:
        seen = tx.settings.get("clock")
    clock.moment += timedelta(hours=1)
    note_time(ports)
    with ports.store.read() as tx:
        assert tx.settings.get("clock") == seen, "not at each look: the history chain would grow"


def test_numbers_given_by_commands_alone_never_meet_the_limit(made: tuple[Ports, SetClock, Visitor]) -> None:
    ports, clock, _admin = made
    object.__setattr__(ports, "policy", replace(ports.policy, clock=replace(REAL, ahead=timedelta(days=20))))
    note_time(ports)
    for _twice in range(2):
        clock.moment += timedelta(days=15)
        issued(ports, notice(ports, clock.today().isoformat()))
    assert clock_state(ports).is_right


def test_a_date_set_by_hand_leaps_forward_and_not_back(made: tuple[Ports, SetClock, Visitor]) -> None:
    ports, clock, _admin = made
    object.__setattr__(ports, "policy", replace(ports.policy, clock=SET_BY_HAND))
    first = notice(ports)
    # the day is set, the time of day runs: past midnight it is earlier
    clock.moment = clock.moment.replace(hour=23)
    issued(ports, first)
    clock.moment = clock.moment.replace(hour=0)
    assert clock_state(ports).is_right
    clock.moment += timedelta(days=2000)
    assert clock_state(ports).is_right
    clock.moment -= timedelta(days=2001)
    with pytest.raises(ClockWrong, match="早于最近一次保存的时间"):
        issued(ports, notice(ports))


def test_an_administrator_accepts_the_clock_on_a_page(made: tuple[Ports, SetClock, Visitor]) -> None:
    ports, clock, admin = made
    assert "没有发现问题" in admin.open("/admin/clock").text
    act_id = notice(ports)
    clock.moment -= timedelta(hours=1)
    assert any("早于最近一次保存的时间" in alert.message for alert in list_alerts(ports))
    assert "早于最近一次保存的时间" in admin.open("/").text
    page = admin.open("/admin/clock")
    assert "早于最近一次保存的时间" in page.text
    refused = admin.press("确认时钟，恢复编号", reason=" ")
    assert refused.status == 422 and "请写明理由" in refused.text
    assert "没有发现问题" in admin.press("确认时钟，恢复编号", reason="对照手机核对").text
    assert issued(ports, act_id).number
    assert ["对照手机核对" in note for note in history(ports)] == [True]
    with pytest.raises(RightMissing):
        accept_clock(ports, sample_actor(ports, "approver"), reason="没有这项权限")


def test_the_last_date_of_a_series_is_corrected(made: tuple[Ports, SetClock, Visitor]) -> None:
    ports, clock, admin = made
    first, third, right = notice(ports), notice(ports), clock.moment
    dated = issued(ports, first).dated
    clock.moment += timedelta(days=20)
    late_day = clock.today().isoformat()
    issued(ports, notice(ports, late_day))
    clock.moment = right
    accept_clock(ports, sample_actor(ports, "admin"), reason="上一件编号时日期错了")
    with pytest.raises(
        FormsvcError, match=f"上一个文号的日期（{late_day}）.*还没有到，那时电脑的时钟多半走错了"
    ):
        issued(ports, third)
    assert [(late.id, late.last_dated, late.corrected) for late in late_series(ports)] == [
        (SERIES, late_day, dated)
    ]
    admin.open("/admin/clock")
    field = f"reason-{SERIES}-{YEAR}"
    assert admin.press("更正最后日期", {field: ""}).status == 422
    assert "已更正" in admin.press("更正最后日期", {field: "第2号当天时钟快了二十天"}).html
    assert issued(ports, third).n == 3
    assert late_series(ports) == []
    assert "时钟快了二十天" in history(ports)[-1] and late_day in history(ports)[-1]
    page = register.number_register(ports, SERIES, YEAR)
    assert page is not None and page.gaps == []


def test_nothing_is_corrected_by_a_wrong_clock_nor_without_a_reason(
    made: tuple[Ports, SetClock, Visitor],
) -> None:
    ports, clock, _admin = made
    issued(ports, notice(ports))
    admin = sample_actor(ports, "admin")
    clock.moment -= timedelta(days=30)
    with pytest.raises(ClockWrong):
        correct_last_date(ports, admin, SERIES, YEAR, reason="时钟慢了一个月")
    with pytest.raises(InputRefused):
        accept_clock(ports, admin, reason="")
    with pytest.raises(RightMissing):
        correct_last_date(ports, sample_actor(ports, "approver"), SERIES, YEAR, reason="没有权限")
    assert history(ports) == []
