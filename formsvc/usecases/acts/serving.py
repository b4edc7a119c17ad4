"""Service (送达): how, when, by whom and to whom a document was served."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date

from formsvc.domain.accounts.account import Account, Right
from formsvc.domain.acts.act import Act, ServiceRecord, State, Step, require_step
from formsvc.domain.acts.service_checks import receiver_problems, service_problems, service_word
from formsvc.domain.acts.service_day import service_day
from formsvc.domain.acts.service_receipt import service_record_of
from formsvc.errors import Conflict, FormsvcError, InputRefused, Problem
from formsvc.i18n.messages import join_messages, msg
from formsvc.usecases.access import visible_act
from formsvc.usecases.acts.receipts import documents_served_by, undo_service
from formsvc.usecases.cases.case_file import load_case_context
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.effects.execution import carry_out
from formsvc.usecases.effects.plans import EffectPlan, plan_of
from formsvc.usecases.effects.standing import (
    bring_up_to_date,
    find_later_documents,
    name_documents,
)
from formsvc.usecases.effects.undoing import undo_effects
from formsvc.usecases.event_log import record_event
from formsvc.usecases.ports import Transaction


def record_service(ports: Ports, actor: Actor, act_id: str, record: ServiceRecord) -> Act:
    """Record the service of an issued document (民事诉讼法 87–95).

    Raise InputRefused with every problem.
    """
    with ports.store.read() as tx:
        act = _act_to_serve(tx, actor, act_id)
        _require_sound(ports, record, act)
    plan = plan_service(ports, act, record)
    with ports.store.write() as tx:
        current = _act_to_serve(tx, actor, act_id)
        _require_planned(act, current)
        served = _with_service(ports, actor, current, record)
        tx.acts.replace(act.id, served.to_record())
        record_event(tx, ports.clock, actor, act.id, "Served", note=_described(asdict(record)))
        carry_out(ports, tx, actor, served, plan)
    return _stored(ports, act_id)


def plan_service(ports: Ports, act: Act, record: ServiceRecord) -> EffectPlan:
    """Return what a document does once it is served so."""
    rules = load_case_context(ports).rules
    served = service_day(asdict(record), rules.calendar, rules.setting)
    day = served.due if served else date.fromisoformat(record.served_at[:10])
    return plan_of(ports, act, "served", day, served_on=day.isoformat())


def _act_to_serve(tx: Transaction, actor: Actor, act_id: str) -> Act:
    act = visible_act(tx, actor, act_id)
    rule = require_step(act.status, Step.SERVE)
    actor.account.require(rule.right, act.authority)
    return act


def _require_sound(ports: Ports, record: ServiceRecord, act: Act) -> None:
    known = ports.definitions.life_of(act.revision)
    party = ports.definitions.revision(act.revision).definition.roles.text(act.answers, "party_type")
    allowed = known.life.service.receivers_of(party, record.method) if known and known.life.service else []
    problems = service_problems(record, act.dated, ports.clock.now().replace(tzinfo=None))
    problems += receiver_problems(record, party, allowed)
    if problems:
        raise InputRefused(problems)


def _require_planned(act: Act, current: Act) -> None:
    if act.version != current.version:
        raise Conflict(msg("这件文书刚刚有变动，送达没有记下。"), msg("请刷新页面，核对后再登记一次。"))


def _with_service(ports: Ports, actor: Actor, act: Act, record: ServiceRecord, **more: object) -> Act:
    now = ports.clock.now().isoformat(timespec="seconds")
    service = {**asdict(record), "recorded_by": actor.account.id, **more}
    return act.changed(now, state=State.SERVED.value, service=service)


def _stored(ports: Ports, act_id: str) -> Act:
    with ports.store.read() as tx:
        return Act.from_record(tx.acts.get(act_id) or {})


# Receipts --------------------------------------------------------------------------------------------


def plan_receipt(ports: Ports, receipt: Act) -> dict[str, EffectPlan]:
    """Return the effects of service of each document on a receipt, by act id."""
    with ports.store.read() as tx:
        served = documents_served_by(ports, tx, receipt)
    record = _record_of(ports, receipt) if served else None
    return {
        act.id: plan_service(ports, act, record) for act in served if record and act.status is State.ISSUED
    }


def _record_of(ports: Ports, receipt: Act) -> ServiceRecord:
    return service_record_of(ports.definitions.revision(receipt.revision).definition, receipt.answers)


def serve_by_receipt(
    ports: Ports, tx: Transaction, actor: Actor, receipt: Act, plans: Mapping[str, EffectPlan]
) -> None:
    """Mark the documents as served that a recorded receipt (送达回证) names.

    Raise Conflict if one of them was served in the meantime.
    """
    for served in documents_served_by(ports, tx, receipt):
        _require_serving(tx, actor, receipt, served)
        if served.status is State.SERVED:
            raise Conflict(
                msg("“{document}”刚刚已经登记送达。", document=served.number or served.title),
                msg("请打开这件文书核对；确有错误的，先将已有的回证作废。"),
            )
        if served.status is State.ISSUED:
            _serve_one(ports, tx, actor, receipt, served, plans.get(served.id, EffectPlan()))


def _require_serving(tx: Transaction, actor: Actor, receipt: Act, served: Act) -> None:
    """Raise FormsvcError unless who records or wrote the receipt may serve it."""
    writer = tx.accounts.get(receipt.drafter)
    people = [actor.account, *([Account.from_record(writer)] if writer else [])]
    if not any(person.may(Right.SERVE, served.authority) for person in people):
        # what there is of another authority is not said
        number = served.number or served.title
        raise FormsvcError(
            msg("找不到“{document}”，或者您没有登记它送达的权限。", document=number),
            msg("请核对回证上的文号，或者请制发机关登记送达。"),
        )


def _serve_one(
    ports: Ports, tx: Transaction, actor: Actor, receipt: Act, served: Act, plan: EffectPlan
) -> None:
    record = _record_of(ports, receipt)
    now_served = _with_service(ports, actor, served, record, receipt=receipt.id)
    tx.acts.replace(served.id, now_served.to_record())
    note = msg("{service}（送达回证）", service=_described(asdict(record)))
    record_event(tx, ports.clock, actor, served.id, "Served", note=note, receipt=receipt.id)
    carry_out(ports, tx, actor, now_served, plan)


# Correction ------------------------------------------------------------------------------------------


def correct_service(
    ports: Ports, actor: Actor, act_id: str, record: ServiceRecord | None, *, reason: str
) -> Act:
    """Correct a service recorded by mistake; None: it was not served.

    The wrong one stays in the history with the reason. Raise InputRefused with every problem, and Conflict with the
    list if a document was made on the ground of this one since.
    """
    with ports.store.read() as tx:
        act = _act_to_correct(tx, actor, act_id, reason)
        if record:
            _require_sound(ports, record, act)
    later = find_later_documents(ports, act)
    plan = plan_service(ports, act, record) if record else EffectPlan()
    with ports.store.write() as tx:
        current = _act_to_correct(tx, actor, act_id, reason)
        _require_planned(act, current)
        standing = bring_up_to_date(ports, tx, current, later).finished
        if standing:
            raise Conflict(
                msg(
                    "以后的文书以这次送达为准：{documents}，送达不能再更正。",
                    documents=name_documents(list(standing)),
                ),
                msg("请先依法作废（没有送达的）或者撤销（已经送达的）这些文书。"),
            )
        if record is None:
            undo_service(
                ports, tx, actor, current, msg("登记有误，尚未送达：{reason}", reason=reason.strip())
            )
        else:
            _replace_service(ports, tx, actor, current, record, plan, reason.strip())
    return _stored(ports, act_id)


def _act_to_correct(tx: Transaction, actor: Actor, act_id: str, reason: str) -> Act:
    act = visible_act(tx, actor, act_id)
    rule = require_step(act.status, Step.CORRECT_SERVICE)
    actor.account.require(rule.right, act.authority)
    if act.service.get("receipt"):
        raise FormsvcError(
            msg("本件的送达由送达回证登记，不能在这里更正。"),
            msg("请作废有误的送达回证，另做一份。"),
        )
    if not reason.strip():
        raise InputRefused([Problem("reason", msg("请写明更正的理由。"), msg("例如：签收人登记错误。"))])
    return act


def _replace_service(
    ports: Ports,
    tx: Transaction,
    actor: Actor,
    act: Act,
    record: ServiceRecord,
    plan: EffectPlan,
    reason: str,
) -> None:
    undo_effects(ports, tx, act, ("served",))
    current = Act.from_record(tx.acts.get(act.id) or {})
    served = _with_service(ports, actor, current, record)
    tx.acts.replace(act.id, served.to_record())
    note = msg(
        "原登记{former}，更正为{service}；理由：{reason}",
        former=_described(act.service),
        service=_described(asdict(record)),
        reason=reason,
    )
    record_event(tx, ports.clock, actor, act.id, "ServiceCorrected", note=note, service=act.service)
    carry_out(ports, tx, actor, served, plan)


def _described(service: Mapping[str, object]) -> str:
    # who received it is empty where it was left or announced
    return join_messages(
        service_word(str(service.get("method") or "")),
        str(service.get("receiver") or ""),
        str(service.get("served_at") or "").replace("T", " "),
        separator=msg("，"),
    )
