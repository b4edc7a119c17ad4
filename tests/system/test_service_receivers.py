"""Who may receive a document that is recorded as served without a receipt (民事诉讼法 88)."""

from __future__ import annotations

from pathlib import Path

import pytest

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import ServiceRecord
from formsvc.errors import InputRefused
from formsvc.usecases.acts import serving
from tests.support.issued_acts import before_the_order, order
from tests.support.memory_office import make_office

SERVERS = ("赵正言", "钱守规")


def received(relation: str, receiver: str = "褚安", method: str = "直接送达") -> ServiceRecord:
    return ServiceRecord(method, "2026-09-21T11:00", receiver, relation, servers=SERVERS)


def test_an_order_to_a_company_is_received_by_who_may_receive_for_it(tmp_path: Path) -> None:
    office = make_office(tmp_path)
    before_the_order(office)
    ordered, officer = order(office), sample_actor(office.ports, "officer")
    wrong = (
        (received("同住成年家属"), "relation", "可以签收的是：法定代表人、负责收件人、委托代理人、代收人"),
        (received("本人"), "relation", "第八十八条"),
        (received("负责收件人", method="转交送达"), "relation", "监所"),
        (received("负责收件人", receiver="钱守规"), "receiver", "送达人本人"),
    )
    for record, field, words in wrong:
        with pytest.raises(InputRefused) as refused:
            serving.record_service(office.ports, officer, ordered.id, record)
        (problem,) = refused.value.problems
        assert problem.field == field and words in problem.sentence()
    serving.record_service(office.ports, officer, ordered.id, received("负责收件人"))
    # a wrong entry is corrected to whoever the law allows, and to nobody else
    for relation in ("法定代表人", "委托代理人", "代收人", ""):
        corrected = serving.correct_service(
            office.ports, officer, ordered.id, received(relation), reason="签收人登记错误"
        )
        assert corrected.service["relation"] == relation
    with pytest.raises(InputRefused, match="同住成年家属"):
        serving.correct_service(
            office.ports, officer, ordered.id, received("同住成年家属"), reason="签收人登记错误"
        )
