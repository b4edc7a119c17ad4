"""Acts (文书): states, steps and events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from formsvc.domain.accounts.account import Right
from formsvc.errors import TransitionRefused
from formsvc.i18n.messages import DefinitionText, msg


class State(StrEnum):
    """State of an act."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    ISSUED = "issued"
    SERVED = "served"
    VOID = "void"


STATE_NAMES = {
    State.DRAFT: msg("草稿"),
    State.SUBMITTED: msg("待审核"),
    State.REVIEWED: msg("待签发"),
    State.APPROVED: msg("待编号"),
    State.ISSUED: msg("已签发"),
    State.SERVED: msg("已送达"),
    State.VOID: msg("已作废"),
}

RECORDED = msg("已记录")

NUMBERED_STATES = (State.ISSUED, State.SERVED, State.VOID)
WAITING_STATES = (State.SUBMITTED, State.REVIEWED, State.APPROVED)


class Step(StrEnum):
    """Step that changes an act's state, or is only recorded."""

    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    REVIEW = "review"
    APPROVE = "approve"
    RETURN = "return"
    ISSUE = "issue"
    SERVE = "serve"
    CORRECT_SERVICE = "correct_service"
    VOID = "void"
    PRINT = "print"


@dataclass(frozen=True)
class StepRule:
    """States from which a step is allowed, its target, and its right."""

    name: str
    event: str
    right: Right
    sources: tuple[State, ...]
    target: State | None


STEPS: dict[Step, StepRule] = {
    Step.SUBMIT: StepRule(msg("提交审核"), "Submitted", Right.DRAFT, (State.DRAFT,), State.SUBMITTED),
    Step.WITHDRAW: StepRule(msg("撤回"), "Withdrawn", Right.WITHDRAW, WAITING_STATES, State.DRAFT),
    Step.REVIEW: StepRule(msg("审核通过"), "Reviewed", Right.REVIEW, (State.SUBMITTED,), State.REVIEWED),
    Step.APPROVE: StepRule(msg("签发"), "Approved", Right.APPROVE, (State.REVIEWED,), State.APPROVED),
    Step.RETURN: StepRule(
        msg("退回修改"), "Returned", Right.REVIEW, (State.SUBMITTED, State.REVIEWED), State.DRAFT
    ),
    Step.ISSUE: StepRule(msg("编号制发"), "Issued", Right.ISSUE, (State.APPROVED,), State.ISSUED),
    Step.SERVE: StepRule(msg("登记送达"), "Served", Right.SERVE, (State.ISSUED,), State.SERVED),
    Step.CORRECT_SERVICE: StepRule(
        msg("更正送达"), "ServiceCorrected", Right.SERVE, (State.SERVED,), State.SERVED
    ),
    Step.VOID: StepRule(msg("作废"), "Voided", Right.VOID, (State.ISSUED,), State.VOID),
    Step.PRINT: StepRule(msg("打印"), "Printed", Right.PRINT, (State.ISSUED, State.SERVED), None),
}

# Kinds of events are stored under these keys and hashed into the history: they never change.
EVENT_NAMES = {
    "Opened": msg("起草"),
    "ItemsConfirmed": msg("确认其余各项合格"),
    "ItemsReopened": msg("撤销其余各项合格"),
    "Submitted": msg("提交审核"),
    "Withdrawn": msg("撤回"),
    "Reviewed": msg("审核通过"),
    "Approved": msg("签发"),
    "Returned": msg("退回修改"),
    "Issued": msg("编号制发"),
    "Recorded": msg("记录"),
    "Served": msg("送达"),
    "ServiceVoided": msg("送达作废"),
    "StruckOff": msg("销项"),
    "Urged": msg("催办"),
    "ServiceCorrected": msg("更正送达"),
    "ScansAdded": msg("收进签收后的扫描件"),
    "SourceVoided": msg("所据文书作废"),
    "Revoked": msg("撤销"),
    "CaseReopened": msg("重新办理"),
    "Voided": msg("作废"),
    "Printed": msg("打印"),
    "Viewed": msg("查阅"),
    "Revealed": msg("查看个人信息原文"),
    "PublicCopyMade": msg("制作公开版"),
    "HandedOver": msg("移交"),
    "NumbersReserved": msg("领用空白文号"),
    "NumberAccounted": msg("核销文号"),
    "NumbersEntered": msg("登记纸质文号"),
    "GapExplained": msg("说明空号"),
    "NumberVoided": msg("作废文号"),
    "SignedIn": msg("登录"),
    "SignInRefused": msg("登录未成功"),
    "SignedOut": msg("退出"),
    "ChainBegun": msg("编入历史链"),
    "Erased": msg("删除个人信息"),
    "ClockAccepted": msg("确认时钟"),
    "LastDateCorrected": msg("更正最后日期"),
}
# Views of an act; they are listed apart from what was done with it.
SIGHT_EVENTS = frozenset({"Viewed", "Revealed", "PublicCopyMade"})


def steps_from(state: State) -> list[Step]:
    """Return the steps a state allows, regardless of rights."""
    return [step for step, rule in STEPS.items() if state in rule.sources]


def require_step(state: State, step: Step) -> StepRule:
    """Return a step's rule. Raise TransitionRefused if the state forbids it."""
    rule = STEPS[step]
    if state not in rule.sources:
        allowed = [STEPS[s].name for s in steps_from(state)]
        raise TransitionRefused(STATE_NAMES[state], rule.name, allowed)
    return rule


