"""Cases from their first act to the last, what is due, and who answers for fire safety."""

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
from formsvc.i18n.messages import msg
from formsvc.usecases.acts.access_log import personal
from formsvc.usecases.acts.search import PAGE_SIZE
from formsvc.usecases.cases import case_file as cases
from formsvc.usecases.cases import case_list as case_lists
from formsvc.usecases.cases import due_list as waiting
from formsvc.usecases.cases.case_file import CaseFile, Due, Link
from formsvc.usecases.cases.responsibility import responsibility_matrix
from formsvc.web.api.case_schemas import (
    CaseHead,
    CaseList,
    CasesAsked,
    CaseTold,
    DeadlineList,
    DeadlineTold,
    DueAsked,
    DueList,
    HazardTold,
    HolderTold,
    LinkTold,
    MatrixAsked,
    MatrixTold,
    NextTold,
    PlaceTold,
    TownTold,
)
from formsvc.web.api.operations import Answer, Call, operation
from formsvc.web.api.serializers import told
from formsvc.web.context import ports, who

PART = msg("案件")
DUTIES = msg("责任人")
LOOK_AHEAD = timedelta(days=30)
T = TypeVar("T")


@operation(
    "GET", "/cases", PART, msg("案件列表，每页 20 件，最先到期的在前"), Scope.READ, query=CasesAsked,
    answer=CaseList,
)  # fmt: skip
def list_cases(call: Call) -> Answer:
    """A page of cases."""
    asked: CasesAsked = call.query
    if asked.q or asked.which == "all":
        page = case_lists.all_cases(ports(), who(), asked.q.strip(), asked.number)
    else:
        narrowed = {"own": asked.which == "own", "late": asked.which == "late"}
        page = case_lists.waiting_cases(ports(), who(), asked.number, **narrowed)
    items = [_head(case) for case in page.cases]
    return Answer(CaseList(items=items, total=page.total, page=asked.number, pages=page.pages))


@operation(
    "GET", "/cases/{act_id}", PART, msg("一个案件：文书、期限和算法、隐患、还要做的事；写其中任何一件文书的 id 都可以"),
    Scope.READ, answer=CaseTold, tagged=True, refusals=(404,),
)  # fmt: skip
def get_case(call: Call, act_id: str) -> Answer:
    """The case an act belongs to."""
    case = cases.case_of(ports(), who(), act_id)
    rules = cases.office_of(ports()).rules
    by_id = {act.id: act for act in case.acts}
    return _tagged(
        CaseTold(
            id=case.first.id,
            party=case.party,
            acts=[_link(link, cases.service_of(link.act, rules)) for link in case.links],
            hazards=[_hazard(hazard, by_id[hazard.named_in.id]) for hazard in case.hazards],
            next_steps=[_next(due) for due in case.next_steps],
        )
    )


@operation(
    "GET", "/acts/{act_id}/deadlines", PART, msg("一件文书引起的期限，逐个写明怎样算出"), Scope.READ,
    answer=DeadlineList, tagged=True, refusals=(404,),
)  # fmt: skip
def get_deadlines(call: Call, act_id: str) -> Answer:
    """The deadlines an act set running."""
    found = cases.explained(ports(), who(), act_id)
    return _tagged(DeadlineList(items=[_deadline(one) for one in found]))


@operation(
    "GET",
    "/due",
    PART,
    msg("各案件中到期要做的事，逾期的在前，每页 50 件"),
    Scope.READ,
    query=DueAsked,
    answer=DueList,
)
def list_due(call: Call) -> Answer:
    """What has to be done on or before a day."""
    asked: DueAsked = call.query
    until = asked.until or ports().clock.today() + LOOK_AHEAD
    start = (asked.number - 1) * PAGE_SIZE
    found = waiting.due_list(ports(), who(), until, start=start, limit=PAGE_SIZE)
    rows = [_next(due) for due in found.dues]
    pages = page_count(found.total, PAGE_SIZE)
    return Answer(DueList(items=rows, total=found.total, page=asked.number, pages=pages))


