"""Drafts: open a form, save answers, submit, withdraw, discard."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from formsvc.domain.acts.act import Act, State, Step, require_step
from formsvc.domain.acts.review_steps import review_steps
from formsvc.domain.authorities import Circumstances
from formsvc.domain.definition_loader import FormDefinition
from formsvc.domain.evaluation.evaluation import (
    Evaluation,
    carried_values,
    document_context,
    evaluate,
    following_answers,
    initial_answers,
)
from formsvc.domain.evaluation.printed_answers import printed_answers
from formsvc.domain.fields.compound import overflow_problem
from formsvc.errors import Conflict, FormsvcError, InputRefused, NotFound
from formsvc.i18n.messages import msg
from formsvc.usecases.access import reader_of, require_write, visible_act
from formsvc.usecases.acts.access_log import answers_to_take, log_taking
from formsvc.usecases.circumstances import get_circumstances, load_circumstances, load_office_settings
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.definitions import Revision
from formsvc.usecases.drafting.list_columns import with_list_columns as with_list_columns
from formsvc.usecases.drafting.rendering import fill_template
from formsvc.usecases.drafting.wording_check import check_wording
from formsvc.usecases.effects.case_locks import require_open_case
from formsvc.usecases.effects.current_answers import current_answers
from formsvc.usecases.event_log import record_event
from formsvc.usecases.picks.row_contents import known_of_parties
from formsvc.usecases.ports import Condition, DocumentMetadata, Transaction

PENDING_NUMBER = "待编号"


@dataclass(frozen=True)
class Draft:
    """A draft with the revision it is filled on and its evaluation."""

    act: Act
    revision: Revision
    evaluation: Evaluation


def open_form(ports: Ports, actor: Actor, form: str, *, source_act: str = "") -> Act:
    """Create a draft on the form's current revision.

    Filled with defaults and with what carries over from the source act. Raise RightMissing, NotFound.
    """
    revision = ports.definitions.current_revision(form)
    require_write(actor, revision.definition)
    with ports.store.read() as tx:
        circumstances = load_circumstances(ports, tx, revision.definition, actor)
        source = visible_act(tx, actor, source_act) if source_act else None
    act = new_act(ports, actor, revision, source.id if source else "")
    require_open_case(ports, act)
    defaults = initial_answers(revision.definition, circumstances)
    answers = defaults | prefill_from_source(ports, actor, revision.definition, circumstances, source)
    answers |= known_of_parties(ports, actor, revision.definition, answers)
    answers |= following_answers(revision.definition, circumstances, defaults, answers)
    evaluation = evaluate(revision.definition, answers, circumstances, complete=False)
    act = with_list_columns(replace(act, source_act=""), revision.definition, evaluation, circumstances)
    with ports.store.write() as tx:
        tx.acts.insert(act.id, act.to_record())
        record_event(tx, ports.clock, actor, act.id, "Opened", form=form, revision=revision.id)
    return act


def open_blank_form(ports: Ports, actor: Actor, form: str) -> Act:
    """Return today's untouched draft of the form, or create one.

    Repeatable: pressing a button twice makes one draft. Raise RightMissing, NotFound.
    """
    return _untouched_draft(ports, actor, form) or open_form(ports, actor, form)


def _untouched_draft(ports: Ports, actor: Actor, form: str) -> Act | None:
    current = ports.definitions.current_revision(form).id
    today = ports.clock.today().isoformat()
    own = Condition("drafter", "==", actor.account.id), Condition("state", "==", State.DRAFT.value)
    with ports.store.read() as tx:
        records = tx.acts.find(*own, order="updated_at", descending=True)
    for act in map(Act.from_record, records):
        # every save raises the version; a draft made from another act is not blank
        is_untouched = act.version == 1 and not act.source_act and act.created_at.startswith(today)
        if act.form == form and act.revision == current and is_untouched:
            return act
    return None


def new_act(ports: Ports, actor: Actor, revision: Revision, source_act: str) -> Act:
    now = ports.clock.now().isoformat(timespec="seconds")
    return Act(
        id=secrets.token_hex(8),
        form=revision.definition.id,
        revision=revision.id,
        title=revision.definition.title,
        office=actor.account.office,
        drafter=actor.account.id,
        created_at=now,
        updated_at=now,
        source_act=source_act,
    )


def prefill_from_source(
    ports: Ports,
    actor: Actor,
    definition: FormDefinition,
    circumstances: Circumstances,
    source: Act | None,
) -> dict[str, Any]:
    """Return the answers that the form's reference copies from the source act.

    That the person saw personal data among them is logged.
    """
    if source is None:
        return {}
    for spec in definition.fields:
        if spec.kind == "reference" and source.form in spec.referable:
            reference = {
                "number": source.number,
                "title": source.title,
                "date": source.dated,
                "act_id": source.id,
            }
            # what a confidential document says goes into confidential ones only
            is_kept_back = source.confidential and definition.header.confidential is None
            answers = (
                {}
                if is_kept_back
                else answers_to_take(ports, actor, source, current_answers(ports.definitions, source))
            )
            carried = carried_values(definition, spec, answers, circumstances)
            log_taking(ports, actor, source, carried, msg("据此制作《{title}》", title=definition.title))
            return {**carried, spec.key: reference}
    raise FormsvcError(
        msg("“{title}”不能据“{source}”制作。", title=definition.title, source=source.title),
        msg("请从文书目录另行发起。"),
    )


def copy_act(ports: Ports, actor: Actor, act_id: str) -> Act:
    """Create a draft with the same answers on the form's current revision."""
    with ports.store.read() as tx:
        source = visible_act(tx, actor, act_id)
    taken = answers_to_take(ports, actor, source, source.answers)
    draft = open_form(ports, actor, source.form)
    log_taking(ports, actor, source, taken, msg("复制为新的草稿"))
    definition = ports.definitions.revision(draft.revision).definition
    # the day of the former document is none of the new one
    fresh = {key for key in draft.answers if _begins_today(definition, key)}
    copied = {key: value for key, value in taken.items() if key not in fresh}
    answers = {**{key: draft.answers[key] for key in fresh}, **copied}
    return save_answers(ports, actor, draft.id, answers, version=draft.version, strict_keys=False).act


