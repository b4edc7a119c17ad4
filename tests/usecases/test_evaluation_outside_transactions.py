"""No form is evaluated while everybody else waits to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import Act, State
from formsvc.domain.evaluation.evaluation import evaluate
from formsvc.errors import Conflict
from formsvc.usecases.approval import review
from formsvc.usecases.context import Ports
from formsvc.usecases.drafting import complete_submission, drafts
from formsvc.usecases.numbering import issue
from tests.support.circumstances import circumstances, definition
from tests.support.evaluation_guard import EvaluatedWhileWriting
from tests.support.issued_acts import CASES, before_the_order, order
from tests.support.memory_office import Office, make_office

ORDER = CASES["EX09"]["fields"]


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """The sample office in memory; its guard raises at a wrong evaluation."""
    return make_office(tmp_path)


def test_the_guard_sees_an_evaluation_inside_a_write_transaction(office: Office) -> None:
    with office.ports.store.write(), pytest.raises(EvaluatedWhileWriting):
        evaluate(definition("T22"), {}, circumstances())


def test_every_station_of_an_act_evaluates_before_it_writes(office: Office) -> None:
    before_the_order(office)
    staff = sample_actor(office.ports, "staff")
    # taken back before the order is issued: the same items are not ordered twice
    drafts.withdraw(office.ports, staff, order(office, State.SUBMITTED).id)
    issued = order(office, State.ISSUED)
    copied = drafts.copy_act(office.ports, staff, issued.id)
    follow = drafts.open_form(office.ports, staff, "T34", source_act=issued.id)
    assert copied.id != issued.id and follow.answers["doc_ref"]["act_id"] == issued.id


def test_an_act_sent_whole_is_evaluated_before_it_is_written(office: Office) -> None:
    before_the_order(office)
    staff = sample_actor(office.ports, "staff")
    fields = {key: value for key, value in ORDER.items() if key != "doc_no"}
    first = complete_submission.create_act(office.ports, staff, "T22", fields, submit=True, act_id="one")
    again = complete_submission.create_act(office.ports, staff, "T22", fields, submit=True, act_id="one")
    assert first.act.state == State.SUBMITTED.value and again.act.id == first.act.id == "one"


def test_what_changed_while_it_was_evaluated_is_not_overwritten(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    before_the_order(office)
    act = order(office, State.SUBMITTED)

    def slow(*arguments: object, **options: object) -> object:
        with office.ports.store.write() as tx:
            record = tx.acts.get(act.id) or {}
            tx.acts.replace(act.id, {**record, "version": record["version"] + 1})
        return evaluate(*arguments, **options)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(drafts, "evaluate", slow)
    with pytest.raises(Conflict, match="变动"):
        review.review(office.ports, sample_actor(office.ports, "reviewer"), act.id, passed=True)


def receipt(office: Office, source: Act) -> Act:
    """A submitted receipt for a document handed over."""
    staff = sample_actor(office.ports, "staff")
    draft = drafts.open_form(office.ports, staff, "T34", source_act=source.id)
    handed = {
        "method": "直接",
        "received_at": "2026-09-21T08:30",
        "receiver": "褚安",
        "relation": "负责收件人",
    }
    given = {**draft.answers, **handed}
    drafts.save_answers(office.ports, staff, draft.id, given, version=draft.version, strict_keys=False)
    return drafts.submit(office.ports, staff, draft.id)


def test_of_two_receipts_for_one_document_only_one_is_recorded(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    before_the_order(office)
    source = order(office, State.ISSUED)
    officer = sample_actor(office.ports, "officer")
    receipts = [receipt(office, source) for _ in range(2)]

    def other_first(ports: Ports, act: Act) -> Act:
        ready = drafts.validated_act(ports, act)
        monkeypatch.setattr(issue, "validated_act", drafts.validated_act)
        issue.issue_act(ports, officer, receipts[1].id)
        return ready

    monkeypatch.setattr(issue, "validated_act", other_first)
    with pytest.raises(Conflict, match="已经登记送达"):
        issue.issue_act(office.ports, officer, receipts[0].id)
