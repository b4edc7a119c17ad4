"""Limits of each person: who is too fast waits, and no one else does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from formsvc.errors import Throttled
from formsvc.limits import Limits
from formsvc.usecases.allowances import PersonalLimits
from tests.support.memory_office import Office, make_office
from tests.support.page_client import Visitor


def opened(office: Office, name: str) -> Visitor:
    visitor = Visitor(office.app)
    visitor.sign_in(name)
    visitor.open("/forms/X01/new")
    return visitor


def autosave(visitor: Visitor, version: int) -> Any:
    assert visitor.page is not None
    action, fields = visitor.page.form_with("保存并刷新")
    body = {**dict(fields), "version": str(version), "name": f"第{version}家"}
    return visitor.client.post(action, data=body, headers={"Accept": "application/json"})


def test_who_saves_too_often_waits_and_loses_no_text(tmp_path: Path) -> None:
    office = make_office(tmp_path, limits=Limits(saves_per_minute=5))
    staff = opened(office, "staff")
    assert [autosave(staff, n).status_code for n in range(1, 7)] == [200] * 5 + [429]
    answer = autosave(staff, 6)
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    refused = answer.get_json()
    assert "这一次没有保存" in refused["message"] and "请 " in refused["remedy"]
    office.clock.moment += timedelta(minutes=1)
    assert autosave(staff, 6).status_code == 200


def test_only_previews_that_have_to_be_made_count(tmp_path: Path) -> None:
    office = make_office(tmp_path, limits=Limits(previews_per_minute=2))
    staff = opened(office, "staff")
    assert staff.page is not None
    at = staff.page.path
    for version in (1, 2):
        autosave(staff, version)
        assert [staff.client.get(f"{at}/preview.pdf").status_code for _ in range(3)] == [200] * 3
    autosave(staff, 3)
    refused = staff.client.get(f"{at}/preview.pdf")
    assert refused.status_code == 429 and "这一次没有制作" in refused.get_data(as_text=True)
    assert staff.client.get("/").status_code == 200


@pytest.mark.parametrize("count", ["count_save", "count_preview"])
def test_several_workers_share_one_limit_and_each_person_has_one(tmp_path: Path, count: str) -> None:
    office = make_office(tmp_path)
    limits = Limits(saves_per_minute=40, previews_per_minute=40)
    workers = [PersonalLimits(office.ports.store, limits) for _ in range(4)]

    def let_through(account: str) -> int:
        done = 0
        for worker in workers * 30:
            try:
                getattr(worker, count)(account, office.clock.moment)
                done += 1
            except Throttled:
                continue
        return done

    assert let_through("staff") == 40
    assert let_through("officer") == 40
    office.clock.moment += timedelta(minutes=1)
    assert let_through("staff") == 40


def test_a_wrong_present_password_waits_as_at_sign_in(
    office: Office, visit: Callable[[str], Visitor]
) -> None:
    staff = visit("staff")
    staff.open("/account/password")

    def change(old: str) -> Any:
        new = "雨天 不出车 2026 灯"
        data = {"old": old, "new": new, "again": new, "csrf_token": staff.token()}
        return staff.client.post("/account/password", data=data)

    assert [change("wrong").status_code for _ in range(6)] == [422] * 5 + [429]
    assert "秒后再试" in change("demo").get_data(as_text=True)
    office.clock.moment += timedelta(minutes=6)
    assert change("demo").status_code == 302