@dataclass(frozen=True)
class ServiceRecord:
    """送达: how, when, by and to whom (民事诉讼法 87–95)."""

    method: str
    served_at: str
    receiver: str
    relation: str = ""
    place: str = ""
    servers: tuple[str, ...] = ()
    note: str = ""
    recorded_by: str = ""


@dataclass(frozen=True)
class Act:
    """One thing an authority does, evidenced by one document.

    ``version`` grows with every change: a lock against two people changing the same act. ``answers`` are in normal form;
    ``word`` and ``pdf`` are hashes of stored files; ``copies`` are further copies that differ, each with ``title``, ``count``,
    ``word`` and ``pdf``. ``erased`` records an erasure at the end of the retention period:
    when, by whom, why, and the hashes of the documents. ``consequences`` are what later documents did to this one, each
    with its verb, the document's id and number, and what undid it. ``genre`` is that of a variant with a series of its own.
    A ``confidential`` act is seen by those who decide on it and by the people named in ``readers``.
    """

    id: str
    form: str
    revision: str
    title: str
    state: str = State.DRAFT.value
    version: int = 1
    answers: dict[str, Any] = field(default_factory=dict)
    authority: str = ""
    agent: str = ""
    mode: str = ""
    office: str = ""
    drafter: str = ""
    party: str = ""
    created_at: str = ""
    updated_at: str = ""
    submitted_at: str = ""
    reviewed_by: str = ""
    approved_by: str = ""
    returned_note: str = ""
    number: str = ""
    series: str = ""
    year: int = 0
    n: int = 0
    dated: str = ""
    due: str = ""
    issued_at: str = ""
    issued_by: str = ""
    word: str = ""
    pdf: str = ""
    pages: int = 0
    prints: int = 0
    service: dict[str, Any] = field(default_factory=dict)
    # steps after the act that need not be done any more, each with its reason
    struck_off: list[dict[str, Any]] = field(default_factory=list)
    source_act: str = ""
    void_reason: str = ""
    filled: str = ""
    search: str = ""
    erased: dict[str, Any] = field(default_factory=dict)
    genre: str = ""
    confidential: bool = False
    readers: list[str] = field(default_factory=list)
    consequences: list[dict[str, Any]] = field(default_factory=list)
    copies: list[dict[str, Any]] = field(default_factory=list)
    # the answers when it was last returned, until it has a number
    returned_answers: dict[str, Any] = field(default_factory=dict)
    # photographs and PDF files of the signed paper, each with when and by whom it was added
    scans: list[dict[str, Any]] = field(default_factory=list)

    @property
    def standing_consequences(self) -> list[dict[str, Any]]:
        """Consequences of later documents that nothing has undone."""
        return [each for each in self.consequences if not each["withdrawn_by"]]

    @property
    def is_revoked(self) -> bool:
        """True if another document revoked it (撤销)."""
        return any(each["do"] == "revoke_document" for each in self.standing_consequences)

    @property
    def is_case_closed(self) -> bool:
        """True if a later document closed the case that began with this act."""
        closed = False
        for each in self.standing_consequences:
            if each["do"] in ("close_case", "reopen_case"):
                closed = each["do"] == "close_case"
        return closed

    def case_lock(self, today: str) -> dict[str, Any] | None:
        """Return by what the case that began with this act is locked on a day."""
        lock = None
        for each in self.standing_consequences:
            if each["do"] == "lock_case" and each["day"] <= today:
                lock = each
            elif each["do"] == "reopen_case":
                lock = None
        return lock

    @property
    def status(self) -> State:
        return State(self.state)

    @property
    def state_name(self) -> str:
        """The Chinese state; a form without numbers is recorded, not signed."""
        if self.status is State.ISSUED and not self.number:
            return RECORDED
        return STATE_NAMES[self.status]

    @property
    def is_numbered(self) -> bool:
        """True once documents are stored and nothing may change any more."""
        return self.status in NUMBERED_STATES

    def changed(self, at: str, **changes: Any) -> Act:
        """Return the act with changes, one version later."""
        if changes.get("state") in NUMBERED_STATES:
            changes["returned_answers"] = {}
        return replace(self, version=self.version + 1, updated_at=at, **changes)

    def to_record(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Act:
        # Stored as plain text; pages translate it.
        return cls(**{**record, "title": DefinitionText(record["form"], record["title"])})


def document_hashes(act: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield hash and kind (Word, PDF) of each document of an act's record."""
    for copy in (act, *(act.get("copies") or ())):
        for key, kind in (("word", "Word"), ("pdf", "PDF")):
            if copy.get(key):
                yield copy[key], kind


@dataclass(frozen=True)
class Event:
    """Something that happened to an act; never changed or removed."""

    id: str
    act_id: str
    kind: str
    at: str
    by: str
    by_name: str
    note: str = ""
    via: str = "web"
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return EVENT_NAMES.get(self.kind, self.kind)


def require_voidable(act: Act) -> StepRule:
    """Return the rule of voiding. Raise TransitionRefused."""
    try:
        return require_step(act.status, Step.VOID)
    except TransitionRefused as refused:
        if act.status is State.SERVED:
            refused.remedy = msg("已送达的文书不能作废，请另行制作撤销或者变更决定并送达。")
        raise
