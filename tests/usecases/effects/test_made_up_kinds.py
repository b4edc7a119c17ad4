"""Kinds of documents nobody ships, with other ids, titles and field keys, have their effects from their definitions."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import Act, ServiceRecord
from formsvc.domain.definition_loader import FormDefinition, load_definition
from formsvc.errors import Conflict, InputRefused
from formsvc.usecases import operator
from formsvc.usecases.acts import serving
from formsvc.usecases.administration import records
from formsvc.usecases.cases.case_file import explain_deadlines, get_case
from formsvc.usecases.circumstances import find_document
from formsvc.usecases.context import Actor
from formsvc.usecases.drafting import drafts
from formsvc.usecases.effects.case_locks import reopen_case
from formsvc.usecases.numbering import issue
from formsvc.usecases.ports import DefinitionFile
from formsvc.usecases.registers.rows import list_rows
from tests.support.circumstances import definition, read_folder
from tests.support.issued_acts import CASES
from tests.support.memory_office import Office, SampleLibrary, make_office

DAY = {"key": "issue_date", "label": "日期", "kind": "date", "required": True}
BODY = {"key": "issuer_name", "label": "机关", "kind": "authority", "required": True}
TOWN = "绥化市北林区东河镇人民政府"
POINTS = {
    "key": "points",
    "label": "整治事项",
    "kind": "rows",
    "columns": [
        {"key": "what", "label": "事项", "kind": "text"},
        {"key": "until", "label": "截止", "kind": "date"},
    ],
}


def kind(form: str, life: dict[str, Any], *fields: dict[str, Any], **header: Any) -> dict[str, Any]:
    """A made-up kind of document that is recorded at once."""
    return {
        "id": form,
        "title": f"试验文书{form}",
        "template": f"{form}.docx",
        "numbering": {"style": "none"},
        "approval": False,
        "sections": [{"title": "内容", "fields": [BODY, DAY, *fields]}],
        "life": life,
        **header,
    }


def refers(to: str, key: str = "earlier") -> dict[str, Any]:
    return {"key": key, "label": "前一件", "kind": "reference", "refers_to": to}


def effects(event: str, *listed: dict[str, Any]) -> dict[str, Any]:
    return {"effects": {event: list(listed)}}


ITEM = {
    "id": "item",
    "name": "整治期限",
    "event": "通知",
    "from": "row.until",
    "unit": "on_day",
    "each": "points",
}
ORDER = kind(
    "K01", {"items": {"rows": "points", "text": "what", "deadline": "until"}, "deadlines": [ITEM]}, POINTS
)
MOVE = kind(
    "K02",
    effects(
        "served",
        {
            "do": "move_deadlines",
            "of": "earlier",
            "rows": "points",
            "set": {"no": "index + 1", "deadline": "row.until"},
        },
    ),
    refers("K01"),
    POINTS,
)
CLOSE = kind(
    "K03",
    effects("issued", {"do": "close_case", "of": "earlier"}, {"do": "lock_case", "of": "earlier"}),
    refers("K01"),
)
MARK = kind(
    "K05",
    effects(
        "issued",
        {
            "do": "mark_document",
            "of": "earlier",
            "when": "size(points) > 0",
            "set": {"note": "points[0].what"},
        },
    ),
    refers("K01"),
    POINTS,
)
REVOKE = kind("K04", effects("served", {"do": "revoke_document", "of": "earlier"}), refers("K02"))
RENAMED = {
    "principal_name": "weituo",
    "agent_name": "shoutuo",
    "matters": "shixiang",
    "powers": "quanxian",
    "area": "fanwei",
    "area_codes": "quhua",
    "exclude": "chuwai",
    "excluded_places": "chuwai_changsuo",
    "start_date": "qi",
    "end_date": "zhi",
    "agent_officers": "renyuan",
}
COLUMNS = {
    "code": "daima",
    "name": "mingcheng",
    "law": "yiju",
    "penalty": "chufa",
    "v_codes": "xingwei",
    "act_types": "zhonglei",
}


@cache
def entrusting() -> dict[str, Any]:
    """An entrustment like T01 with another id, another title and other keys of its fields."""
    shipped = definition("T01")
    fields = [f.model_dump(mode="json", exclude_defaults=True) for f in shipped.fields]
    kept = [f for f in fields if f["key"] in {*RENAMED, "approver", "drafter"}]
    for field in kept:
        field.pop("default", None)
        if field["key"] == "matters":
            field["columns"] = [
                {**c, "key": COLUMNS[c["key"]]} for c in field["columns"] if c["key"] in COLUMNS
            ]
        field["key"] = RENAMED.get(field["key"], field["key"])
    columns = {f"matters.{column}": f"row.{key}" for column, key in COLUMNS.items()}
    written = {"doc_no": "this.number", **RENAMED, **columns}
    life = effects("issued", {"do": "write_rows", "register": "entrustments", "set": written})
    return kind(
        "W01", life, *kept, numbering={"style": "enforcement", "genre": "协作"}, title="消防协作执法书"
    )


def entrusting_answers() -> dict[str, Any]:
    fields = CASES["EX01"]["fields"]
    answers = {
        RENAMED.get(key, key): value
        for key, value in fields.items()
        if key in {*RENAMED, "approver", "drafter"}
    }
    answers["shixiang"] = [
        {COLUMNS[k]: v for k, v in row.items() if k in COLUMNS} for row in fields["matters"]
    ]
    return {**answers, "issuer_name": fields["issuer_name"], "issue_date": fields["issue_date"]}


ANSWER = kind(
    "K09",
    {
        "deadlines": [
            {"id": "a", "name": "答复期限", "event": "写明", "from": "issue_date", "count": "wait", "unit": "days"},
            {"id": "b", "name": "回访期限", "event": "写明", "from": "is_empty(day) ? asked : day", "unit": "on_day"},
        ],
        "follow_ups": [{"id": "a", "title": "答复", "why": "应当答复。", "by": "a"}],
    },
    {"key": "wait", "label": "几日", "kind": "integer"},
    {"key": "asked", "label": "约定的时间", "kind": "text"},
    {"key": "day", "label": "约定的日期", "kind": "date"},
)  # fmt: skip


UNDATED = {**kind("K10", {}), "sections": [{"title": "内容", "fields": [BODY]}]}


def published_before(source: dict[str, Any]) -> DefinitionFile:
    """A revision of a time when the days of its life were not checked."""
    life = source["life"]
    checked = load_definition({**source, "life": {}}, read_folder("groups"), read_folder("lookups"))
    return DefinitionFile(checked.id, {**checked.to_resolved(), "life": life}, b"template")


class WithMadeUpKinds(SampleLibrary):
    """The shipped definitions and the made-up ones; an entrustment may be either."""

    def forms(self) -> list[str]:
        return [*super().forms(), *(made.id for made in _made_up()), "K09"]

    def checked_pairs(self, held: frozenset[str] = frozenset()) -> tuple[list[DefinitionFile], list[Any]]:
        pairs, faults = super().checked_pairs(held)
        added = [DefinitionFile(made.id, made.to_resolved(), b"template") for made in _made_up()]
        named = [_naming_both(pair) if pair.form == "T14" else pair for pair in pairs]
        return [*named, *added, published_before(ANSWER)], faults


def _naming_both(pair: DefinitionFile) -> DefinitionFile:
    text = FormDefinition.from_resolved(pair.definition).to_resolved()
    for section in text["sections"]:
        for field in section["fields"]:
            if field.get("refers_to") == "T01":
                field["refers_to"] = "T01/W01"
    return DefinitionFile(pair.form, text, pair.template)


@cache
def _made_up() -> tuple[FormDefinition, ...]:
    groups, lookups = read_folder("groups"), read_folder("lookups")
    sources = (ORDER, MOVE, CLOSE, REVOKE, MARK, UNDATED, entrusting())
    return tuple(load_definition(source, groups, lookups) for source in sources)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    made = make_office(tmp_path, library=WithMadeUpKinds())
    series = {
        "id": "sb-xiezuo",
        "authority": "beilin",
        "forms": ["W01"],
        "prefix": "绥北协作字",
        "style": "enforcement",
    }
    like = next(s for s in records.list_records(made.ports, "series") if "T01" in s["forms"])
    records.save_record(made.ports, None, "series", {**like, **series, "authority": like["authority"]})
    return made


def actor(office: Office, name: str) -> Actor:
    return sample_actor(office.ports, name)


def made(office: Office, form: str, **fields: Any) -> Act:
    given = {"issuer_name": TOWN, "issue_date": "2026-09-21", **fields}
    return operator.issue_at_once(
        office.ports, actor(office, "staff"), actor(office, "approver"), form, given
    )


def serve(office: Office, act: Act) -> Act:
    record = ServiceRecord("直接送达", "2026-09-21T09:00", "王五", "本人", servers=("赵正言",))
    return serving.record_service(office.ports, actor(office, "officer"), act.id, record)


def order_with_two_points(office: Office) -> Act:
    points = [{"what": "清理通道", "until": "2026-10-10"}, {"what": "修复设施", "until": "2026-10-20"}]
    return made(office, "K01", points=points)


def days_of(office: Office, act: Act) -> list[str]:
    with office.ports.store.read() as tx:
        known = find_document(office.ports, tx, act.id, None)
    assert known is not None
    days = [row["until"] for row in known.answers["points"]]
    deadlines = explain_deadlines(office.ports, actor(office, "staff"), act.id)
    assert sorted(days) == [deadline.due.isoformat() for deadline in deadlines], "the case and its list agree"
    return days


def by_id(act: Act) -> dict[str, str]:
    return {"number": act.number, "title": str(act.title), "date": act.dated, "act_id": act.id}


def test_a_deadline_that_no_calendar_holds_is_said_and_the_case_opens(office: Office) -> None:
    def told(wait: int, **given: str) -> tuple[list[str], list[str]]:
        act = made(office, "K09", wait=wait, **given)
        case = get_case(office.ports, actor(office, "staff"), act.id)
        days = [d.due.isoformat() for d in explain_deadlines(office.ports, actor(office, "staff"), act.id)]
        with_day = [item.day.isoformat() for item in case.next_steps if item.day]
        assert len(with_day) == min(len(days), 1) and set(with_day) <= set(days)
        return days, list(case.notices)

    days, said = told(900_000_000_000, asked="过几天")
    assert days == [] and len(said) == 2
    assert "期限超过 3700 天" in said[0] and "“过几天”不是日期" in said[1]
    assert told(3, day="2026-10-08") == (["2026-09-24", "2026-10-08"], [])
    assert told(-10, day="2026-10-08") == (["2026-09-11", "2026-10-08"], [])
    assert told(3700, day="2026-10-08")[1] == []


def test_a_record_without_a_date_and_a_number_is_recorded_on_the_day_it_is_made(office: Office) -> None:
    staff, approver = actor(office, "staff"), actor(office, "approver")
    act = operator.issue_at_once(office.ports, staff, approver, "K10", {"issuer_name": TOWN})
    assert act.status.value == "issued" and act.dated == "" and act.issued_at.startswith("2026-09-21")
    assert get_case(office.ports, staff, act.id).notices == ()


def test_an_entrustment_with_other_keys_is_checked_and_used_like_the_shipped_one(office: Office) -> None:
    w01 = made(office, "W01", **entrusting_answers())
    (row,) = list_rows(office.ports, "entrustments")
    assert row.values["doc_no"] == w01.number and row.values["agent_name"] == TOWN
    assert row.values["matters"][0]["code"] == "WT01"
    fields = {k: v for k, v in CASES["EX06"]["fields"].items() if k not in ("doc_no", "authority_text")}
    under = {
        **fields,
        "entrust_ref": w01.number,
        "issue_date": "2026-09-21",
        "check_from": "2026-09-21T15:00",
        "check_to": "2026-09-21T16:00",
    }
    notice = operator.issue_at_once(
        office.ports, actor(office, "staff"), actor(office, "approver"), "T14", under
    )
    assert notice.number
    with pytest.raises(InputRefused, match="同期不得重复委托") as refused:
        made(office, "W01", **entrusting_answers())
    assert refused.value.problems[0].field == "shixiang.0.mingcheng"
    later = {**entrusting_answers(), "qi": "2028-04-01", "zhi": "2029-03-31"}
    assert made(office, "W01", **later).number, "the term after it may be entrusted"


def test_what_may_not_be_entrusted_is_refused_at_its_own_field(office: Office) -> None:
    answers = entrusting_answers()
    wrong = [{**answers["shixiang"][0], "mingcheng": "查封场所"}, *answers["shixiang"][1:]]
    with pytest.raises(InputRefused) as refused:
        made(office, "W01", **{**answers, "shixiang": wrong})
    assert [p.field for p in refused.value.problems] == ["shixiang.0.mingcheng"]


def test_deadlines_move_once_the_document_is_served_and_back_when_it_is_revoked(office: Office) -> None:
    order = order_with_two_points(office)
    later = [{"what": "清理通道", "until": "2026-11-10"}]
    move = made(office, "K02", earlier=by_id(order), points=later)
    assert days_of(office, order) == ["2026-10-10", "2026-10-20"], "not before it is served"
    serve(office, move)
    assert days_of(office, order) == ["2026-11-10", "2026-10-20"]
    revoke = made(office, "K04", earlier=by_id(move))
    serve(office, revoke)
    assert days_of(office, order) == ["2026-10-10", "2026-10-20"]
    officer = actor(office, "officer")
    serving.correct_service(office.ports, officer, revoke.id, None, reason="没有送达")
    assert days_of(office, order) == ["2026-11-10", "2026-10-20"], "what the revocation undid stands again"


def test_nothing_is_made_from_a_locked_case_until_it_is_reopened_with_a_reason(office: Office) -> None:
    order = order_with_two_points(office)
    other = order_with_two_points(office)
    begun = drafts.open_form(office.ports, actor(office, "staff"), "K02", source_act=order.id)
    closing = made(office, "K03", earlier=by_id(order))
    with pytest.raises(Conflict, match="结案锁定"):
        drafts.open_form(office.ports, actor(office, "staff"), "K02", source_act=order.id)
    answers = {
        **begun.answers,
        "issuer_name": TOWN,
        "issue_date": "2026-09-21",
        "points": [{"what": "甲", "until": "2026-11-10"}],
    }
    saved = drafts.save_answers(
        office.ports, actor(office, "staff"), begun.id, answers, version=begun.version
    )
    with pytest.raises(Conflict, match="结案锁定"):
        drafts.submit(office.ports, actor(office, "staff"), saved.act.id)
    # neighbours: another case, and this one once who answers for it says why
    assert drafts.open_form(office.ports, actor(office, "staff"), "K02", source_act=other.id).id
    with pytest.raises(InputRefused, match="理由"):
        reopen_case(office.ports, actor(office, "approver"), closing.id, reason=" ")
    reopen_case(office.ports, actor(office, "approver"), order.id, reason="同一处隐患再次出现")
    assert drafts.submit(office.ports, actor(office, "staff"), saved.act.id).id == begun.id


def marks_of(office: Office, act: Act) -> list[str]:
    with office.ports.store.read() as tx:
        found = Act.from_record(tx.acts.get(act.id) or {}).consequences
    return [c["values"]["note"] for c in found if c["do"] == "mark_document" and not c["withdrawn_by"]]


def test_a_document_marks_another_until_it_is_voided(office: Office) -> None:
    order, other = order_with_two_points(office), order_with_two_points(office)
    mark = made(office, "K05", earlier=by_id(order), points=[{"what": "已列为重点"}])
    made(office, "K05", earlier=by_id(order), points=[])
    assert (marks_of(office, order), marks_of(office, other)) == (["已列为重点"], [])
    issue.void_act(office.ports, actor(office, "approver"), mark.id, reason="列错了单位")
    assert marks_of(office, order) == []


def test_rows_are_those_of_the_day_asked_for(office: Office) -> None:
    assert list_rows(office.ports, "entrustments", date(2026, 1, 1)) == []
