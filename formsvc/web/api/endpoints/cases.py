"""Cases, due items and fire-safety duties (消防安全责任人)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import TypeVar

import pydantic

from formsvc.domain.accounts.api_token import Scope
from formsvc.domain.acts.act import Act
from formsvc.domain.cases.deadlines import Deadline
from formsvc.domain.cases.hazards import Hazard, HazardStatus
from formsvc.domain.cases.responsibility import DutyHolder, Locality, Town
from formsvc.domain.paging import page_count
from formsvc.errors import Busy
from formsvc.i18n.messages import msg
from formsvc.usecases.acts.access_log import personal_answers
from formsvc.usecases.acts.search import PAGE_SIZE
from formsvc.usecases.cases import case_file, case_list, due_list, struck_steps
from formsvc.usecases.cases.case_file import CaseFile, CaseLink, DueItem
from formsvc.usecases.cases.responsibility import responsibility_matrix
from formsvc.usecases.cases.struck_steps import ChosenStep
from formsvc.web.api.case_schemas import (
    CaseActItem,
    CaseDetail,
    CaseList,
    CaseQuery,
    CaseSearch,
    CaseSummary,
    DeadlineItem,
    DeadlineList,
    DueList,
    DueQuery,
    DutyHolderItem,
    HazardItem,
    LateCounts,
    NextStepItem,
    PlaceDuties,
    ResponsibilityMatrix,
    ResponsibilityQuery,
    StrikeOffRequest,
    StruckOffList,
    TownDuties,
)
from formsvc.web.api.operations import ApiResponse, Call, operation
from formsvc.web.api.preconditions import require_words_in_body
from formsvc.web.api.serializers import act_summary
from formsvc.web.context import ports, who

TAG = msg("案件")
DUTIES_TAG = msg("责任人")
LOOK_AHEAD = timedelta(days=30)
T = TypeVar("T")


@operation(
    "GET", "/cases", TAG, msg("案件列表，每页 20 件，最先到期的在前"), Scope.READ, query=CaseQuery,
    response=CaseList,
)  # fmt: skip
def list_cases(call: Call) -> ApiResponse:
    query: CaseQuery = call.query
    require_words_in_body("q", query.q)
    return _case_list(query)


@operation(
    "POST", "/cases/search", TAG, msg("案件列表，条件在请求内容里：查找的词（如当事人）不进入地址和日志"),
    Scope.READ, body=CaseSearch, response=CaseList,
)  # fmt: skip
def search_cases(call: Call) -> ApiResponse:
    return _case_list(call.body)


def _case_list(query: CaseQuery | CaseSearch) -> ApiResponse:
    if query.q or query.which == "all":
        page = case_list.all_cases(ports(), who(), query.q.strip(), query.page_number)
    else:
        narrowed = {"own": query.which == "own", "late": query.which == "late"}
        page = case_list.pending_cases(ports(), who(), query.page_number, **narrowed)
    _require_computed(page.notice)
    items = [_case_summary(case) for case in page.cases]
    return ApiResponse(CaseList(items=items, total=page.total, page=query.page_number, pages=page.pages))


@operation(
    "GET", "/cases/{act_id}", TAG, msg("一个案件：文书、期限和算法、隐患、还要做的事；写其中任何一件文书的 id 都可以"),
    Scope.READ, response=CaseDetail, etag=True, error_statuses=(404,),
)  # fmt: skip
def get_case(call: Call, act_id: str) -> ApiResponse:
    case = case_file.get_case(ports(), who(), act_id)
    rules = case_file.load_case_context(ports()).rules
    by_id = {act.id: act for act in case.acts}
    return _response_with_etag(
        CaseDetail(
            id=case.first.id,
            party=case.party,
            acts=[_case_act_item(link, case_file.service_day(link.act, rules)) for link in case.links],
            hazards=[_hazard_item(hazard, by_id[hazard.named_in.id]) for hazard in case.hazards],
            next_steps=[_next_step_item(due) for due in case.next_steps],
            possible_steps=[_next_step_item(due) for due in case.possible_steps],
            notices=[str(sentence) for sentence in case.notices],
        )
    )


@operation(
    "GET", "/acts/{act_id}/deadlines", TAG, msg("一件文书引起的期限，逐个写明怎样算出"), Scope.READ,
    response=DeadlineList, etag=True, error_statuses=(404,),
)  # fmt: skip
def get_deadlines(call: Call, act_id: str) -> ApiResponse:
    deadlines = case_file.explain_deadlines(ports(), who(), act_id)
    return _response_with_etag(DeadlineList(items=[_deadline_item(deadline) for deadline in deadlines]))


@operation(
    "GET",
    "/due",
    TAG,
    msg("各案件中到期要做的事，逾期的在前，每页 50 件"),
    Scope.READ,
    query=DueQuery,
    response=DueList,
)
def list_due(call: Call) -> ApiResponse:
    query: DueQuery = call.query
    until = query.until or ports().clock.today() + LOOK_AHEAD
    start = (query.page_number - 1) * PAGE_SIZE
    page = due_list.due_list(ports(), who(), until, start=start, limit=PAGE_SIZE, mine=query.mine)
    _require_computed(page.notice)
    rows = [_next_step_item(due) for due in page.dues]
    pages = page_count(page.total, PAGE_SIZE)
    late = LateCounts(**dict(zip(LateCounts.model_fields, page.late, strict=True)))
    return ApiResponse(DueList(items=rows, total=page.total, late=late, page=query.page_number, pages=pages))


@operation(
    "POST", "/due/strike-off", TAG, msg("销项：写明理由，不再办理几步；须有审核或者签发的权限"), Scope.DECIDE,
    body=StrikeOffRequest, response=StruckOffList, idempotent=True, error_statuses=(404, 409),
)  # fmt: skip
def strike_off(call: Call) -> ApiResponse:
    chosen = [ChosenStep(step.act, step.step, tuple(step.items)) for step in call.body.steps]
    acts = struck_steps.strike_off(ports(), who(), chosen, call.body.reason)
    return ApiResponse(StruckOffList(acts=[act_summary(act) for act in acts]))


@operation(
    "GET", "/responsibility", DUTIES_TAG, msg("消防安全责任人：各乡镇、街道和村、社区现在由谁负责，哪里空缺、任期已满"),
    Scope.READ, query=ResponsibilityQuery, response=ResponsibilityMatrix, etag=True,
)  # fmt: skip
def get_responsibility(call: Call) -> ApiResponse:
    query: ResponsibilityQuery = call.query
    day = query.on or ports().clock.today()
    towns = responsibility_matrix(ports(), who(), day)
    return _response_with_etag(
        ResponsibilityMatrix(
            on=day,
            troubles=sum(town.warning_count for town in towns),
            items=[_town_duties(town) for town in _page_of(towns, query.page_number)],
            total=len(towns),
            page=query.page_number,
            pages=page_count(len(towns), PAGE_SIZE),
        )
    )


def _page_of(items: Sequence[T], page: int) -> Sequence[T]:
    return items[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]


def _response_with_etag(content: pydantic.BaseModel) -> ApiResponse:
    # hashed content, no version: a case depends on many acts, on the day and on the reader
    digest = hashlib.sha256(content.model_dump_json().encode()).hexdigest()
    return ApiResponse(content, {"ETag": f'"{digest[:32]}"'})


def _require_computed(notice: str) -> None:
    """Raise Busy for a list that is not computed yet."""
    if notice:
        # a program would take an old list for the present one
        raise Busy(notice)


def _case_summary(case: CaseFile) -> CaseSummary:
    first = case.first
    return CaseSummary(
        id=first.id,
        title=str(first.title),
        number=first.number,
        party=case.party,
        dated=first.dated,
        acts=len(case.links),
        open_hazards=sum(hazard.status is not HazardStatus.REMEDIED for hazard in case.hazards),
        next=_next_step_item(case.next_steps[0]) if case.next_steps else None,
    )


def _case_act_item(link: CaseLink, served: Deadline | None) -> CaseActItem:
    return CaseActItem(
        depth=link.depth,
        act=act_summary(link.act),
        deadlines=[_deadline_item(deadline) for deadline in link.deadlines],
        served=_deadline_item(served) if served else None,
    )


def _next_step_item(due: DueItem) -> NextStepItem:
    step = due.step
    return NextStepItem(
        form=step.form,
        title=str(step.title),
        offered=due.is_offered,
        after=due.after.id,
        after_number=due.after.number,
        party=due.after.party,
        why=str(step.why),
        deadline=_deadline_item(step.deadline) if step.deadline else None,
        late=due.is_late,
        begun=step.begun,
        step=step.step,
        items=list(step.items),
        forms=list(step.forms),
        action=due.action.value,
    )


def _deadline_item(deadline: Deadline) -> DeadlineItem:
    return DeadlineItem(
        name=str(deadline.name),
        due=deadline.due,
        begins=deadline.begins,
        sentence=str(deadline.sentence),
        law=deadline.law,
        days_off=list(deadline.days_off),
        worked=list(deadline.worked),
        certain=deadline.is_certain,
    )


def _hazard_item(hazard: Hazard, act: Act) -> HazardItem:
    # inspectors type names and telephone numbers of the party into descriptions
    hide = personal_answers(ports(), act).hide
    return HazardItem(
        number=hazard.number,
        text=hide(hazard.text),
        place=hide(hazard.place),
        act=act.id,
        standing=hazard.status.value,
        standing_name=str(hazard.status_name),
        deadline=hazard.deadline,
        recheck=hazard.recheck.id if hazard.recheck else "",
    )


def _duty_holder_item(holder: DutyHolder) -> DutyHolderItem:
    # without the telephone number, which is personal data
    return DutyHolderItem(
        duty=holder.duty.value,
        standing=holder.status.value,
        name=holder.name,
        title=holder.title,
        scope=holder.scope,
        source=holder.source,
        number=holder.number,
    )


def _place_duties(place: Locality) -> PlaceDuties:
    return PlaceDuties(
        name=place.name,
        code=place.code,
        holders=[_duty_holder_item(holder) for holder in place.holders],
        troubles=[str(sentence) for sentence in place.warnings],
    )


def _town_duties(town: Town) -> TownDuties:
    return TownDuties(
        **_place_duties(town.place).model_dump(),
        villages=[_place_duties(village) for village in town.villages],
    )
