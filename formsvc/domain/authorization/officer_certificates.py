"""Checks of certified officers (执法人员) on the days of an act."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from formsvc.domain import laws
from formsvc.domain.authorities import CertifiedOfficer, Circumstances
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.definitions.schema import CertifiedOfficers
from formsvc.domain.fields.roles import Roles
from formsvc.domain.json_types import JSON
from formsvc.errors import Findings, Problem
from formsvc.i18n.messages import format_list, msg

Days = list[tuple[str, date]]
# Auxiliaries and village cadres hold no certificate of enforcement (行政执法证).
NOT_OFFICERS = re.compile("网格员|文员|村民委员会|居民委员会|两委|消安办|辅助人员|志愿|委员(?!会)")


@dataclass(frozen=True)
class OfficerRow:
    """An officer as a document names one; ``path`` is that of the row."""

    path: str
    values: Mapping[str, JSON]
    roles: Roles

    def text(self, role: str) -> str:
        return str(self.values.get(self._column(role)) or "")

    def path_of(self, role: str) -> str:
        return f"{self.path}.{self._column(role)}"

    def _column(self, role: str) -> str:
        return self.roles.column(self.path.partition(".")[0], role)


def officer_rows(definition: FormDefinition, values: Mapping[str, JSON]) -> list[OfficerRow]:
    """Return the certified officers that the answers name."""
    requirement = definition.certified_officers
    rows = values.get(requirement.field) or () if requirement else ()
    table = requirement.field if requirement else ""
    return [OfficerRow(f"{table}.{index}", row, definition.roles) for index, row in enumerate(rows)]


def certificate_findings(
    definition: FormDefinition, values: Mapping[str, JSON], circumstances: Circumstances
) -> Findings:
    """Return the problems with certified officers, and what is unchecked.

    Where the mode asks for none, certificates that are given are checked all the same.
    """
    requirement = definition.certified_officers
    if requirement is None or requirement.field not in values:
        return [], []
    rows = officer_rows(definition, values)
    days = list(definition.act_dates(values))
    problems = _number_problems(definition, requirement, rows) if definition.wants_officers(values) else []
    for row in rows:
        if definition.wants_officers(values):
            auxiliary = list(_auxiliary_problems(row))
            problems += auxiliary
            if auxiliary:
                continue
        problems += _officer_problems(row, days, circumstances, requirement.law)
    return problems, list(_empty_register_notices(requirement.field, rows, circumstances))


def _empty_register_notices(
    field: str, rows: Sequence[OfficerRow], circumstances: Circumstances
) -> Iterator[Problem]:
    named = [row.text("name") or row.text("certificate") for row in rows if row.text("certificate")]
    if named and not circumstances.officers:
        yield Problem(
            field,
            msg("执法人员名册为空，无法核对{names}的执法证件。", names=format_list(named)),
            msg("请看证件原件核对，并请管理员登记执法人员。"),
        )


def _number_problems(
    definition: FormDefinition, requirement: CertifiedOfficers, rows: Sequence[OfficerRow]
) -> list[Problem]:
    entry = definition.field(requirement.field)
    label = entry.label if entry else msg("执法人员")
    # One officer listed twice counts once.
    distinct = {(row.text("certificate"), row.text("name")) for row in rows}
    if rows and len(distinct) < requirement.minimum:
        sentence = msg(
            "{label}不得少于{minimum}人，且均须具有行政执法资格，现在是{count}人。",
            label=label,
            minimum=requirement.minimum,
            count=len(distinct),
        )
        return [Problem(requirement.field, sentence, msg("请补足执法人员。"), requirement.law)]
    return []


def _auxiliary_problems(row: OfficerRow) -> Iterator[Problem]:
    for role in ("name", "organization", "job_title"):
        auxiliary = NOT_OFFICERS.search(row.text(role))
        if auxiliary:
            sentence = msg(
                "“{word}”不是行政执法人员，只能列为协助、随同人员，不得以执法人员身份署名。",
                word=auxiliary.group(),
            )
            remedy = msg("请改填持证执法人员。")
            yield Problem(row.path_of(role), sentence, remedy, laws.INSPECTION_OPINION)
            return


def _officer_problems(
    row: OfficerRow, days: Days, circumstances: Circumstances, law: str
) -> Iterator[Problem]:
    name = row.text("name") or msg("该人员")
    yield from _expiry_problems(name, row, days, law)
    # without any registered officer there is a notice for all of them
    if circumstances.officers and row.text("certificate"):
        yield from _registry_problems(name, row, days, circumstances, law)


def _expiry_problems(name: str, row: OfficerRow, days: Days, law: str) -> Iterator[Problem]:
    until = row.text("certificate_until")
    expired_on = next((day for _, day in days if until and day.isoformat() > until), None)
    if expired_on:
        sentence = msg(
            "{name}的执法证件{until}到期，不能在{day}执法。",
            name=name,
            until=until,
            day=expired_on.isoformat(),
        )
        remedy = msg("请更换执法人员或者核对有效期。")
        yield Problem(row.path_of("certificate_until"), sentence, remedy, law)


def _registry_problems(
    name: str, row: OfficerRow, days: Days, circumstances: Circumstances, law: str
) -> Iterator[Problem]:
    number, place = row.text("certificate"), row.path_of("certificate")
    officer = next((o for o in circumstances.officers if o.cert_no == number), None)
    if officer is None:
        sentence = msg("执法人员名册中没有证号“{cert_no}”（{name}）。", cert_no=number, name=name)
        yield Problem(place, sentence, msg("请核对证号，或者请管理员登记。"), law, True)
    elif row.text("name") and officer.name != row.text("name"):
        sentence = msg(
            "证号“{cert_no}”登记的是{name}，不是{given}。",
            cert_no=officer.cert_no,
            name=officer.name,
            given=name,
        )
        yield Problem(row.path_of("name"), sentence, msg("请核对姓名和证号。"), law)
    else:
        yield from _registered_term_problems(place, officer, days, law)


def _registered_term_problems(
    path: str, officer: CertifiedOfficer, days: Days, law: str
) -> Iterator[Problem]:
    if not officer.active:
        yield Problem(path, msg("{name}的执法证件已停用。", name=officer.name), msg("请更换执法人员。"), law)
        return
    uncovered = next((day for _, day in days if not officer.valid_from <= day <= officer.valid_to), None)
    if uncovered:
        term = msg(
            "{start}至{end}",
            start=officer.valid_from.isoformat(),
            end=officer.valid_to.isoformat(),
        )
        sentence = msg(
            "{name}登记的执法证件有效期为{term}，不含{day}。",
            name=officer.name,
            term=term,
            day=uncovered.isoformat(),
        )
        yield Problem(path, sentence, msg("请更换执法人员，或者请管理员更新名册。"), law)
