"""Service (送达): how, when, by whom and to whom a document was served."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from formsvc.domain import laws
from formsvc.domain.acts.act import Act, ServiceRecord, State, Step, require_step
from formsvc.domain.acts.service_day import PUBLISHED
from formsvc.domain.acts.service_receipt import further_numbers, is_served_by, service_record_of
from formsvc.errors import Conflict, InputRefused, Problem
from formsvc.i18n.messages import msg
from formsvc.usecases.access import visible_act
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.event_log import record_event
from formsvc.usecases.ports import Condition, Transaction

METHODS = ("直接送达", "留置送达", "委托送达", "邮寄送达", "电子送达", "公告送达", "转交送达")
RELATIONS = (
    *("本人", "经营者", "法定代表人", "主要负责人", "负责收件人", "同住成年家属", "委托代理人", "代收人"),
    "监所（政治机关）",
)
_LEFT = "留置送达"


def record_service(ports: Ports, actor: Actor, act_id: str, record: ServiceRecord) -> Act:
    """Record the service of an issued document (民事诉讼法 87–95).

    Raise InputRefused with every problem.
    """
    with ports.store.write() as tx:
        act = visible_act(tx, actor, act_id)
        rule = require_step(act.status, Step.SERVE)
        actor.account.require(rule.right, act.authority)
        problems = _problems(record, act, ports.clock.now().replace(tzinfo=None))
        if problems:
            raise InputRefused(problems)
        now = ports.clock.now().isoformat(timespec="seconds")
        served = act.changed(
            now, state=State.SERVED.value, service={**asdict(record), "recorded_by": actor.account.id}
        )
        tx.acts.replace(act.id, served.to_record())
        note = f"{record.method}，{record.receiver}，{record.served_at.replace('T', ' ')}"
        record_event(tx, ports.clock, actor, act.id, rule.event, note=note)
    return served


def serve_by_receipt(ports: Ports, tx: Transaction, actor: Actor, receipt: Act) -> None:
    """Mark the documents as served that a recorded receipt (送达回证) names.

    A failed attempt serves nothing. Raise Conflict if one of them has just been served.
    """
    definition = ports.definitions.revision(receipt.revision).definition
    if not is_served_by(definition, receipt.answers):
        return
    service_record = service_record_of(definition, receipt.answers)
    service = {**asdict(service_record), "recorded_by": actor.account.id, "receipt": receipt.id}
    note = msg(
        "{method}，{receiver}，{at}（送达回证）",
        method=service_record.method,
        receiver=service_record.receiver,
        at=service_record.served_at.replace("T", " "),
    )
    now = ports.clock.now().isoformat(timespec="seconds")
    for served in _served_by(ports, tx, receipt):
        if served.status is State.SERVED:
            raise Conflict(
                msg("“{document}”刚刚已经登记送达。", document=served.number or served.title),
                msg("请打开这件文书核对；确有错误的，先将已有的回证作废。"),
            )
        if served.status is State.ISSUED:
            tx.acts.replace(
                served.id, served.changed(now, state=State.SERVED.value, service=service).to_record()
            )
            record_event(tx, ports.clock, actor, served.id, "Served", note=note, receipt=receipt.id)


def undo_receipt(ports: Ports, tx: Transaction, actor: Actor, receipt: Act) -> None:
    """Reset the served documents to issued when their receipt (送达回证) is voided."""
    now = ports.clock.now().isoformat(timespec="seconds")
    note = msg("送达回证已作废：{reason}", reason=receipt.void_reason)
    for served in _served_by(ports, tx, receipt):
        # the document may have been served otherwise in the meantime: that service stays
        if served.service.get("receipt") == receipt.id:
            tx.acts.replace(served.id, served.changed(now, state=State.ISSUED.value, service={}).to_record())
            record_event(tx, ports.clock, actor, served.id, "ServiceVoided", note=note, receipt=receipt.id)


def _served_by(ports: Ports, tx: Transaction, receipt: Act) -> list[Act]:
    """Return the documents in the store that a receipt serves, each once."""
    definition = ports.definitions.revision(receipt.revision).definition
    reference = receipt.answers.get(definition.serves.document) if definition.serves else None
    first = tx.acts.get(reference["act_id"]) if reference and reference["act_id"] else None
    found = {first["id"]: first} if first else {}
    for number in further_numbers(definition, receipt.answers):
        for record in tx.acts.find(Condition("number", "==", number), limit=1):
            found.setdefault(record["id"], record)
    return [Act.from_record(record) for record in found.values()]


def _problems(record: ServiceRecord, act: Act, now: datetime) -> list[Problem]:
    problems = []
    if record.method not in METHODS:
        problems.append(Problem("method", msg("请选择送达方式。")))
    if not record.receiver.strip() and record.method not in (_LEFT, PUBLISHED):
        problems.append(Problem("receiver", msg("请填写签收人姓名。")))
    if record.method == _LEFT and not record.note.strip():
        problems.append(
            Problem(
                "note",
                msg("留置送达应当写明拒收事由和见证人（或者照片录像）。"),
                law=laws.LEFT_SERVICE_ARTICLE,
            )
        )
    if not any(name.strip() for name in record.servers):
        problems.append(Problem("servers", msg("请填写送达人。")))
    return problems + _time_problems(record.served_at, act, now)


def _time_problems(served_at: str, act: Act, now: datetime) -> list[Problem]:
    try:
        moment = datetime.fromisoformat(served_at)
    except ValueError:
        return [Problem("served_at", msg("请填写送达时间，例如 2026-11-23 09:30。"))]
    if moment > now:
        return [Problem("served_at", msg("送达时间晚于现在。"), msg("请填写实际送达的时间。"))]
    if served_at[:10] < act.dated:
        return [
            Problem(
                "served_at",
                msg("送达时间早于文书的成文日期 {dated}。", dated=act.dated),
                msg("请核对送达时间。"),
            )
        ]
    return []
