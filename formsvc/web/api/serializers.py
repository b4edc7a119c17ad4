"""Serializers of acts and problems to the response models."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import g, request

from formsvc.domain.accounts.api_token import Scope
from formsvc.domain.acts.act import Act, State
from formsvc.domain.evaluation.evaluation import Evaluation
from formsvc.domain.masking import masked_service
from formsvc.errors import Problem
from formsvc.i18n.messages import msg
from formsvc.usecases import access
from formsvc.usecases.acts import details
from formsvc.usecases.acts.access_log import log_view, personal_answers
from formsvc.usecases.acts.issued_files import issued_copies
from formsvc.usecases.administration.api_tokens import has_scope
from formsvc.usecases.drafting import drafts
from formsvc.usecases.drafting.drafts import Draft
from formsvc.web.api.operations import ApiResponse
from formsvc.web.api.response_schemas import ActDetail, ActSummary, CopyItem, NoticeItem
from formsvc.web.context import ports, who
from formsvc.web.problem_details import FieldError, RequestRefused


def field_errors(problems: Iterable[Problem]) -> list[FieldError]:
    return [FieldError(field=p.field, message=str(p.sentence())) for p in problems]


def notice_items(evaluation: Evaluation) -> list[NoticeItem]:
    return [NoticeItem(field=p.field, message=str(p.sentence())) for p in evaluation.notices]


def submission_errors(evaluation: Evaluation) -> list[FieldError]:
    """Return all that prevents the submission, missing answers included."""
    return field_errors([*evaluation.problems, *evaluation.missing_problems])


def act_etag(act: Act) -> str:
    return f'"{act.version}"'


def act_summary(act: Act) -> ActSummary:
    return ActSummary(**_summary_fields(act))


def _summary_fields(act: Act) -> dict[str, Any]:
    allowed = [step.value for step in details.allowed_steps(ports(), who(), act)]
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
    """Return whether this token may receive personal data of an act."""
    return _is_own_draft(act) or has_scope(g.token, Scope.PERSONAL)


def _is_own_draft(act: Act) -> bool:
    return act.status is State.DRAFT and act.drafter == who().account.id


def require_personal(act: Act) -> None:
    """Raise RequestRefused (403) unless the token may see personal data."""
    if personal_answers(ports(), act) and not may_see_personal(act):
        raise RequestRefused(
            403,
            msg("文件中有个人信息，这个令牌的范围不包括 personal。"),
            msg("请改用公开版（public.pdf），或者请管理员另发令牌。"),
            scope=Scope.PERSONAL.value,
        )


def act_detail(act: Act, evaluation: Evaluation | None = None, *, reading: bool = False) -> ActDetail:
    """Return an act with its answers.

    `reading` is set for a request that asks for the act itself: it gets personal data in
    plain text and enters the access log. The response to a transition has them masked, since
    nothing more is written after the transition.
    """
    own_draft = _is_own_draft(act)
    plain = own_draft or (reading and may_see_personal(act))
    # what people typed themselves is no disclosure
    if plain and not own_draft:
        log_view(ports(), who(), act, msg("接口"))
    is_draft = evaluation is not None and act.status is State.DRAFT
    fields = _summary_fields(act) | ({"service": dict(act.service)} if plain else {})
    return ActDetail(
        **fields,
        data=dict(act.answers) if plain else personal_answers(ports(), act).masked(),
        documents={"pdf": act.pdf, "docx": act.word} if act.pdf else {},
        copies=_copies_of(act),
        errors=submission_errors(evaluation) if evaluation and is_draft else [],
        notices=notice_items(evaluation) if evaluation else [],
    )


def _copies_of(act: Act) -> list[CopyItem]:
    if not act.copies:
        return []
    return [
        CopyItem(title=copy.title, count=copy.count, pdf=copy.pdf, docx=copy.word)
        for copy in issued_copies(ports(), act)
    ]


def act_response(
    act: Act, evaluation: Evaluation | None = None, *, created: bool = False, reading: bool = False
) -> ApiResponse:
    """Return the response with an act, its ETag and for a new act its address."""
    headers = {"ETag": act_etag(act)}
    if created:
        headers["Location"] = f"{request.script_root}/api/v1/acts/{act.id}"
    return ApiResponse(act_detail(act, evaluation, reading=reading), headers)


def draft_response(draft: Draft, *, created: bool = False) -> ApiResponse:
    return act_response(draft.act, draft.evaluation, created=created)


def draft_or_act(act_id: str) -> Draft | Act:
    """Return a draft with its evaluation, or an act that was submitted."""
    act = access.get_act(ports(), who(), act_id)
    return drafts.load_draft(ports(), who(), act_id) if act.status is State.DRAFT else act
