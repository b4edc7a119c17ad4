"""What a person does beyond the office's habit within an hour is noticed: in the log, the metrics, on the home page."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path

import pytest

from formsvc.domain.acts.act import State
from formsvc.limits import Limits
from formsvc.usecases.administration import api_tokens
from formsvc.usecases.administration.alerts import list_alerts
from tests.support.issued_acts import add_person, before_the_order, order
from tests.support.memory_office import Office, make_office
from tests.support.page_client import Visitor


def told(office: Office) -> list[str]:
    return [str(alert.message) for alert in list_alerts(office.ports) if alert.about == "activity"]


def visitor(office: Office, name: str) -> Visitor:
    arrived = Visitor(office.app)
    arrived.sign_in(name)
    return arrived


def counted(office: Office, activity: str) -> float:
    text = office.app.test_client().get("/metrics").get_data(as_text=True)
    line = f'formsvc_unusual_activity_total{{activity="{activity}"}} '
    return sum(float(found.removeprefix(line)) for found in text.splitlines() if found.startswith(line))


def test_many_refused_requests_of_a_person_are_noticed_once_an_hour(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    office = make_office(tmp_path, limits=Limits(refused_requests_alert=4))
    before_the_order(office)
    act = order(office, State.SUBMITTED)
    add_person(office.ports, "outsider", "虚构孙某", {"donghe-committee": ["staff"]})
    outsider, colleague, before = (
        visitor(office, "outsider"),
        visitor(office, "staff"),
        counted(office, "refused"),
    )
    secret = api_tokens.add_token(office.ports, "走查", "outsider")
    with caplog.at_level(logging.WARNING, "formsvc.usecases.maintenance.unusual_activity"):
        for _ in range(2):
            assert outsider.client.get(f"/acts/{act.id}").status_code == 404
            assert outsider.client.get("/admin/people").status_code == 403
            assert colleague.client.get(f"/acts/{act.id}").status_code == 200
        assert told(office) == [], "as many as anybody may"
        headers = {"Authorization": f"Bearer {secret}"}
        answer = office.app.test_client().get(f"/api/v1/acts/{act.id}", headers=headers)
        assert answer.status_code == 404, "answered as before"
        for _ in range(9):
            outsider.client.get(f"/acts/{act.id}/document.pdf")
    (said,) = told(office)
    assert "虚构孙某 一小时内打开没有权限或者不存在的内容 4 次以上" in said
    lines = [r.getMessage() for r in caplog.records if "unusual" in r.getMessage()]
    assert lines == ["unusual activity: outsider refused more than 4 times within an hour"]
    assert counted(office, "refused") == before + 1
    home = visitor(office, "admin").open("/")
    assert said in home.text
    assert "虚构孙某" not in visitor(office, "reviewer").open("/").text, "for administrators alone"
    office.clock.moment += timedelta(hours=1)
    for _ in range(5):
        outsider.client.get(f"/acts/{act.id}")
    assert len(told(office)) == 2, "the next hour once more"
    office.clock.moment += timedelta(hours=25)
    assert told(office) == []


def test_many_downloads_and_issued_documents_are_noticed(tmp_path: Path) -> None:
    office = make_office(tmp_path, limits=Limits(downloads_alert=2, issued_alert=1))
    before_the_order(office)
    acts = [order(office, State.APPROVED) for _ in range(2)]
    officer = visitor(office, "officer")
    for act, noticed in zip(acts, (0, 1), strict=True):
        officer.open(f"/acts/{act.id}")
        assert officer.press("编号制发本件").status == 200
        assert len(told(office)) == noticed
    assert "一小时内编号制发 1 件以上" in told(office)[0]
    for noticed in (1, 1, 2):
        assert officer.client.get(f"/acts/{acts[0].id}/document.pdf").status_code == 200
        officer.open(f"/acts/{acts[0].id}")
        assert len(told(office)) == noticed, "looking at pages is no download"
    assert "下载、导出 2 个以上文件" in told(office)[0]
