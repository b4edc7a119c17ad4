"""Every key of a life is read: changed, it changes what people see or what is planned, or the definition is refused."""

from __future__ import annotations

import copy
import typing
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pydantic
import pytest

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import Act, ServiceRecord
from formsvc.domain.definition_loader import FormDefinition, read_definition
from formsvc.domain.life.schema import Life
from formsvc.errors import FormsvcError
from formsvc.usecases.acts.serving import record_service
from formsvc.usecases.cases import case_file, case_list
from formsvc.usecases.effects.plans import plan_rows
from tests.support.case_steps import at
from tests.support.circumstances import read_folder
from tests.support.made_up_kinds import MadeUpKindsOnly, issue, kind, office_with
from tests.support.memory_office import Office
from tests.support.page_client import Visitor


def rows(key: str, *columns: str, **more: Any) -> dict[str, Any]:
    dated = ("by", "till")
    listed = [
        {"key": c, "label": c, "kind": "date" if c in dated else "text", **more.get(c, {})} for c in columns
    ]
    return {"key": key, "label": key, "kind": "rows", "columns": listed}


RECORDED = ("num", "what", "place", "code", "by", "src", "till", "other")
PARTY = {"key": "party", "label": "当事人", "kind": "text", "role": "party"}
RECORD = kind(
    "KE",
    "虚构的记录",
    PARTY,
    rows("things", *RECORDED),
    rows("more", *RECORDED),
    numbering={"style": "none"},
    approval=False,
    life={
        "items": {
            "rows": "things", "number": "num", "text": "what", "code": "code", "deadline": "by", "awaits": "answer",
        },
        "begins_case": True,
    },
)  # fmt: skip
RESULT = {"result": {"kind": "choice", "choices": ["好", "半", "差"]}}
FIELDS = (
    PARTY,
    {
        "key": "party_type",
        "label": "当事人类型",
        "kind": "choice",
        "choices": ["法人", "自然人"],
        "role": "party_type",
    },
    {"key": "earlier", "label": "记录", "kind": "reference", "refers_to": "KE"},
    {"key": "until", "label": "期限", "kind": "date"},
    {"key": "since", "label": "起始", "kind": "date"},
    rows("points", *RECORDED),
    rows("others", *RECORDED),
    rows("answers", "no", "result", "other", **RESULT),
    rows("guesses", "no", "result", "other", **RESULT),
)
EFFECT: dict[str, Any] = {
    "do": "change_rows",
    "register": "responsible",
    "rows": "points",
    "when": 'row.what != ""',
    "match": {"level": '"村（社区）"', "town": "issuer_name", "unit": "row.place"},
    "set": {"name": "row.what"},
    "missing": "add",
    "added": {"level": '"村（社区）"', "town": "issuer_name", "unit": "row.place", "role": '"第一责任人"'},
    "date": "until",
    "of": "earlier",
}
LIFE: dict[str, Any] = {
    "items": {
        "rows": "points", "number": "num", "text": "what", "place": "place", "code": "code", "deadline": "by",
        "source": "src", "awaits": "result",
    },
    "results": {
        "rows": "answers", "of": "earlier", "number": "no", "result": "result", "done": ["好"], "partly": ["半"],
    },
    "deadlines": [
        {
            "id": "answer", "name": "答复期限", "event": "期限起算", "from": "until", "count": 10, "unit": "days",
            "rolls": True, "when": 'party != ""', "late": "due", "law": "《虚构办法》第一条",
        },
        {"id": "item", "name": "整改期限", "event": "写明", "from": "row.by", "unit": "on_day", "each": "points"},
    ],
    "follow_ups": [
        {
            "id": "reply", "forms": "KF", "title": "回函", "when": "size(points) > 0", "why": "应当回函。", "must": True,
            "by": "answer", "answered": 'made.answers.said == "是"', "settles": False,
        },
        {"id": "recheck", "title": "核对各项", "why": "第{numbers}项应当核对。", "each": "points", "by": "item"},
        {"id": "note", "forms": "KF", "title": "说明", "why": "可以说明。", "must": False, "once": True},
    ],
    "service": {
        "required": True, "forms": "K_NONE", "title": "虚构的回证", "by": "answer", "to": "受委托组织",
        "receivers": {"法人": {"*": ["法定代表人"]}},
    },
    "effects": {event: [EFFECT] for event in ("issued", "served", "voided", "revoked")},
    "void": {"blocked_by": "已经回函的不作废"},
    "retention": {"family": "虚构类", "keep": "30年"},
    "begins_case": True,
    "separate_case": False,
}  # fmt: skip
# the place of each key, and another value; [] stands for every place of the list at once
CHANGES: dict[str, tuple[tuple[str | int, ...], Any]] = {
    "items.rows": (("items", "rows"), "others"),
    "items.number": (("items", "number"), "other"),
    "items.text": (("items", "text"), "other"),
    "items.place": (("items", "place"), "other"),
    "items.code": (("items", "code"), "other"),
    "items.deadline": (("items", "deadline"), "till"),
    "items.source": (("items", "source"), "other"),
    "items.awaits": (("items", "awaits"), "answer"),
    "results.rows": (("results", "rows"), "guesses"),
    "results.of": (("results", "of"), "party"),
    "results.number": (("results", "number"), "other"),
    "results.result": (("results", "result"), "other"),
    "results.done": (("results", "done"), ["差"]),
    "results.partly": (("results", "partly"), ["差"]),
    "deadlines.id": (("deadlines", 0, "id"), "other"),
    "deadlines.name": (("deadlines", 0, "name"), "回复期限"),
    "deadlines.event": (("deadlines", 0, "event"), "另外起算"),
    "deadlines.from": (("deadlines", 0, "from"), "since"),
    "deadlines.count": (("deadlines", 0, "count"), 11),
    "deadlines.unit": (("deadlines", 0, "unit"), "workdays"),
    "deadlines.rolls": (("deadlines", 0, "rolls"), False),
    "deadlines.each": (("deadlines", 1, "each"), "others"),
    "deadlines.when": (("deadlines", 0, "when"), 'party == ""'),
    "deadlines.late": (("deadlines", 0, "late"), "record"),
    "deadlines.law": (("deadlines", 0, "law"), "《虚构办法》第二条"),
    "follow_ups.id": (("follow_ups", 0, "id"), "answer"),
    "follow_ups.forms": (("follow_ups", 0, "forms"), "K_OTHER"),
    "follow_ups.title": (("follow_ups", 1, "title"), "再核对各项"),
    "follow_ups.when": (("follow_ups", 0, "when"), "size(points) > 9"),
    "follow_ups.each": (("follow_ups", 1, "each"), "others"),
    "follow_ups.why": (("follow_ups", 0, "why"), "可以回函。"),
    "follow_ups.must": (("follow_ups", 0, "must"), False),
    "follow_ups.once": (("follow_ups", 2, "once"), False),
    "follow_ups.by": (("follow_ups", 0, "by"), ""),
    "follow_ups.answered": (("follow_ups", 0, "answered"), 'made.answers.said == "否"'),
    "follow_ups.settles": (("follow_ups", 0, "settles"), True),
    "service.required": (("service", "required"), False),
    "service.forms": (("service", "forms"), "K_OTHER"),
    "service.title": (("service", "title"), "另一种回证"),
    "service.by": (("service", "by"), ""),
    "service.to": (("service", "to"), "当事人"),
    "service.receivers": (("service", "receivers"), {"法人": {"*": ["本人"]}}),
    "effects.issued": (("effects", "issued"), []),
    "effects.served": (("effects", "served"), []),
    "effects.voided": (("effects", "voided"), []),
    "effects.revoked": (("effects", "revoked"), []),
    "effects.issued.do": (("effects", "voided", 0, "do"), "end_rows"),
    "effects.issued.when": (("effects", "voided", 0, "when"), 'row.what == "甲"'),
    "effects.issued.of": (("effects", "voided", 0, "of"), ""),
    "effects.issued.register": (("effects", "voided", 0, "register"), "hazards"),
    "effects.issued.rows": (("effects", "voided", 0, "rows"), "others"),
    "effects.issued.match": (("effects", "voided", 0, "match"), {**EFFECT["match"], "unit": "row.what"}),
    "effects.issued.set": (("effects", "voided", 0, "set"), {"name": "row.code"}),
    "effects.issued.missing": (("effects", "voided", 0, "missing"), "skip"),
    "effects.issued.added": (
        ("effects", "voided", 0, "added"),
        {**EFFECT["added"], "role": '"主要责任人"'},
    ),
    "effects.issued.date": (("effects", "voided", 0, "date"), "since"),
    "effects.issued.row_of": (("effects", "voided", 0, "row_of"), "party"),
    "effects.issued.row_match": (("effects", "voided", 0, "row_match"), {"unit": "name"}),
    "effects.issued.row_set": (("effects", "voided", 0, "row_set"), {"name": "name"}),
    "effects.issued.first_only": (("effects", "voided", 0, "first_only"), True),
    "void.blocked_by": (("void", "blocked_by"), "另外的话"),
    "retention.family": (("retention", "family"), "另一类"),
    "retention.keep": (("retention", "keep"), "永久"),
    "begins_case": (("begins_case",), False),
    "separate_case": (("separate_case",), True),
}


