"""Use cases of the console: issue an act in one call, render a draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from formsvc.domain.accounts.account import Right
from formsvc.domain.acts.act import WAITING_STATES, Act, State
from formsvc.domain.authorities import Circumstances, authority_ids_of
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.evaluation.evaluation import document_context, evaluate, initial_answers
from formsvc.domain.evaluation.printed_answers import printed_answers
from formsvc.domain.evaluation.readonly import with_readonly_answers
from formsvc.domain.fields.former_keys import with_present_keys
from formsvc.domain.numbering.series import check_number_day
from formsvc.errors import FormsvcError, InputRefused, Problem
from formsvc.i18n.messages import msg
from formsvc.usecases.approval.review import approve, review
from formsvc.usecases.circumstances import load_circumstances
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.drafting.drafts import (
    PENDING_NUMBER,
    discard_draft,
    open_form,
    save_answers,
    submit,
    withdraw,
)
from formsvc.usecases.drafting.readonly_answers import keep_readonly
from formsvc.usecases.drafting.rendering import fill_template
from formsvc.usecases.drafting.wording_check import check_wording
from formsvc.usecases.numbering.issue import issue_act, series_of
from formsvc.usecases.ports import DocumentMetadata, Transaction


def issue_at_once(
    ports: Ports,
    drafter: Actor,
    approver: Actor,
    form: str,
    given: Mapping[str, Any],
    *,
    backfill_reason: str = "",
) -> Act:
    """Draft, submit, review, approve and issue an act; all rules hold.

    Leave nothing behind if any step fails. Raise InputRefused, RightMissing, RenderingFailed or Busy, and
    FormsvcError if the settings forbid it.
    """
    if not ports.policy.console_issue:
        raise FormsvcError(msg("本单位的设置不允许从控制台制发文书。"), msg("请在网页上办理。"))
    # all checks first: a refused act leaves no draft behind
    check_issuable(ports, drafter, approver, form, given, backfill_reason=backfill_reason)
    draft = open_form(ports, drafter, form)
    try:
        given = keep_readonly(ports, drafter, draft, given, strict=True)
        saved = save_answers(ports, drafter, draft.id, given, version=draft.version)
        submitted = submit(ports, drafter, saved.act.id)
        if submitted.status is State.SUBMITTED:
            submitted = review(ports, approver, draft.id, passed=True)
        if submitted.status is State.REVIEWED:
            approve(ports, approver, draft.id, approved=True)
        return issue_act(ports, approver, draft.id, backfill_reason=backfill_reason)
    except Exception:
        _undo(ports, drafter, draft.id)
        raise


def _undo(ports: Ports, drafter: Actor, act_id: str) -> None:
    """Withdraw and discard an unfinished act; a numbered act stays."""
    with ports.store.read() as tx:
        standing = Act.from_record(tx.acts.get(act_id) or {}).status
    if standing in WAITING_STATES:
        withdraw(ports, drafter, act_id)
    if standing is State.DRAFT or standing in WAITING_STATES:
        discard_draft(ports, drafter, act_id)


def check_issuable(
    ports: Ports,
    drafter: Actor,
    approver: Actor,
    form: str,
    given: Mapping[str, Any],
    *,
    backfill_reason: str = "",
) -> None:
    """Run every check that is possible before anything is stored.

    Raise InputRefused or RightMissing.
    """
    definition = ports.definitions.current_revision(form).definition
    with ports.store.read() as tx:
        circumstances = load_circumstances(ports, tx, definition, drafter)
        stored = initial_answers(definition, circumstances)
        given, changed = with_readonly_answers(definition, given, stored, circumstances)
        evaluation = evaluate(definition, given, circumstances)
        problems = (*changed, *evaluation.problems) or _day_problems(
            tx, definition, evaluation.values, circumstances, backfill_reason
        )
    if problems:
        raise InputRefused(problems)
    authority = circumstances.authority_named(definition.roles.text(evaluation.values, "issuer"))
    place = authority.id if authority else ""
    drafter.account.require(Right.DRAFT, place)
    for right in (Right.REVIEW, Right.APPROVE, Right.ISSUE):
        approver.account.require(right, place)


def _day_problems(
    tx: Transaction,
    definition: FormDefinition,
    values: Mapping[str, Any],
    circumstances: Circumstances,
    backfill_reason: str,
) -> tuple[Problem, ...]:
    """Return why no number can be taken for this day.

    Raise FormsvcError if no series is configured.
    """
    if not definition.numbering.is_numbered:
        return ()
    authority, agent = authority_ids_of(definition.roles, dict(values), circumstances)
    series = series_of(tx, definition.id, authority, agent, definition.for_answers(values).numbering.genre)
    key = definition.roles.key("date")
    dated = date.fromisoformat(str(values[key]))
    counter = tx.counters.get(f"{series.id}/{dated.year}") or {}
    last = str(counter.get("last_dated", ""))
    try:
        check_number_day(dated, circumstances.today, last, backfill_reason=backfill_reason)
    except FormsvcError as refused:
        return (Problem(key, refused.message, refused.remedy),)
    return ()


@dataclass(frozen=True)
class RenderedDraft:
    """A draft's files, and the notices that would prevent issuing it here."""

    word: bytes
    pdf: bytes
    notices: tuple[Problem, ...]


def render_draft(ports: Ports, form: str, given: Mapping[str, Any]) -> RenderedDraft:
    """Return the Word file and PDF of answers that are not stored.

    The number reads 待编号. Problems that depend only on what is registered here (an entrustment, an earlier
    record) are returned as notices, all others raise InputRefused.
    """
    revision = ports.definitions.current_revision(form)
    # the answers choose the variant, and its template with it
    given = with_present_keys(revision.definition.renamed_fields, given)
    return render_answers(ports, revision.definition, ports.definitions.template(revision, given), given)


def render_answers(
    ports: Ports, definition: FormDefinition, template: bytes, given: Mapping[str, Any]
) -> RenderedDraft:
    """Return the draft of answers to an unpublished definition."""
    with ports.store.read() as tx:
        circumstances = load_circumstances(ports, tx, definition, None)
        evaluation = evaluate(definition, given, circumstances)
    hindering = [p for p in evaluation.problems if not p.registered_here]
    if hindering:
        raise InputRefused(hindering)
    context = document_context(definition, evaluation.values, PENDING_NUMBER, circumstances)
    tags = DocumentMetadata(definition.title, definition.roles.text(evaluation.values, "issuer"))
    answers = printed_answers(definition, context)
    word = fill_template(ports, template, context, tags, answers)
    check_wording(ports, definition, evaluation.values, circumstances, word)
    waiting = tuple(p for p in evaluation.problems if p.registered_here)
    return RenderedDraft(word, ports.renderer.pdf(word, tags), waiting + tuple(evaluation.notices))
