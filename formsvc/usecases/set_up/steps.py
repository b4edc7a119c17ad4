"""Steps of setting up an office, each with what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from formsvc.domain.accounts.account import Right
from formsvc.i18n.messages import format_list, msg
from formsvc.usecases.administration.accounts import list_accounts
from formsvc.usecases.circumstances import get_calendar
from formsvc.usecases.context import Ports
from formsvc.usecases.maintenance import backups
from formsvc.usecases.numbering.series_coverage import forms_without_series


class StepName(StrEnum):
    """Steps in the order of the page."""

    OFFICE = "offices"
    AUTHORITIES = "authorities"
    PEOPLE = "people"
    OFFICERS = "officers"
    SERIES = "series"
    CALENDAR = "calendar"
    BACKUP = "backup"
    TRIAL = "trial"


@dataclass(frozen=True)
class SetUpStep:
    """A step: its state and lack; ``needed`` for the first number."""

    name: StepName
    title: str
    state: str
    missing: str = ""
    needed: bool = True

    @property
    def is_done(self) -> bool:
        return not self.missing


def set_up_steps(ports: Ports) -> list[SetUpStep]:
    return [*_office_steps(ports), _people(ports), *_register_steps(ports), *_later_steps(ports)]


def _office_steps(ports: Ports) -> Iterator[SetUpStep]:
    with ports.store.read() as tx:
        offices, authorities = tx.offices.find(), tx.authorities.find()
    names = format_list(str(record["name"]) for record in offices)
    yield SetUpStep(StepName.OFFICE, msg("本单位"), names, "" if offices else msg("还没有单位"))
    without_people = [str(a["name"]) for a in authorities if not a.get("people")]
    without_code = [str(a["name"]) for a in authorities if not a.get("code")]
    missing = msg("还没有发文机关") if not authorities else ""
    if without_code:
        missing = msg("没有机关代字，不能拟文号：{names}", names=format_list(without_code))
    elif without_people:
        missing = msg("人员名单是空的，签发人无法核对：{names}", names=format_list(without_people))
    state = msg("{n} 个：{names}", n=len(authorities), names=format_list(str(a["name"]) for a in authorities))
    yield SetUpStep(StepName.AUTHORITIES, msg("发文机关"), state if authorities else "", missing)


def _people(ports: Ports) -> SetUpStep:
    active = [account for account in list_accounts(ports) if account.active]
    rights = {
        Right.DRAFT: msg("承办"),
        Right.REVIEW: msg("审核"),
        Right.APPROVE: msg("签发"),
    }
    missing = [name for right, name in rights.items() if not any(each.may(right, "") for each in active)]
    sentence = msg("没有人可以{what}", what=format_list(missing)) if missing else ""
    return SetUpStep(StepName.PEOPLE, msg("人员和权限"), msg("{n} 人可以登录", n=len(active)), sentence)


def _register_steps(ports: Ports) -> Iterator[SetUpStep]:
    today = ports.clock.today().isoformat()
    with ports.store.read() as tx:
        officers, series = tx.officers.find(), tx.series.find()
    valid = [each for each in officers if each.get("active", True) and each["valid_to"] >= today]
    missing = "" if len(valid) >= 2 else msg("证件有效的执法人员不足两名，检查类文书无法核对")
    yield SetUpStep(StepName.OFFICERS, msg("执法人员"), msg("{n} 人，证件在有效期内", n=len(valid)), missing)
    lacking = [revision.definition.title for revision in forms_without_series(ports)]
    missing = msg("这些文书还没有，签发时不能编号：{titles}", titles=format_list(lacking)) if lacking else ""
    yield SetUpStep(StepName.SERIES, msg("文号系列"), msg("{n} 个", n=len(series)), missing)


def _later_steps(ports: Ports) -> Iterator[SetUpStep]:
    year = ports.clock.today().year
    absent = get_calendar(ports).missing_years((year, year + 1))
    missing = (
        msg("还没有{years}年的放假安排，期限按周末推算", years=format_list(map(str, absent)))
        if absent
        else ""
    )
    state = "" if absent else msg("今年和明年的放假安排都有")
    yield SetUpStep(StepName.CALENDAR, msg("工作日历"), state, missing, needed=False)
    proven = bool(backups.get_status(ports).proven)
    missing = "" if proven else msg("还没有试恢复过的备份")
    yield SetUpStep(StepName.BACKUP, msg("备份"), msg("已试恢复") if proven else "", missing, needed=False)
    with ports.store.read() as tx:
        begun = tx.acts.count()
    state = msg("已起草 {n} 件", n=begun) if begun else ""
    missing = "" if begun else msg("起草一件看看样张：不占文号，可以删除")
    yield SetUpStep(StepName.TRIAL, msg("做一件试试"), state, missing, needed=False)
