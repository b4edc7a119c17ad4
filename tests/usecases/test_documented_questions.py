"""The table of docs/adding-an-act.md on what a life may ask of other documents: each line holds as it is written."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import Act, ServiceRecord
from formsvc.domain.authorities import no_circumstances
from formsvc.domain.expressions.evaluator import read_expression
from formsvc.domain.expressions.functions.documents import document_functions
from formsvc.usecases.acts.serving import record_service
from formsvc.usecases.cases import case_file
from tests.support.case_steps import at
from tests.support.made_up_kinds import MadeUpKindsOnly, issue, kind, office_with
from tests.support.memory_office import Office
from tests.support.paths import ROOT

DOCS = (ROOT / "docs/adding-an-act.md").read_text(encoding="utf-8")
TABLE = DOCS.partition("| 要问的 | 写法 |\n|---|---|\n")[2].partition("\n\n")[0]
LINES = [json.loads(f"{{{found}}}") for found in re.findall(r'`("(?:from|when)": ".*")`', TABLE)]
WHEN = {f"step_{number}": line["when"] for number, line in enumerate(LINES) if "when" in line}
FROM = [line["from"] for line in LINES if "from" in line]
ROW_FUNCTIONS = {"sum_of", "count_of", "distinct", "row_of"}

PARTY = {"key": "party_name", "label": "当事人", "kind": "text", "required": True}
REFERENCE = {"key": "order_ref", "label": "原通知书", "kind": "reference", "refers_to": "T22"}


def rows(key: str, **kinds: str) -> dict[str, Any]:
    columns = [{"key": name, "label": name, "kind": of} for name, of in kinds.items()]
    return {"key": key, "label": key, "kind": "rows", "columns": columns}


def recorded(form: str, title: str, *fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    return kind(
        form, title, *fields, numbering={"style": "none"}, approval=False, subject="party_name", **more
    )


KINDS = (
    recorded(
        "T22", "虚构的通知", PARTY, {"key": "remark", "label": "备注", "kind": "text"},
        rows("costs", no="integer", kind="text", fee="integer"),
    ),
    recorded("T24", "虚构的意见", PARTY, REFERENCE, rows("results", result="text")),
    recorded(
        "T91", "虚构的催告", PARTY, REFERENCE,
        life={
            "deadlines": [
                {"id": f"day_{number}", "name": "期限", "event": "起算", "from": source, "unit": "on_day"}
                for number, source in enumerate(FROM)
            ],
            "follow_ups": [
                {"id": name, "title": "办理", "when": source, "why": "应当办理。"} for name, source in WHEN.items()
            ],
        },
    ),
)  # fmt: skip
COSTS = [{"no": 1, "kind": "人工", "fee": 200}, {"no": 2, "kind": "材料", "fee": 300}]


def test_every_function_that_asks_for_documents_or_rows_stands_in_the_table() -> None:
    named = {name for line in LINES for source in line.values() for name in read_expression(source).functions}
    known = document_functions(no_circumstances(), lambda key: None)
    assert {*known, *ROW_FUNCTIONS} - named == set()


def test_each_line_of_the_table_holds_where_it_should_and_nowhere_else(tmp_path: Path) -> None:
    library = MadeUpKindsOnly()
    for source in KINDS:
        library.add(source)
    office, _ = office_with(tmp_path, [], library)
    at(office, "2026-09-21")
    shop, other = "福来小店（虚构）", "另一小店（虚构）"
    first = issue(office, "T22", party_name=shop, costs=COSTS, remark="备注")
    issue(office, "T22", party_name=shop, costs=COSTS)
    issue(office, "T24", party_name=shop, order_ref=named(first), results=[{"result": "未改正"}])
    service = ServiceRecord("直接送达", "2026-09-21T09:00", "何虚构", "本人", servers=("冯文书",))
    record_service(office.ports, sample_actor(office.ports, "officer"), first.id, service)
    asking = issue(office, "T91", party_name=shop, order_ref=named(first))
    assert (asked(office, asking), days(office, asking)) == (set(WHEN), [date(2026, 9, 21)] * len(FROM))

    # of an order of before, alone, not served, with one small cost
    quiet = issue(office, "T22", party_name=other, costs=[{"no": 1, "kind": "人工", "fee": 1}])
    only = {n for n, source in WHEN.items() if "made_from(this" in source or "is_outside" in source}
    about_quiet = issue(office, "T91", party_name=other, order_ref=named(quiet))
    assert (asked(office, about_quiet), days(office, about_quiet)) == (only, [])
    outside = {"number": "旧字〔2019〕1号", "title": "通知", "date": "2019-01-02", "act_id": ""}
    about_paper = issue(office, "T91", party_name=other, order_ref=outside)
    assert asked(office, about_paper) == {n for n in only if "is_outside" not in WHEN[n]}


def named(act: Act) -> dict[str, str]:
    return {"act_id": act.id, "number": "", "title": act.title, "date": act.dated}


def asked(office: Office, act: Act) -> set[str]:
    case = case_file.get_case(office.ports, sample_actor(office.ports, "staff"), act.id)
    assert not [d for d in case.next_steps if "人工核对" in d.step.why and d.after.id == act.id]
    return {d.step.step for d in case.next_steps if d.after.id == act.id}


def days(office: Office, act: Act) -> list[date]:
    found = case_file.explain_deadlines(office.ports, sample_actor(office.ports, "staff"), act.id)
    return [deadline.due for deadline in found]
