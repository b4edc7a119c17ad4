"""What Prometheus reads, and from where."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from formsvc.config import InvalidSetting, read_settings
from formsvc.errors import Busy
from formsvc.web.monitoring.metrics import RenderingMetrics
from tests.support.approved_acts import approve, township_notice
from tests.support.memory_office import Office, make_office
from tests.support.page_client import Visitor
from tests.support.sample_office import TODAY


def figures(office: Office, **environ: str) -> dict[str, float]:
    answer = office.app.test_client().get("/metrics", environ_base=environ)
    assert answer.status_code == 200 and answer.mimetype == "text/plain"
    lines = [line for line in answer.get_data(as_text=True).splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def asked(office: Office, address: str, **headers: str) -> int:
    client = office.app.test_client()
    return client.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": address}).status_code


def test_only_this_machine_reads_the_metrics_unless_set_otherwise(tmp_path: Path) -> None:
    office = make_office(tmp_path / "one")
    assert [asked(office, address) for address in ("127.0.0.1", "127.8.9.1", "::1")] == [200] * 3
    assert [asked(office, address) for address in ("10.1.2.3", "192.0.2.1", "2001:db8::1", "")] == [404] * 4
    # through a proxy on this machine that is not set up everybody would look local
    assert asked(office, "127.0.0.1", **{"X-Forwarded-For": "10.1.2.3"}) == 404
    wider = make_office(tmp_path / "two", METRICS_FROM=(ip_network("10.1.0.0/16"),))
    assert [asked(wider, address) for address in ("10.1.2.3", "10.2.0.1", "127.0.0.1")] == [200, 404, 404]
    assert asked(make_office(tmp_path / "three", METRICS_FROM=()), "127.0.0.1") == 404


def test_metrics_need_no_session_and_name_nobody(office: Office, visit: Callable[[str], Visitor]) -> None:
    staff = visit("staff")
    staff.open("/search?q=张虚构")
    staff.open("/forms")
    answer = office.app.test_client().get("/metrics")
    text = answer.get_data(as_text=True)
    assert "Set-Cookie" not in answer.headers
    assert [word for word in ("虚构", "staff", "李明") if word in text] == []
    assert 'formsvc_requests_total{method="GET",route="/forms",status="200"}' in text
    assert 'formsvc_request_seconds_bucket{le="0.05",route="/forms"}' in text


def test_numbers_store_disk_clock_and_backups_are_told(
    office: Office, visit: Callable[[str], Visitor]
) -> None:
    office.clock.moment += TODAY - office.clock.today()
    before = figures(office)
    act_id, approver = approve(office.ports, "T14", township_notice()), visit("approver")
    approver.open(f"/acts/{act_id}/issue")
    approver.press("编号制发本件")
    assert "formsvc_backup_age_seconds" not in before
    hour_ago, day_ago = ((office.clock.moment - timedelta(hours=n)).isoformat() for n in (1, 24))
    with office.ports.store.write() as tx:
        tx.settings.insert("backups", {"made": {"at": hour_ago}, "proven": {"at": day_ago}})
    after = figures(office)
    assert after["formsvc_backup_age_seconds"] == 3600
    assert after["formsvc_restore_proven_age_seconds"] == 24 * 3600
    number = f'formsvc_numbers_given{{series="dong-jian",year="{TODAY.year}"}}'
    assert (before.get(number, 0), after[number]) == (0, 1)
    assert after["formsvc_acts"] == before["formsvc_acts"] + 1
    assert after["formsvc_store_bytes"] > before["formsvc_store_bytes"]
    assert after['formsvc_free_bytes{place="files"}'] > 0
    assert (after["formsvc_healthy"], after["formsvc_clock_right"]) == (1, 1)
    assert after[f'formsvc_series_waiting{{series="dong-jian/{TODAY.year}"}}'] == 0
    issued = 'formsvc_requests_total{method="POST",route="/acts/<act_id>/issue",status="303"}'
    assert after[issued] == before.get(issued, 0) + 1


def test_a_store_that_fails_is_a_metric(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> dict[str, Any]:
        raise Busy("数据库忙。")

    monkeypatch.setattr(office.ports.store, "health", fail)
    told = figures(office)
    assert told["formsvc_healthy"] == 0 and "formsvc_acts" not in told


def test_documents_being_made_are_counted(office: Office) -> None:
    before, observer = figures(office), RenderingMetrics()
    observer.wait_began()
    assert figures(office)["formsvc_render_waiting"] == before["formsvc_render_waiting"] + 1
    observer.wait_ended(0.2)
    observer.work_ended("pdf", 1.5)
    after = figures(office)
    assert after["formsvc_render_waiting"] == before["formsvc_render_waiting"]
    counted = 'formsvc_render_seconds_count{call="pdf"}'
    assert after[counted] == before.get(counted, 0) + 1
    assert after["formsvc_render_wait_seconds_count"] == before["formsvc_render_wait_seconds_count"] + 1


def test_from_where_is_a_setting(tmp_path: Path) -> None:
    def read(value: str) -> tuple[str, ...]:
        found = read_settings({"FORMSVC_METRICS_FROM": value}, instance=tmp_path).metrics_from
        return tuple(map(str, found))

    assert read("") == ("127.0.0.0/8", "::1/128") and read("off") == ()
    assert read("10.1.2.3, 2001:db8::/32") == ("10.1.2.3/32", "2001:db8::/32")
    with pytest.raises(InvalidSetting, match="FORMSVC_METRICS_FROM 应当是地址或者网段"):
        read("everybody")