FORMS = [f"K{number:03}" for number, _ in enumerate(CHANGES, 1)]


def keys_of(model: type[pydantic.BaseModel], prefix: str, seen: set[type]) -> Iterator[str]:
    """Every key of a model by its dotted name; a model that stands in several places counts once."""
    for name, entry in model.model_fields.items():
        key = f"{prefix}{entry.alias or name}"
        inner = [m for m in models_in(entry.annotation) if m not in seen]
        is_list = typing.get_origin(entry.annotation) is list
        if not models_in(entry.annotation) or (is_list and model.__name__ == "Effects"):
            yield key
        for part in inner:
            seen.add(part)
            yield from keys_of(part, f"{key}.", seen)


def models_in(annotation: Any) -> list[type[pydantic.BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, pydantic.BaseModel):
        return [annotation]
    return [model for part in typing.get_args(annotation) for model in models_in(part)]


def changed_life(path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    life = copy.deepcopy(LIFE)
    place: Any = life
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return life


def with_life(form: str, life: dict[str, Any]) -> dict[str, Any]:
    return kind(
        form, "虚构的通知", *FIELDS, numbering={"style": "none"}, approval=False, subject="party", life=life
    )


def reply_kind(name: str, forms: list[str]) -> dict[str, Any]:
    source = {"key": "source_ref", "label": "来文", "kind": "reference", "refers_to": "/".join(forms)}
    said = {"key": "said", "label": "是否", "kind": "text"}
    return kind(name, "虚构的回函", source, said, numbering={"style": "none"}, approval=False)


THINGS = [
    {"num": "1", "what": "一", "code": "X1"},
    {"num": "2", "what": "二", "code": "X2"},
    {"num": "3", "what": "三", "code": "X3"},
    {"num": "4", "what": "四", "code": "X4"},
]
POINTS = [
    {"num": "11", "what": "甲", "place": "东", "code": "X1", "by": "2026-09-25", "till": "2026-12-31"},
    {"num": "12", "what": "乙", "place": "西", "code": "", "src": "2", "by": "2026-10-15", "till": "2026-12-31"},
]  # fmt: skip
RESULTS = [{"no": "3", "result": "好"}, {"no": "4", "result": "半"}]
# the tenth day after is 10月17日, a Saturday
ANSWERS: dict[str, Any] = {
    "party": "福来小店（虚构）", "party_type": "法人", "until": "2026-10-07", "since": "2026-10-08", "points": POINTS,
    "others": [POINTS[0]], "answers": RESULTS, "guesses": [{"no": "3", "result": "差"}],
}  # fmt: skip


class Seen:
    """What people see of the same documents by the life of one copy or another."""

    def __init__(self, office: Office) -> None:
        self._office, self._ports = office, office.ports
        self._staff = sample_actor(office.ports, "staff")
        self._approver = Visitor(office.app)
        self._approver.sign_in("approver")
        at(office, "2026-09-21")
        self._open_record, self._open_one = self._pair()
        self._done_record, self._done_one = self._pair()
        self._alone = issue(office, "K000", **ANSWERS)
        named = self._named(self._done_one)
        self._reply = issue(office, "KF", source_ref=named, said="是")
        # of a kind that no follow-up names
        self._other = issue(office, "KX", source_ref=named, said="是")
        at(office, "2026-11-02")

    def _pair(self) -> tuple[Act, Act]:
        record = issue(self._office, "KE", party=ANSWERS["party"], things=THINGS)
        return record, issue(self._office, "K000", earlier=self._named(record), **ANSWERS)

    def _named(self, act: Act) -> dict[str, str]:
        return {"act_id": act.id, "number": "", "title": act.title, "date": act.dated}

    def _use(self, form: str) -> None:
        """Let the documents be of another copy of their kind."""
        revision = self._ports.definitions.current_revision(form).id
        with self._ports.store.write() as tx:
            for act in (self._open_one, self._done_one, self._alone):
                tx.acts.replace(act.id, {**act.to_record(), "form": form, "revision": revision})

    def of(self, form: str) -> str:
        self._use(form)
        acts = (self._open_record, self._done_record, self._alone, self._reply, self._other)
        told = [self._case(act) for act in acts]
        definition = self._ports.definitions.current_revision(form).definition
        for event in ("issued", "served", "voided", "revoked"):
            told.append(self._planned(definition, event))
        listed = case_list.all_cases(self._ports, self._staff)
        told += [str(self._alone.id in [case.first.id for case in listed.cases]), self._service()]
        return "\n".join(told).replace(form, "FORM")

    def pages(self, form: str) -> str:
        self._use(form)
        address = f"/acts/{self._open_one.id}"
        return "\n".join(self._approver.open(f"{address}{path}").text for path in ("", "/void"))

    def _case(self, act: Act) -> str:
        case = case_file.get_case(self._ports, self._staff, act.id)
        hazards = [(h.number, h.text, h.place, h.status, h.deadline, h.named_in.form) for h in case.hazards]
        deadlines = [[d.sentence for d in link.deadlines] for link in case.links]
        steps = [
            (s.step.step, s.step.title, s.step.form, str(s.step.why), s.day, s.step.items)
            for s in (*case.next_steps, *case.possible_steps)
        ]
        late = [s.step.deadline.sentence for s in case.next_steps if s.step.deadline]
        return f"{case.first.id}\n{hazards}\n{deadlines}\n{steps}\n{late}"

    def _planned(self, definition: FormDefinition, event: str) -> str:
        try:
            return str(plan_rows(self._ports, self._open_one, definition, event, date(2026, 11, 2)))
        except FormsvcError as refused:
            return str(refused)

    def _service(self) -> str:
        service = ServiceRecord("直接送达", "2026-10-12T09:30", "魏某某（虚构）", "本人", servers=("赵正言",))
        try:
            return record_service(
                self._ports, sample_actor(self._ports, "officer"), self._alone.id, service
            ).state
        except FormsvcError as refused:
            return str(refused)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office with the kind K000 and copies of it, each with one key changed."""
    library = MadeUpKindsOnly()
    library.add(RECORD)
    library.add(with_life("K000", LIFE))
    resolved = next(pair for pair in library.checked_pairs()[0] if pair.form == "K000").definition
    for form, change in zip(FORMS, CHANGES.values(), strict=True):
        library.add_resolved({**resolved, "id": form, "life": changed_life(*change)})
    for name in ("KF", "KX"):
        library.add(reply_kind(name, ["K000", *FORMS]))
    return office_with(tmp_path_factory.mktemp("life"), [], library)[0]


def is_refused(key: str) -> bool:
    """Whether the changed definition is refused when it is dropped in."""
    source = with_life("K000", changed_life(*CHANGES[key]))
    _, faults = read_definition(source, read_folder("groups"), read_folder("lookups"), "K000.json")
    return any(fault.level == "error" for fault in faults)


def test_the_table_has_every_key_of_a_life() -> None:
    assert set(CHANGES) == set(keys_of(Life, "", set()))


def test_each_key_changes_what_people_see_or_is_refused(office: Office) -> None:
    seen = Seen(office)
    before = seen.of("K000")
    assert before == seen.of("K000")
    same = [key for key, form in zip(CHANGES, FORMS, strict=True) if shown(seen, form) in (before, "")]
    pages = seen.pages("K000")
    assert pages == seen.pages("K000")
    unread = [
        key for key in same if not is_refused(key) and seen.pages(FORMS[list(CHANGES).index(key)]) == pages
    ]
    assert unread == []


def shown(seen: Seen, form: str) -> str:
    """What people see; "" where the life cannot be used, which has to be refused when it is dropped in."""
    try:
        return seen.of(form)
    except (RuntimeError, StopIteration, KeyError):
        return ""


def test_an_offer_ends_with_its_period_and_a_duty_stays(tmp_path: Path) -> None:
    day = {"name": "期满", "event": "写明", "from": "until", "unit": "on_day"}
    rules: list[dict[str, Any]] = [
        {
            "id": f"{late}_{'must' if must else 'may'}",
            "title": "申请",
            "why": "申请。",
            "must": must,
            "by": late,
        }
        for late in ("due", "remind", "record", "stop", "info")
        for must in (True, False)
    ]
    life = {
        "deadlines": [
            {"id": late, "late": late, **day} for late in ("due", "remind", "record", "stop", "info")
        ],
        "follow_ups": rules,
    }
    library = MadeUpKindsOnly()
    until = {"key": "until", "label": "期限", "kind": "date"}
    library.add(kind("KS", "虚构的决定", until, numbering={"style": "none"}, approval=False, life=life))
    office, _ = office_with(tmp_path, [], library)
    at(office, "2026-09-21")
    act = issue(office, "KS", until="2026-10-16")

    def steps(day: str) -> dict[str, str]:
        at(office, day)
        case = case_file.get_case(office.ports, sample_actor(office.ports, "staff"), act.id)
        found = (*case.next_steps, *case.possible_steps)
        return {d.step.step: d.step.deadline.sentence.partition("止。")[2] for d in found if d.step.deadline}

    every = {rule["id"]: "" for rule in rules}
    assert steps("2026-10-15") == steps("2026-10-16") == every
    notes = {
        "due": "",
        "remind": "提醒的日期已过，请尽快办理。",
        "record": "期限已过，迟办的应当写明理由。",
        "stop": "期限已经届满，不得再办。",
        "info": "期限已经届满。",
    }
    later = {name: notes[name.partition("_")[0]] for name in every if name != "stop_may"}
    assert steps("2026-10-17") == later
    # whether it was done is not known where all deadlines of a document are listed
    staff = sample_actor(office.ports, "staff")
    found = case_file.explain_deadlines(office.ports, staff, act.id)
    assert {d.late: d.sentence.partition("止。")[2] for d in found} == {
        late: note if late in ("stop", "info") else "" for late, note in notes.items()
    }