@operation(
    "GET", "/responsibility", DUTIES, msg("消防安全责任人：各乡镇、街道和村、社区现在由谁负责，哪里空缺、任期已满"),
    Scope.READ, query=MatrixAsked, answer=MatrixTold, tagged=True,
)  # fmt: skip
def get_responsibility(call: Call) -> Answer:
    """Who answers for each town and village on a day."""
    asked: MatrixAsked = call.query
    day = asked.on or ports().clock.today()
    towns = responsibility_matrix(ports(), who(), day)
    return _tagged(
        MatrixTold(
            on=day,
            troubles=sum(town.warning_count for town in towns),
            items=[_town(town) for town in _part(towns, asked.number)],
            total=len(towns),
            page=asked.number,
            pages=_pages(towns),
        )
    )


def _part(found: Sequence[T], page: int) -> Sequence[T]:
    return found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]


def _pages(found: Sequence[object]) -> int:
    return page_count(len(found), PAGE_SIZE)


def _tagged(answer: pydantic.BaseModel) -> Answer:
    """An answer whose tag is its content: what a case says depends on many acts, on the day and on who asks."""
    digest = hashlib.sha256(answer.model_dump_json().encode()).hexdigest()
    return Answer(answer, {"ETag": f'"{digest[:32]}"'})


def _head(case: CaseFile) -> CaseHead:
    first = case.first
    return CaseHead(
        id=first.id,
        title=str(first.title),
        number=first.number,
        party=case.party,
        dated=first.dated,
        acts=len(case.links),
        open_hazards=sum(hazard.status is not HazardStatus.REMEDIED for hazard in case.hazards),
        next=_next(case.next_steps[0]) if case.next_steps else None,
    )


def _link(link: Link, served: Deadline | None) -> LinkTold:
    return LinkTold(
        depth=link.depth,
        act=told(link.act),
        deadlines=[_deadline(one) for one in link.deadlines],
        served=_deadline(served) if served else None,
    )


def _next(due: Due) -> NextTold:
    step = due.step
    return NextTold(
        form=step.form,
        title=str(step.title),
        offered=due.is_offered,
        after=due.after.id,
        after_number=due.after.number,
        party=due.after.party,
        why=str(step.why),
        deadline=_deadline(step.deadline) if step.deadline else None,
        late=due.is_late,
        begun=step.begun,
    )


def _deadline(one: Deadline) -> DeadlineTold:
    return DeadlineTold(
        name=str(one.name),
        due=one.due,
        begins=one.begins,
        sentence=str(one.sentence),
        law=one.law,
        days_off=list(one.days_off),
        worked=list(one.worked),
        certain=one.is_certain,
    )


def _hazard(hazard: Hazard, act: Act) -> HazardTold:
    """A hazard; whatever of the party's personal texts was typed into it is masked."""
    hide = personal(ports(), act).hide
    return HazardTold(
        number=hazard.number,
        text=hide(hazard.text),
        place=hide(hazard.place),
        act=act.id,
        standing=hazard.status.value,
        standing_name=str(hazard.status_name),
        deadline=hazard.deadline,
        recheck=hazard.recheck.id if hazard.recheck else "",
    )


def _holder(holder: DutyHolder) -> HolderTold:
    """A duty; the telephone number stays in the notice."""
    return HolderTold(
        duty=holder.duty.value,
        standing=holder.status.value,
        name=holder.name,
        title=holder.title,
        scope=holder.scope,
        source=holder.source,
        number=holder.number,
    )


def _place(place: Locality) -> PlaceTold:
    return PlaceTold(
        name=place.name,
        code=place.code,
        holders=[_holder(holder) for holder in place.holders],
        troubles=[str(sentence) for sentence in place.warnings],
    )


def _town(town: Town) -> TownTold:
    return TownTold(
        **_place(town.place).model_dump(),
        villages=[_place(village) for village in town.villages],
    )