def _begins_today(definition: FormDefinition, key: str) -> bool:
    default = definition.compiled.expression(key, "default")
    return default is not None and "today" in default.functions


def load_draft(ports: Ports, actor: Actor, act_id: str) -> Draft:
    with ports.store.read() as tx:
        act = visible_act(tx, actor, act_id)
    return _evaluated(ports, actor, act, act.answers)


def _evaluated(
    ports: Ports, actor: Actor, act: Act, given: Mapping[str, Any], *, strict_keys: bool = True
) -> Draft:
    revision = ports.definitions.revision(act.revision)
    circumstances = get_circumstances(ports, revision.definition, reader_of(actor, act))
    evaluation = evaluate(revision.definition, given, circumstances, complete=False, strict_keys=strict_keys)
    return Draft(with_list_columns(act, revision.definition, evaluation, circumstances), revision, evaluation)


def save_answers(
    ports: Ports,
    actor: Actor,
    act_id: str,
    given: Mapping[str, Any],
    *,
    version: int,
    strict_keys: bool = True,
    event: tuple[str, str] | None = None,
) -> Draft:
    """Save what has been typed so far and return its evaluation.

    A value that cannot be parsed is kept as typed. ``version`` is the version the page was made from, ``event`` kind and
    note of what the history records of this save.
    Raise Conflict if another window saved meanwhile, InputRefused for too many rows, NotFound,
    TransitionRefused.
    """
    with ports.store.read() as tx:
        act = _savable_draft(ports, tx, actor, act_id, given, version)
    draft = _evaluated(ports, actor, act, given, strict_keys=strict_keys)
    now = ports.clock.now().isoformat(timespec="seconds")
    saved = draft.act.changed(now)
    with ports.store.write() as tx:
        _savable_draft(ports, tx, actor, act_id, given, version)
        tx.acts.replace(saved.id, saved.to_record())
        if event:
            record_event(tx, ports.clock, actor, saved.id, event[0], note=event[1])
    return Draft(saved, draft.revision, draft.evaluation)


def require_savable(
    ports: Ports, actor: Actor, act_id: str, given: Mapping[str, Any], *, version: int
) -> None:
    """Raise what `save_answers` would raise now."""
    with ports.store.read() as tx:
        _savable_draft(ports, tx, actor, act_id, given, version)


def _savable_draft(
    ports: Ports, tx: Transaction, actor: Actor, act_id: str, given: Mapping[str, Any], version: int
) -> Act:
    act = own_draft(tx, actor, act_id)
    # two windows on one draft: the later save must not silently undo the earlier
    if act.version != version:
        raise Conflict(
            msg("这份草稿刚在另一个窗口中保存过。"),
            msg("请刷新页面查看最新内容；您刚才输入的文字仍在本页。"),
        )
    reject_row_overflow(ports.definitions.revision(act.revision).definition, given)
    return act


def reject_row_overflow(definition: FormDefinition, given: Mapping[str, Any]) -> None:
    """Raise InputRefused for tables too long to be shown on any page."""
    found = (overflow_problem(entry, given.get(entry.key)) for entry in definition.fields)
    problems = [problem for problem in found if problem]
    if problems:
        raise InputRefused(problems)


