"""The operator's way through the whole road at once: submit for one, review and approve for another, issue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from formsvc.domain.accounts import Right
from formsvc.domain.acts import Act, State
from formsvc.domain.errors import FormsvcError, InputRefused, Problem
from formsvc.domain.submissions import document_context, evaluate
from formsvc.usecases import drafting, issuing, reviewing, surroundings
from formsvc.usecases.ports import WordTags
from formsvc.usecases.wiring import Ports, Who


def issue_at_once(
    ports: Ports,
    drafter: Who,
    approver: Who,
    form: str,
    given: Mapping[str, Any],
    *,
    backfill_reason: str = "",
) -> Act:
    """Draft, submit, review, approve and issue; all rules hold. Nothing stays behind when it is refused.

    Raises InputRefused, RightMissing, RenderingFailed, Busy, and FormsvcError when settings forbid it.
    """
    if not ports.policy.console_issue:
        raise FormsvcError("本单位的设置不允许从控制台制发文书。", "请在网页上办理。")
    check_only(ports, drafter, approver, form, given)
    draft = drafting.open_form(ports, drafter, form)
    try:
        saved = drafting.save_answers(ports, drafter, draft.id, given, version=draft.version)
        submitted = drafting.submit(ports, drafter, saved.act.id)
    except FormsvcError:
        drafting.discard_draft(ports, drafter, draft.id)
        raise
    if submitted.standing is State.SUBMITTED:
        reviewing.review(ports, approver, draft.id, passed=True)
    reviewing.approve(ports, approver, draft.id, approved=True)
    return issuing.issue_act(ports, approver, draft.id, backfill_reason=backfill_reason)


def check_only(ports: Ports, drafter: Who, approver: Who, form: str, given: Mapping[str, Any]) -> None:
    """Every check that can be made before anything is stored. Raises InputRefused, RightMissing."""
    definition = ports.shelf.form(form).definition
    with ports.store.read() as tx:
        around = surroundings.circumstances(ports, tx, definition)
        evaluation = evaluate(definition, given, around)
    if evaluation.problems:
        raise InputRefused(evaluation.problems)
    authority = around.authority_named(str(evaluation.values.get("issuer_name") or ""))
    place = authority.id if authority else ""
    drafter.account.require(Right.DRAFT, place)
    for right in (Right.REVIEW, Right.APPROVE, Right.ISSUE):
        approver.account.require(right, place)


@dataclass(frozen=True)
class DrawnDraft:
    """A draft's files, and what would still stand in the way of issuing it here."""

    word: bytes
    pdf: bytes
    notices: tuple[Problem, ...]


def render_draft(ports: Ports, form: str, given: Mapping[str, Any]) -> DrawnDraft:
    """The Word file and PDF of answers that are not stored; the number reads 待编号.

    What depends only on what is registered here so far (an entrustment, a record not yet in the system) does
    not hinder a draft and is answered as a notice. Raises InputRefused.
    """
    revision = ports.shelf.form(form)
    definition = revision.definition
    with ports.store.read() as tx:
        around = surroundings.circumstances(ports, tx, definition)
        evaluation = evaluate(definition, given, around)
    hindering = [p for p in evaluation.problems if not p.registered_here]
    if hindering:
        raise InputRefused(hindering)
    context = document_context(definition, evaluation.values, drafting.PENDING_NUMBER, around)
    tags = WordTags(definition.title, str(evaluation.values.get("issuer_name") or ""))
    word = ports.renderer.word(ports.shelf.template(revision), context, tags)
    waiting = tuple(p for p in evaluation.problems if p.registered_here)
    return DrawnDraft(word, ports.renderer.pdf(word, tags), waiting + tuple(evaluation.notices))
