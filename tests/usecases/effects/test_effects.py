"""What a document does once it is issued, served, voided or revoked, and that it is undone as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import Act, ServiceRecord, State
from formsvc.errors import Conflict, FormsvcError, InputRefused, TransitionRefused
from formsvc.usecases import operator
from formsvc.usecases.acts import serving
from formsvc.usecases.circumstances import find_document
from formsvc.usecases.drafting import drafts
from formsvc.usecases.drafting.complete_submission import check_answers
from formsvc.usecases.event_log import events_of_act
from formsvc.usecases.numbering import issue
from formsvc.usecases.registers.backfill import fill_registers
from formsvc.usecases.registers.rows import list_rows
from tests.support.circumstances import definition
from tests.support.issued_acts import CASES, before_the_order, issued, order
from tests.support.memory_office import NOW, Office, make_office

TOMORROW = date(2026, 9, 22)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """The sample office in memory; its guard raises at an evaluation inside a write transaction."""
    return make_office(tmp_path)


def made(office: Office, form: str, fields: Mapping[str, Any]) -> Act:
    staff, approver = sample_actor(office.ports, "staff"), sample_actor(office.ports, "approver")
    return operator.issue_at_once(office.ports, staff, approver, form, dict(fields))


def ending(office: Office, effect_date: str, handler: str = "由受委托组织继续办结") -> Act:
    """A T06 of today that ends the entrustment."""
    example = definition("T06").example
    pending = [{**example["pending"][0], "handler": handler}]
    days = {"issue_date": "2026-09-21", "effect_date": effect_date, "return_by": effect_date}
    return made(office, "T06", {**example, **days, "pending": pending})


def at(office: Office, day: date) -> None:
    office.clock.moment = datetime.combine(day, NOW.timetz())


def notice(office: Office, day: str = "2026-09-21") -> Act:
    fields = {k: v for k, v in CASES["EX06"]["fields"].items() if k != "doc_no"}
    return made(
        office,
        "T14",
        {**fields, "issue_date": day, "check_from": f"{day}T15:00", "check_to": f"{day}T16:00"},
    )


def void(office: Office, act: Act) -> Act:
    return issue.void_act(
        office.ports, sample_actor(office.ports, "approver"), act.id, reason="当事人名称写错"
    )


def hazards(office: Office) -> list[tuple[int, str]]:
    rows = sorted(list_rows(office.ports, "hazards"), key=lambda row: row.values["no"])
    return [(row.values["no"], row.values["state"]) for row in rows]


# Entrustments ----------------------------------------------------------------------------------------


def test_from_its_day_on_nothing_is_numbered_under_an_ended_entrustment(office: Office) -> None:
    issued(office, "EX01")
    before = notice(office)
    t06 = ending(office, "2026-09-22")
    assert notice(office).number, "the day before it takes effect a number is still taken"
    at(office, TOMORROW)
    with pytest.raises(InputRefused, match=f"已于2026-09-22据“{t06.number}”终止") as refused:
        notice(office, "2026-09-22")
    assert any("第二十条" in problem.law for problem in refused.value.problems)
    # what needs no entrustment goes on: the town's own duty, the brigade's own right
    staff = sample_actor(office.ports, "staff")
    town = {"issuer_name": CASES["EX11"]["fields"]["issuer_name"], "approver": "李明远", "auth_mode": "M0"}
    for own in (town, {"auth_mode": "M3"}):
        fields = {**CASES["EX06"]["fields"], **own, "issue_date": "2026-09-22", "entrust_ref": None}
        fields |= {"authority_text": None, "check_from": "2026-09-22T15:00", "check_to": "2026-09-22T16:00"}
        given = {k: v for k, v in fields.items() if v is not None and k != "doc_no"}
        found = check_answers(office.ports, staff, "T14", given)
        assert not [p for p in found.problems if "委托" in p.message], own
        assert not [p for p in found.problems if p.field in ("auth_mode", "issuer_name", "entrust_ref")], own
    with office.ports.store.read() as tx:
        assert (find_document(office.ports, tx, before.number, None) or before).state == State.ISSUED.value


def recheck_findings(office: Office, order_number: str) -> tuple[list[str], list[str]]:
    """What forbids a re-inspection of tomorrow because of the entrustment, and what is left to the reviewer."""
    staff = sample_actor(office.ports, "staff")
    draft = drafts.open_form(office.ports, staff, "T24")
    days = {"issue_date": "2026-09-22", "recheck_date": "2026-09-22", "order_ref": order_number}
    given = {**definition("T24").example, **days}
    saved = drafts.save_answers(
        office.ports, staff, draft.id, given, version=draft.version, strict_keys=False
    )
    problems = [str(p.message) for p in saved.evaluation.problems if "终止" in p.message]
    return problems, [str(p.message) for p in saved.evaluation.notices if "后续办理" in p.message]


@pytest.mark.parametrize(
    ("handler", "is_allowed"), [("由受委托组织继续办结", True), ("由委托机关接办", False)]
)
def test_an_earlier_order_is_inspected_again_unless_the_principal_took_it_over(
    office: Office, handler: str, is_allowed: bool
) -> None:
    before_the_order(office)
    t22 = order(office)
    assert recheck_findings(office, t22.number) == ([], [])
    ending(office, "2026-09-22", handler)
    problems, notices = recheck_findings(office, t22.number)
    assert (bool(problems), bool(notices)) == (not is_allowed, is_allowed)


def test_voiding_the_notice_that_ends_it_lets_the_entrustment_stand(office: Office) -> None:
    issued(office, "EX01")
    t06 = ending(office, "2026-09-21")
    with pytest.raises(InputRefused, match="终止"):
        notice(office)
    void(office, t06)
    assert notice(office).number


def test_what_a_changed_entrustment_covers_holds_from_the_day_of_the_change(office: Office) -> None:
    issued(office, "EX01")
    row = list_rows(office.ports, "entrustments")[0].values
    example = {
        k: v for k, v in definition("T06").example.items() if k not in ("pending", "return_docs", "return_by")
    }
    change = {
        **example,
        "issue_date": "2026-09-21",
        "effect_date": "2026-09-22",
        "action": "变更",
        "changes": [{"item": "期限", "before": "至2028年3月31日", "after": "至2026年12月31日"}],
        "new_matters": row["matters"],
        "new_powers": row["powers"],
        "new_area": row["area"],
        "new_area_codes": row["area_codes"],
        "new_exclude": row["exclude"],
        "new_excluded_places": row["excluded_places"],
        "new_officers": row["agent_officers"],
        "new_end_date": "2026-12-31",
    }
    t06 = made(office, "T06", change)
    ends = {
        day: list_rows(office.ports, "entrustments", day)[0].values["end_date"]
        for day in (NOW.date(), TOMORROW)
    }
    assert ends == {NOW.date(): "2028-03-31", TOMORROW: "2026-12-31"}
    assert list_rows(office.ports, "entrustments", TOMORROW)[0].values["changed_by"] == t06.number
    with pytest.raises(Conflict, match=t06.number):
        void(office, issued_entrustment(office))


def issued_entrustment(office: Office) -> Act:
    with office.ports.store.read() as tx:
        (entry,) = [row.entry for row in list_rows(office.ports, "entrustments")]
        return Act.from_record(tx.acts.get(entry.source_act) or {})


# Registers -------------------------------------------------------------------------------------------


def test_each_hazard_has_a_row_that_record_order_and_voiding_keep_right(office: Office) -> None:
    before_the_order(office)
    found = [(n, "已发现") for n in (1, 2, 3, 4)]
    assert hazards(office) == found
    t22 = order(office)
    ordered = hazards(office)
    assert [state for _, state in ordered].count("已责令（限期）") == len(t22.answers["hazards"])
    rows = [row for row in list_rows(office.ports, "hazards") if row.values["order_no"] == t22.number]
    assert {row.values["deadline"] for row in rows} == {row["deadline"] for row in t22.answers["hazards"]}
    void(office, t22)
    assert hazards(office) == found


@pytest.mark.parametrize(
    ("result", "state", "more"),
    [
        ("已改正", "已销号", {"next": ["结案"]}),
        ("部分改正", "部分改正", {"next": ["立案处罚"]}),
        ("未改正", "未改正", {"next": ["立案处罚"]}),
        ("未能复查", "待复查", {"next": ["立案处罚"], "entry_refused": True, "entry_note": "拒绝进入，全程录像"}),
    ],
)  # fmt: skip
def test_every_result_of_a_reinspection_can_be_issued_and_is_kept(
    office: Office, result: str, state: str, more: dict[str, Any]
) -> None:
    before_the_order(office)
    t22 = order(office)
    at(office, date(2026, 11, 3))
    numbers = [row["no"] for row in t22.answers["hazards"]]
    given = {k: v for k, v in definition("T24").example.items() if k not in ("conclusion", "doc_no")}
    rows = [{"no": number, "result": result} for number in numbers]
    made(office, "T24", {**given, "order_ref": t22.number, "results": rows, **more})
    kept = [row.values for row in list_rows(office.ports, "hazards") if row.values["no"] in numbers]
    assert {(row["recheck_result"], row["state"]) for row in kept} == {(result, state)}


def test_who_is_responsible_follows_the_latest_notice_and_its_voiding(office: Office) -> None:
    def first_person() -> list[str]:
        return [
            row.values["name"]
            for row in list_rows(office.ports, "responsible")
            if row.values["role"] == "第一责任人"
        ]

    issued(office, "EX03")
    fields = {k: v for k, v in CASES["EX03"]["fields"].items() if k != "doc_no"}
    later = made(
        office, "T07",
        {**fields, "issue_date": "2026-09-21", "effective_date": "2026-09-21", "first_name": "赵新任", "leaders": fields["leaders"][:1]},
    )  # fmt: skip
    assert first_person() == ["赵新任"]
    leading = [
        r.values["name"] for r in list_rows(office.ports, "responsible") if r.values["role"] == "领导责任人"
    ]
    assert leading == [fields["leaders"][0]["name"]], "the others of before are no longer responsible"
    assert list_rows(office.ports, "responsible", date(2026, 9, 20))[0].values["name"] == fields["first_name"]
    void(office, later)
    assert first_person() == [fields["first_name"]]
    assert len(list_rows(office.ports, "responsible")) == 2 + len(fields["leaders"])


def test_documents_issued_before_are_written_into_the_registers_once(office: Office) -> None:
    issued(office, "EX01")
    issued(office, "EX03")
    before = {
        name: [r.values for r in list_rows(office.ports, name)] for name in ("entrustments", "responsible")
    }
    # as a program of before left the store
    store: Any = office.ports.store
    store._collections["register_entries"].rows.clear()
    assert list_rows(office.ports, "responsible") == []
    fill_registers(office.ports)
    fill_registers(office.ports)
    after = {
        name: [r.values for r in list_rows(office.ports, name)] for name in ("entrustments", "responsible")
    }
    assert after == before
    with office.ports.store.read() as tx:
        told = [e for e in tx.events.find() if "补写登记簿" in e["note"]]
    assert len(told) == 1


def test_a_damaged_document_of_before_is_named_and_keeps_no_other_out(office: Office) -> None:
    issued(office, "EX01")
    damaged = issued(office, "EX03")
    store: Any = office.ports.store
    store._collections["register_entries"].rows.clear()
    with office.ports.store.write() as tx:
        record = tx.acts.get(damaged.id)
        assert record is not None
        answers = {
            key: "abc" if isinstance(value, list) else value for key, value in record["answers"].items()
        }
        tx.acts.replace(damaged.id, {**record, "answers": answers})
    fill_registers(office.ports)
    assert list_rows(office.ports, "entrustments") != []
    with office.ports.store.read() as tx:
        notes = [e["note"] for e in tx.events.find() if "补写登记簿" in e["note"]]
    assert any((damaged.number or damaged.title) in note for note in notes)


# Voiding ---------------------------------------------------------------------------------------------


def test_a_document_is_not_voided_while_another_stands_on_it_and_drafts_are_told(office: Office) -> None:
    record = before_the_order(office)
    t22 = order(office)
    staff = sample_actor(office.ports, "staff")
    draft = drafts.open_form(office.ports, staff, "T21", source_act=record.id)
    with pytest.raises(Conflict, match=f"还有 1 件文书以“{record.number}”为依据：.*{t22.number}"):
        void(office, record)
    # the entrustment: notice, record and order were made under it
    with pytest.raises(Conflict, match="还有 3 件文书"):
        void(office, issued_entrustment(office))
    # neighbours that the law allows: what nothing stands on, and the record once its order is void
    void(office, t22)
    assert void(office, record).status is State.VOID
    told = [event.note for event in events_of_act(office.ports, draft.id) if event.kind == "SourceVoided"]
    assert told and record.number in told[0]
    assert void(office, issued(office, "EX03")).status is State.VOID


def void_slip(office: Office, target: Act) -> Act:
    fields = {k: v for k, v in definition("T48").example.items() if k != "replace_no"}
    return made(office, "T48", {**fields, "void_ref": target.number, "issue_date": "2026-09-21"})


def test_a_document_of_voiding_voids_the_number_with_its_reason_and_stays(office: Office) -> None:
    record = before_the_order(office)
    t22 = order(office)
    with pytest.raises(FormsvcError, match=t22.number):
        void_slip(office, record)
    slip = void_slip(office, t22)
    with office.ports.store.read() as tx:
        voided = Act.from_record(tx.acts.get(t22.id) or {})
        (row,) = [r for r in tx.numbers.find() if r["act_id"] == t22.id]
    assert voided.status is State.VOID and slip.number in voided.void_reason
    assert row["state"] == "void" and slip.number in row["reason"]
    with pytest.raises(FormsvcError, match="作废不能恢复"):
        void(office, slip)


# Service ---------------------------------------------------------------------------------------------

HANDED = ServiceRecord("直接送达", "2026-09-21T09:00", "王五", "负责收件人", servers=("赵正言", "钱守规"))


def test_a_mistaken_service_is_corrected_with_its_reason_and_stays_in_the_history(office: Office) -> None:
    before_the_order(office)
    t22 = order(office)
    officer = sample_actor(office.ports, "officer")
    serving.record_service(office.ports, officer, t22.id, HANDED)
    right = replace(HANDED, receiver="褚安", served_at="2026-09-21T10:00")
    with pytest.raises(InputRefused, match="请写明更正的理由"):
        serving.correct_service(office.ports, officer, t22.id, right, reason=" ")
    served = serving.correct_service(office.ports, officer, t22.id, right, reason="签收人登记错误")
    assert served.status is State.SERVED and served.service["receiver"] == "褚安"
    told = next(e for e in events_of_act(office.ports, t22.id) if e.kind == "ServiceCorrected")
    assert "王五" in told.note and "褚安" in told.note and "签收人登记错误" in told.note
    assert told.detail["service"]["served_at"] == "2026-09-21T09:00"
    unserved = serving.correct_service(office.ports, officer, t22.id, None, reason="还没有送")
    assert unserved.status is State.ISSUED and unserved.service == {}
    with pytest.raises(TransitionRefused):
        serving.correct_service(office.ports, officer, t22.id, right, reason="还没有送")
    assert void(office, unserved).status is State.VOID


def test_a_service_that_a_later_document_relies_on_is_not_corrected(office: Office) -> None:
    t15 = before_the_order(office)
    officer = sample_actor(office.ports, "officer")
    handed = replace(HANDED, served_at="2026-09-19T09:00")
    serving.record_service(office.ports, officer, t15.id, handed)
    order(office)
    with pytest.raises(Conflict, match="以后的文书以这次送达为准"):
        serving.correct_service(office.ports, officer, t15.id, HANDED, reason="时间登记错误")
