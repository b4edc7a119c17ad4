"""Pages and API of what is corrected afterwards: a mistaken service, a voiding that others stand in the way of."""

from __future__ import annotations

from collections.abc import Callable

from formsvc.usecases.administration import api_tokens
from tests.support.issued_acts import before_the_order, order
from tests.support.memory_office import Office
from tests.support.page_client import Visitor

Visit = Callable[[str], Visitor]
HANDED = {
    "method": "直接送达",
    "served_at": "2026-09-21T09:00",
    "receiver": "王五",
    "relation": "负责收件人",
    "servers": "赵正言、钱守规",
}


def test_an_officer_corrects_a_service_on_the_page_of_the_act(office: Office, visit: Visit) -> None:
    before_the_order(office)
    t22 = order(office)
    sun = visit("officer")
    sun.open(f"/acts/{t22.id}/service")
    sun.press("登记送达", HANDED)
    assert "更正送达…" in sun.open(f"/acts/{t22.id}").links()
    page = sun.open(f"/acts/{t22.id}/service/correct")
    assert page.value("f-receiver") == "王五", "the recorded service is there to be corrected"
    refused = sun.press("更正送达", {"receiver": "褚安", "reason": ""})
    assert refused.status == 422 and refused.value("f-receiver") == "褚安", "nothing typed is lost"
    shown = sun.press("更正送达", {"receiver": "褚安", "reason": "签收人登记错误"})
    assert "褚安" in shown.text and "原登记直接送达，王五" in shown.text and "签收人登记错误" in shown.text
    sun.open(f"/acts/{t22.id}/service/correct")
    back = sun.press("还没有送达，撤回登记", {"reason": "文书还在办公室"})
    assert "登记送达" in back.links() and "文书还在办公室" in back.text


def test_a_program_corrects_a_service_with_the_reason(office: Office) -> None:
    before_the_order(office)
    t22 = order(office)
    token = api_tokens.add_token(office.ports, "接口", "officer", limit=1000)
    client = office.app.test_client()
    head = {"Authorization": f"Bearer {token}"}
    service = {**HANDED, "servers": ["赵正言"]}
    assert client.post(f"/api/v1/acts/{t22.id}/serve", json=service, headers=head).status_code == 200
    right = {**service, "receiver": "褚安"}
    path = f"/api/v1/acts/{t22.id}/serve/correct"
    assert client.post(path, json={"service": right}, headers=head).status_code in (400, 422)
    corrected = client.post(path, json={"service": right, "reason": "签收人登记错误"}, headers=head)
    assert corrected.status_code == 200 and corrected.get_json()["state"] == "served"
    unserved = client.post(path, json={"reason": "没有送达"}, headers=head)
    assert unserved.status_code == 200 and unserved.get_json()["state"] == "issued"
    assert client.post(path, json={"reason": "没有送达"}, headers=head).status_code == 409


def test_the_page_of_voiding_lists_what_stands_on_the_document(office: Office, visit: Visit) -> None:
    record = before_the_order(office)
    t22 = order(office)
    zhao = visit("approver")
    page = zhao.open(f"/acts/{record.id}/void")
    assert f"{t22.title} {t22.number}" in page.links()
    refused = zhao.press("作废这个文号", reason="当事人名称写错", stage="未用印", approver="赵刚")
    assert refused.status in (409, 422) and t22.number in refused.text
    assert "已作废" not in zhao.open(f"/acts/{record.id}").text
