"""Who may receive a document and witness its service; attempts, several documents, unserved orders."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from formsvc.domain.acts.act import Act, State
from formsvc.domain.evaluation.evaluation import Evaluation
from formsvc.usecases import operator
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.drafting.complete_submission import check_answers
from formsvc.usecases.numbering import issue
from formsvc.usecases.ports import Condition
from tests.support.issued_acts import CASES
from tests.support.memory_office import SetClock
from tests.support.sayings import notices, refusals

SENDERS = [
    {"name": "赵正言", "cert_no": "FAKE23120200001"},
    {"name": "钱守规", "cert_no": "FAKE23120200002"},
]
HANDED: dict[str, Any] = {
    "issuer_name": "绥化市北林区消防救援大队",
    "receiver_unit": "北林区东河镇福满家购物广场有限公司",
    "party_type": "法人",
    "addr": "绥化市北林区东河镇中心街18号",
    "method": "直接",
    "received_at": "2026-09-21T10:30",
    "receiver": "褚安",
    "relation": "负责收件人",
    "sender": SENDERS,
}
LEFT = {
    "method": "留置",
    "receiver": None,
    "relation": None,
    "refuse_reason": "听完内容后拒绝签收",
    "left_at": "一层服务台",
    "witness": "孔亮",
    "witness_unit": "东河镇站前社区居民委员会",
}


@pytest.fixture
def issued(ports: Ports, actor: Callable[[str], Actor]) -> Callable[..., Act]:
    """Issue a worked case or a receipt with changes."""

    def made(form: str, fields: dict[str, Any], **changes: Any) -> Act:
        given = {k: v for k, v in {**fields, **changes}.items() if v is not None}
        return operator.issue_at_once(ports, actor("staff"), actor("approver"), form, given)

    return made


@pytest.fixture
def order(issued: Callable[..., Act]) -> Act:
    """责令限期改正通知书 of the worked case, not served yet."""
    for case in ("EX01", "EX06", "EX07"):
        issued(CASES[case]["act"], CASES[case]["fields"])
    return issued("T22", CASES["EX09"]["fields"])


@pytest.fixture
def ask(ports: Ports, actor: Callable[[str], Actor], order: Act) -> Callable[..., Evaluation]:
    """Check a receipt of the order with changes."""

    def checked(**changes: Any) -> Evaluation:
        given = {"doc_ref": order.number, **HANDED, **changes}
        return check_answers(ports, actor("staff"), "T34", {k: v for k, v in given.items() if v is not None})

    return checked


@pytest.mark.parametrize(
    ("party", "wrong", "right"),
    [
        ("法人", "同住成年家属", ("法定代表人", "负责收件人", "委托代理人")),
        ("自然人", "法定代表人", ("本人", "同住成年家属", "代收人")),
        ("个体工商户", "法定代表人", ("经营者", "同住成年家属", "负责收件人")),
        ("非法人组织", "同住成年家属", ("主要负责人", "负责收件人", "委托代理人")),
    ],
)
def test_who_may_receive_goes_by_the_kind_of_party(
    ask: Callable[..., Evaluation], party: str, wrong: str, right: tuple[str, ...]
) -> None:
    outside = {
        "doc_ref": {"number": "旧限字〔2019〕第3号", "title": "责令限期改正通知书", "date": "2026-09-01"}
    }
    said = refusals(ask(**outside, party_type=party, relation=wrong), "relation")
    assert f"不能由“{wrong}”签收" in said and right[0] in said
    for relation in right:
        found = ask(**outside, party_type=party, relation=relation, proxy_doc="授权委托书")
        assert found.is_sound, (relation, found.problems)


def test_a_proxy_shows_what_empowers_him(ask: Callable[..., Evaluation]) -> None:
    assert "凭证" in refusals(ask(relation="委托代理人"), "proxy_doc")
    for relation, proof in (
        ("委托代理人", "授权委托书（2026年9月21日）"),
        ("代收人", "送达地址确认书"),
        ("负责收件人", None),
    ):
        assert ask(relation=relation, proxy_doc=proof).is_sound


def test_a_witness_is_no_server_and_has_an_organisation(ask: Callable[..., Evaluation]) -> None:
    assert "送达人本人" in refusals(ask(**(LEFT | {"witness": "赵正言"})), "witness")
    assert "单位" in refusals(ask(**(LEFT | {"witness_unit": None})), "witness_unit")
    assert "送达人" in refusals(ask(receiver="钱守规"), "sender")
    for proof in (
        LEFT,
        LEFT | {"witness": None, "witness_unit": None, "media": ["留置.jpg"]},
        LEFT | {"witness": "孔亮（站前社区居民委员会）", "witness_unit": None},
    ):
        assert ask(**proof).is_sound, ask(**proof).problems


def test_a_failed_attempt_serves_nothing_and_may_be_repeated(
    ask: Callable[..., Evaluation], issued: Callable[..., Act], order: Act, ports: Ports
) -> None:
    failed = {
        "doc_ref": order.number,
        "result": "未送达",
        "tried_at": "2026-09-21T09:30",
        "received_at": None,
        "receiver": None,
        "relation": None,
    }
    assert "未送达原因" in refusals(ask(**failed), "fail_reason")
    issued("T34", HANDED, **failed, fail_reason="店门关闭，无人在场")
    assert _state(ports, order) == State.ISSUED.value
    second = issued("T34", HANDED, doc_ref=order.number)
    assert second.answers["try_no"] == 2
    assert _state(ports, order) == State.SERVED.value
    assert "已经送达" in refusals(ask(), "doc_ref")


def test_one_receipt_serves_several_documents_of_one_party(
    ask: Callable[..., Evaluation],
    issued: Callable[..., Act],
    order: Act,
    ports: Ports,
    actor: Callable[[str], Actor],
) -> None:
    record = next(iter(_numbered(ports, "T15")))
    both = [
        {"ref": order.number, "title": "责令限期改正通知书", "copies": 1},
        {"ref": record["number"], "title": "消防安全检查记录", "copies": 1},
    ]
    assert "应当列上首件" in refusals(ask(docs=both[1:]), "docs")
    for lawful in (None, both[:1], both):
        assert ask(docs=lawful).is_sound, lawful
    made = issued("T34", HANDED, doc_ref=order.number, docs=both)
    assert {_state(ports, order), _record(ports, record["id"])["state"]} == {State.SERVED.value}
    issue.void_act(ports, actor("approver"), made.id, reason="签收人写错")
    assert {_state(ports, order), _record(ports, record["id"])["state"]} == {State.ISSUED.value}


def test_it_is_told_that_an_order_was_not_served_or_too_late(
    ask: Callable[..., Evaluation],
    issued: Callable[..., Act],
    order: Act,
    ports: Ports,
    actor: Callable[[str], Actor],
    clock: SetClock,
) -> None:
    clock.moment = datetime(2026, 11, 3, 16, 0, tzinfo=ZoneInfo("Asia/Shanghai"))

    def recheck(**changes: Any) -> Evaluation:
        fields = {**CASES["EX10"]["fields"], "results": None, **changes}
        rows = [{"result": result} for result in ("已改正", "未改正")]
        given = {k: v for k, v in {**fields, "results": rows}.items() if v is not None}
        return check_answers(ports, actor("staff"), "T24", given)

    unserved = recheck()
    assert "期限对当事人没有生效" in notices(unserved, "trigger")
    for lawful in (
        {"trigger": "随机复核"},
        {"trigger": "当事人申请", "apply_date": "2026-11-02"},
    ):
        assert notices(recheck(**lawful), "trigger") == "", lawful
    late = ask(received_at="2026-11-02T09:00")
    assert late.is_sound and "晚于文书载明的改正期限" in notices(late, "received_at")
    issued("T34", HANDED, doc_ref=order.number, received_at="2026-09-22T09:30")
    served = recheck()
    assert served.is_sound and notices(served, "trigger") == ""


def _numbered(ports: Ports, form: str) -> list[dict[str, Any]]:
    with ports.store.read() as tx:
        return list(tx.acts.find(Condition("form", "==", form)))


def _record(ports: Ports, act_id: str) -> dict[str, Any]:
    with ports.store.read() as tx:
        found = tx.acts.get(act_id)
    assert found is not None
    return found


def _state(ports: Ports, act: Act) -> str:
    return str(_record(ports, act.id)["state"])
