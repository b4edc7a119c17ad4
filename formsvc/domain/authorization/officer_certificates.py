"""Certified officers: how many, who, and whether each certificate was valid on the days of the act."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date

from formsvc.domain.authorities import CertifiedOfficer, Circumstances
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.json_types import JSON
from formsvc.errors import Problem
from formsvc.i18n.messages import msg

Row = Mapping[str, JSON]
Days = list[tuple[str, date]]
NOT_OFFICERS = re.compile("网格员|文员|村民委员会|居民委员会|两委|消安办|辅助人员|志愿|委员(?!会)")
NOT_OFFICERS_LAW = "《国务院办公厅关于严格规范涉企行政检查的意见》（国办发〔2024〕54号）"


def certificate_problems(
    definition: FormDefinition, values: Mapping[str, JSON], circumstances: Circumstances
) -> list[Problem]:
    """What is wrong with the officers of an act that needs certified ones."""
    needed = definition.certified_officers
    if needed is None or needed.field not in values:
        return []
    rows = values[needed.field] or []
    problems = []
    entry = definition.field(needed.field)
    label = entry.label if entry else msg("执法人员")
    distinct = {(row.get("cert_no") or "", row.get("name") or "") for row in rows}
    if rows and len(distinct) < needed.minimum:
        sentence = msg(
            "{label}不得少于{minimum}人，且均须具有行政执法资格，现在是{count}人。",
            label=label,
            minimum=needed.minimum,
            count=len(distinct),
        )
        problems.append(Problem(needed.field, sentence, msg("请补足执法人员。"), needed.law))
    days = list(definition.act_dates(values))
    for index, row in enumerate(rows):
        problems += _officer(f"{needed.field}.{index}", row, days, circumstances, needed.law)
    return problems


def _officer(path: str, row: Row, days: Days, circumstances: Circumstances, law: str) -> Iterator[Problem]:
    name = row.get("name") or msg("该人员")
    for column in ("name", "org", "title"):
        found = NOT_OFFICERS.search(row.get(column) or "")
        if found:
            sentence = msg(
                "“{word}”不是行政执法人员，只能列为协助、随同人员，不得以执法人员身份署名。",
                word=found.group(),
            )
            yield Problem(f"{path}.{column}", sentence, msg("请改填持证执法人员。"), NOT_OFFICERS_LAW)
            return
    yield from _validity(f"{path}.cert_valid_to", name, row, days, law)
    if circumstances.officers and row.get("cert_no"):
        yield from _registered(path, name, row, days, circumstances, law)


def _validity(path: str, name: str, row: Row, days: Days, law: str) -> Iterator[Problem]:
    until = row.get("cert_valid_to")
    late = next((day for _, day in days if until and day.isoformat() > until), None)
    if late:
        sentence = msg(
            "{name}的执法证件{until}到期，不能在{day}执法。", name=name, until=until, day=late.isoformat()
        )
        yield Problem(path, sentence, msg("请更换执法人员或者核对有效期。"), law)


def _registered(
    path: str, name: str, row: Row, days: Days, circumstances: Circumstances, law: str
) -> Iterator[Problem]:
    officer = next((o for o in circumstances.officers if o.cert_no == row["cert_no"]), None)
    if officer is None:
        sentence = msg("执法人员名册中没有证号“{cert_no}”（{name}）。", cert_no=row["cert_no"], name=name)
        yield Problem(f"{path}.cert_no", sentence, msg("请核对证号，或者请管理员登记。"), law, True)
    elif row.get("name") and officer.name != row["name"]:
        sentence = msg(
            "证号“{cert_no}”登记的是{name}，不是{given}。",
            cert_no=officer.cert_no,
            name=officer.name,
            given=name,
        )
        yield Problem(f"{path}.name", sentence, msg("请核对姓名和证号。"), law)
    else:
        yield from _in_force(f"{path}.cert_no", officer, days, law)


def _in_force(path: str, officer: CertifiedOfficer, days: Days, law: str) -> Iterator[Problem]:
    if not officer.active:
        yield Problem(path, msg("{name}的执法证件已停用。", name=officer.name), msg("请更换执法人员。"), law)
        return
    wrong = next((day for _, day in days if not officer.valid_from <= day <= officer.valid_to), None)
    if wrong:
        term = msg(
            "{start}至{end}",
            start=officer.valid_from.isoformat(),
            end=officer.valid_to.isoformat(),
        )
        sentence = msg(
            "{name}登记的执法证件有效期为{term}，不含{day}。",
            name=officer.name,
            term=term,
            day=wrong.isoformat(),
        )
        yield Problem(path, sentence, msg("请更换执法人员，或者请管理员更新名册。"), law)
