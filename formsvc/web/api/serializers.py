"""Acts and problems in the words of the models."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import g

from formsvc.domain.accounts.api_token import Scope
from formsvc.domain.acts.act import Act, State
from formsvc.domain.evaluation.evaluation import Evaluation
from formsvc.domain.masking import masked_service
from formsvc.errors import Problem
from formsvc.i18n.messages import msg
from formsvc.usecases import access
from formsvc.usecases.acts import details as viewing
from formsvc.usecases.acts.access_log import personal, seen
from formsvc.usecases.administration.api_tokens import scope_is_held
from formsvc.usecases.drafting import drafts as drafting
from formsvc.usecases.drafting.drafts import Draft
from formsvc.web.api.operations import Answer
from formsvc.web.api.schemas import ActTold, ActWhole, Notice
from formsvc.web.context import ports, who
from formsvc.web.problem_details import FieldError, RequestRefused


def errors_of(problems: Iterable[Problem]) -> list[FieldError]:
    """Problems with their fields."""
    return [FieldError(field=p.field, message=str(p.sentence())) for p in problems]


def notices_of(evaluation: Evaluation) -> list[Notice]:
    """What is worth a look."""
    return [Notice(field=p.field, message=str(p.sentence())) for p in evaluation.notices]


def standing_errors(evaluation: Evaluation) -> list[FieldError]:
    """Everything that stands against handing a draft in."""
    return errors_of([*evaluation.problems, *evaluation.missing_problems])


def etag(act: Act) -> str:
    """The tag of an act's version."""
    return f'"{act.version}"'


def told(act: Act) -> ActTold:
    """An act without its answers."""
    return ActTold(**_head(act))


def _head(act: Act) -> dict[str, Any]:
    allowed = [step.value for step in viewing.steps_for(ports(), who(), act)]
    return {
        "id": act.id,
        "form": act.form,
        "title": str(act.title),
        "state": act.state,
        "state_name": str(act.state_name),
        "version": act.version,
        "number": act.number,
        "authority": act.authority,
        "party": act.party,
        "dated": act.dated,
        "due": act.due,
        "drafter": act.drafter,
        "source": act.source_act,
        "created_at": act.created_at,
        "updated_at": act.updated_at,
        "issued_at": act.issued_at,
        "returned_note": act.returned_note,
        "void_reason": act.void_reason,
        "prints": act.prints,
        "service": masked_service(act.service),
        "allowed": sorted(allowed),
    }


def may_see_personal(act: Act) -> bool:
    """Whether personal texts may go to this token: it has their scope, or it is one's own draft."""
    own_draft = act.status is State.DRAFT and act.drafter == who().account.id
    return own_draft or scope_is_held(g.token, Scope.PERSONAL)


def require_personal(act: Act) -> None:
    """Refuse a file that shows personal texts to a token that may not see them."""
    if personal(ports(), act) and not may_see_personal(act):
        raise RequestRefused(
            403,
            msg("文件中有个人信息，这个令牌的范围不包括 personal。"),
            msg("请改用公开版（public.pdf），或者请管理员另发令牌。"),
            scope=Scope.PERSONAL.value,
        )


def whole(act: Act, evaluation: Evaluation | None = None, *, reading: bool = False) -> ActWhole:
    """An act with its answers. Personal texts are in it where they were asked for, which is remembered, and in drafts.

    What a step answers has them masked: the step is done by then, and nothing more is written.
    """
    own_draft = act.status is State.DRAFT and act.drafter == who().account.id
    plain = own_draft or (reading and may_see_personal(act))
    if plain and not own_draft:
        seen(ports(), who(), act, msg("接口"))
    is_draft = evaluation is not None and act.status is State.DRAFT
    head = _head(act) | ({"service": dict(act.service)} if plain else {})
    documents = {"pdf": act.pdf, "docx": act.word} if act.pdf else {}
    return ActWhole(
        **head,
        data=dict(act.answers) if plain else personal(ports(), act).masked(),
        documents=documents,
        errors=standing_errors(evaluation) if evaluation and is_draft else [],
        notices=notices_of(evaluation) if evaluation else [],
    )


def answered(
    act: Act, evaluation: Evaluation | None = None, *, created: bool = False, reading: bool = False
) -> Answer:
    """An act as an answer, with its version."""
    headers = {"ETag": etag(act)}
    if created:
        headers["Location"] = f"/api/v1/acts/{act.id}"
    return Answer(whole(act, evaluation, reading=reading), headers)


def answered_draft(draft: Draft, *, created: bool = False) -> Answer:
    """A draft as an answer."""
    return answered(draft.act, draft.evaluation, created=created)


def found(act_id: str) -> Draft | Act:
    """The act; a draft with what stands against it."""
    act = access.act_seen(ports(), who(), act_id)
    return drafting.load_draft(ports(), who(), act_id) if act.status is State.DRAFT else act