def own_draft(tx: Transaction, actor: Actor, act_id: str) -> Act:
    """Return the draft, for its drafter alone.

    Raise NotFound, TransitionRefused.
    """
    act = visible_act(tx, actor, act_id)
    require_step(act.status, Step.SUBMIT)
    if act.drafter != actor.account.id:
        raise NotFound(msg("找不到这份草稿。"), msg("草稿只有起草人本人可以修改。"))
    return act


def submit(ports: Ports, actor: Actor, act_id: str) -> Act:
    """Submit a draft for review.

    Raise InputRefused with every problem, RightMissing, TransitionRefused.
    """
    act = _validated_draft(ports, actor, act_id)
    definition = ports.definitions.revision(act.revision).definition
    require_write(actor, definition, act.authority)
    now = ports.clock.now().isoformat(timespec="seconds")
    target = initial_state(ports, definition)
    submitted = act.changed(now, state=target.value, submitted_at=now, returned_note="")
    with ports.store.write() as tx:
        require_unchanged(act, own_draft(tx, actor, act_id))
        tx.acts.replace(act.id, submitted.to_record())
        record_event(tx, ports.clock, actor, act.id, "Submitted")
    return submitted


def initial_state(ports: Ports, definition: FormDefinition) -> State:
    """Return the state after submission, as this office decided."""
    with ports.store.read() as tx:
        return review_steps(definition, load_office_settings(tx)).after_submission


def _validated_draft(ports: Ports, actor: Actor, act_id: str) -> Act:
    """Return the draft if answers and printed wording pass every check."""
    with ports.store.read() as tx:
        draft = own_draft(tx, actor, act_id)
    act = validated_act(ports, draft, actor)
    revision = ports.definitions.revision(act.revision)
    circumstances = get_circumstances(ports, revision.definition, actor)
    check_printed_wording(ports, revision, act.answers, circumstances)
    return act


def require_unchanged(act: Act, current: Act) -> None:
    """Raise Conflict if the act was changed since it was evaluated."""
    if act.version != current.version:
        raise Conflict(msg("这件文书刚刚有变动，这一步没有记下。"), msg("请刷新页面，核对最新内容后再办。"))


def check_printed_wording(
    ports: Ports, revision: Revision, answers: Mapping[str, Any], circumstances: Circumstances
) -> None:
    """Raise InputRefused if the printed document has forbidden wording.

    Renders a document: do not call inside a write transaction.
    """
    context = document_context(revision.definition, answers, PENDING_NUMBER, circumstances)
    tags = DocumentMetadata(revision.definition.title, "")
    printed = printed_answers(revision.definition, context)
    word = fill_template(ports, ports.definitions.template(revision, answers), context, tags, printed)
    check_wording(ports, revision.definition, answers, circumstances, word)


def validated_act(ports: Ports, act: Act, drafter: Actor | None = None) -> Act:
    """Return the act if its answers pass every check now. Raise InputRefused.

    An evaluation: do not call inside a write transaction, and call `require_unchanged` in it. For the drafter who
    submits it computed values are replaced. Without one (after submission) they must come out the same, or what was
    reviewed would not be what is issued.
    """
    definition = ports.definitions.revision(act.revision).definition
    circumstances = get_circumstances(ports, definition, drafter)
    evaluation = evaluate(definition, act.answers, circumstances, strict_keys=drafter is None)
    if evaluation.problems:
        raise InputRefused(evaluation.problems)
    ready = with_list_columns(act, definition, evaluation, circumstances)
    require_open_case(ports, ready)
    return ready


def withdraw(ports: Ports, actor: Actor, act_id: str) -> Act:
    """Return a submitted act to its drafter, before it has a number."""
    with ports.store.write() as tx:
        act = visible_act(tx, actor, act_id)
        rule = require_step(act.status, Step.WITHDRAW)
        if act.drafter != actor.account.id:
            raise FormsvcError(msg("只有起草人本人可以撤回。"), msg("需要修改时请由审核人或签发人退回。"))
        now = ports.clock.now().isoformat(timespec="seconds")
        back = act.changed(now, state=State.DRAFT.value, reviewed_by="", approved_by="")
        tx.acts.replace(act.id, back.to_record())
        record_event(tx, ports.clock, actor, act.id, rule.event)
    return back


def discard_draft(ports: Ports, actor: Actor, act_id: str) -> None:
    with ports.store.write() as tx:
        act = own_draft(tx, actor, act_id)
        tx.acts.remove(act.id)
