"""What an administrator is told: entrustments about to end, and days off that are missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from formsvc.errors import FormsvcError
from formsvc.usecases.administration.alerts import list_alerts
from formsvc.usecases.administration.office_settings import save_settings
from formsvc.usecases.administration.records import save_record
from formsvc.usecases.administration.sign_in import sign_in
from formsvc.usecases.context import Ports
from tests.support.memory_office import SetClock

ENTRUSTMENT: dict[str, Any] = {
    "id": "e1",
    "number": "绥北消委字〔2024〕第0009号",
    "principal_name": "绥化市北林区消防救援大队",
    "agent_name": "绥化市北林区东河镇人民政府",
    "area": "东河镇行政区域",
    "powers": "警告、罚款",
    "start_date": "2024-11-01",
    "end_date": "2026-10-31",
    "matters": [{"code": "1", "name": "占用疏散通道的处罚", "law": "《中华人民共和国消防法》第六十条"}],
}


def ending(ports: Ports, clock: SetClock, today: str) -> list[str]:
    clock.moment = datetime.fromisoformat(f"{today}T09:00:00").replace(tzinfo=clock.moment.tzinfo)
    return [alert.message for alert in list_alerts(ports) if alert.about == "entrustments"]


def register(ports: Ports, **changes: Any) -> None:
    save_record(ports, None, "entrustments", {**ENTRUSTMENT, **changes})


def test_an_entrustment_that_ends_soon_is_pointed_out(ports: Ports, clock: SetClock) -> None:
    register(ports)
    assert ending(ports, clock, "2026-09-30") == []
    (said,) = ending(ports, clock, "2026-10-01")
    assert "绥北消委字〔2024〕第0009号" in said and "2026年10月31日期满" in said
    assert len(ending(ports, clock, "2026-10-31")) == 1 and ending(ports, clock, "2026-11-01") == []
    # the office decides how early
    save_settings(ports, None, {"entrustment_reminder_days": 5})
    assert ending(ports, clock, "2026-10-25") == [] and len(ending(ports, clock, "2026-10-26")) == 1


@pytest.mark.parametrize(
    "later",
    [
        {
            "id": "e2",
            "number": "绥北消委字〔2026〕第0010号",
            "start_date": "2026-11-01",
            "end_date": "2028-10-31",
        },
        {"id": "e1", "ended_on": "2026-10-20"},
    ],
)
def test_what_is_renewed_or_ended_is_not(ports: Ports, clock: SetClock, later: dict[str, Any]) -> None:
    if later["id"] != "e1":
        register(ports)
    register(ports, **later)
    assert ending(ports, clock, "2026-10-15") == []


def test_many_refused_sign_ins_of_a_day_are_told_and_a_few_are_not(ports: Ports, clock: SetClock) -> None:
    few = replace(ports, limits=replace(ports.limits, refused_sign_ins_alert=4))

    def told() -> list[str]:
        return [alert.message for alert in list_alerts(few) if alert.about == "sign_ins"]

    for n in range(4):
        assert told() == []
        with pytest.raises(FormsvcError):
            sign_in(ports, f"nobody{n}", "wrong", origin=f"10.0.0.{n}")
    (said,) = told()
    assert "登录被拒绝 4 次" in said and "系统日志" in said
    clock.moment += timedelta(hours=25)
    assert told() == []
