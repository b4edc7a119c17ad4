"""Offices, authorities, officers, series, paper entrustments (纸质委托书)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from formsvc.domain.authorities import AuthorityKind
from formsvc.domain.chinese import tidy_day
from formsvc.domain.identifiers import check_certificate_no
from formsvc.domain.numbering.document_number import SERIAL_STYLES, NumberStyle
from formsvc.domain.numbering.series import series_from_record
from formsvc.domain.parsing import parse_whole_number
from formsvc.errors import InputRefused, NotFound, Problem
from formsvc.i18n.messages import msg
from formsvc.usecases.access import require_admin
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.event_log import record_administration
from formsvc.usecases.numbering.series_changes import updated_series
from formsvc.usecases.ports import Collection, Record, Transaction
from formsvc.usecases.registers.paper import register_paper_entrustment

# as people type them; kept as ISO dates
_DAYS = frozenset({"valid_from", "valid_to", "start_date", "end_date"})
RECORD_KINDS = ("offices", "authorities", "officers", "series", "entrustments")


def list_records(ports: Ports, kind: str) -> list[Record]:
    with ports.store.read() as tx:
        return _collection(tx, kind).find(order="id")


def save_record(
    ports: Ports, actor: Actor | None, kind: str, record: Mapping[str, Any], *, reason: str = ""
) -> Record:
    """Add or change a record of one of RECORD_KINDS.

    A series that has given numbers keeps its prefix and style, and changes only with a reason. Raise
    InputRefused with every problem.
    """
    require_admin(actor)
    today = ports.clock.today()
    made = {k: tidy_day(str(value), today) if k in _DAYS and value else value for k, value in record.items()}
    problems = _CHECKS[kind](made) or (_serial_problems(ports, made) if kind == "series" else [])
    if problems:
        raise InputRefused(problems)
    if kind == "entrustments":
        # published before the transaction: what is typed from paper stands in its register
        ports.definitions.registers()
    with ports.store.write() as tx:
        collection = _collection(tx, kind)
        before = collection.get(made["id"])
        if kind == "series":
            by = actor.account.display_name if actor else ""
            made = updated_series(ports, tx, by, before, made, reason)
        if before:
            collection.replace(made["id"], made)
        else:
            collection.insert(made["id"], made)
        if kind == "entrustments":
            register_paper_entrustment(ports, tx, made, actor.account.id if actor else "")
        verb = "修改" if before else "增加"
        record_administration(
            tx,
            ports.clock,
            actor,
            f"{verb}{_KIND_NAMES[kind]} {made['id']}{f'，理由：{reason}' if reason else ''}",
        )
    return made


def _collection(tx: Transaction, kind: str) -> Collection:
    if kind not in RECORD_KINDS:
        raise NotFound(msg("没有这一类资料。"))
    # kinds are named like the collections of a transaction
    found: Collection = getattr(tx, kind)
    return found


_KIND_NAMES = {
    "offices": "单位",
    "authorities": "发文机关",
    "officers": "执法人员",
    "series": "文号系列",
    "entrustments": "纸质委托书",
}


def _need(record: Record, names: Mapping[str, str]) -> list[Problem]:
    return [
        Problem(key, msg("请填写{label}。", label=label))
        for key, label in names.items()
        if not str(record.get(key) or "").strip()
    ]


def _office_problems(record: Record) -> list[Problem]:
    return _need(record, {"id": msg("编号"), "name": msg("单位名称")})


def _authority_problems(record: Record) -> list[Problem]:
    problems = _need(record, {"id": msg("编号"), "name": msg("机关全称"), "kind": msg("机关类别")})
    if record.get("kind") and record["kind"] not in set(AuthorityKind):
        problems.append(Problem("kind", msg("请选择机关类别。")))
    return problems


def _officer_problems(record: Record) -> list[Problem]:
    problems = _need(record, {"name": msg("姓名"), "cert_no": msg("执法证号"), "org": msg("所在单位")})
    for key, label in (("valid_from", msg("证件起始日")), ("valid_to", msg("证件截止日"))):
        problems += _date_problems(record, key, label)
    try:
        check_certificate_no(str(record.get("cert_no") or ""))
    except ValueError as wrong:
        problems.append(Problem("cert_no", str(wrong)))
    return problems


def _series_problems(record: Record) -> list[Problem]:
    problems = _need(
        record, {"id": msg("编号"), "authority": msg("发文机关"), "prefix": msg("字样"), "style": msg("样式")}
    )
    if not record.get("forms"):
        problems.append(Problem("forms", msg("请至少选择一种文书。")))
    if record.get("style") and record["style"] not in set(NumberStyle):
        problems.append(Problem("style", msg("请选择编号样式。")))
    starts = record.get("starts") or {}
    if not all(parse_whole_number(str(y)) is not None and int(n) >= 1 for y, n in starts.items()):
        problems.append(Problem("starts", msg("起始号应当是不小于 1 的整数。")))
    return problems or _wording_problems(record)


def _serial_problems(ports: Ports, record: Record) -> list[Problem]:
    """Return why a form does not fit the style of the series."""
    is_serial = NumberStyle(record["style"]) in SERIAL_STYLES
    problems = []
    for form in record["forms"]:
        revision = ports.definitions.offered_revision(form)
        rules = revision.definition.numbering if revision else None
        if revision is None or rules is None:
            continue
        title = revision.definition.title
        if (rules.style == "serial") != is_serial:
            named = msg("流水号") if rules.style == "serial" else msg("文号")
            sentence = msg("《{title}》编的是{named}，不能用这种样式。", title=title, named=named)
            problems.append(Problem("style", sentence, msg("请另选样式，或者去掉这种文书。")))
        elif rules.digits and rules.digits != record.get("width", 4):
            sentence = msg("《{title}》的流水号是 {digits} 位。", title=title, digits=rules.digits)
            problems.append(Problem("width", sentence, msg("请改正序号位数，或者去掉这种文书。")))
    return problems


def _wording_problems(record: Record) -> list[Problem]:
    """Return why no number of the series could be written."""
    try:
        series_from_record(record)
    except ValueError as wrong:
        return [Problem("prefix", str(wrong))]
    return []


def _entrustment_problems(record: Record) -> list[Problem]:
    labels = {
        "id": msg("编号"),
        "number": msg("委托书文号"),
        "principal_name": msg("委托机关"),
        "agent_name": msg("受委托组织"),
    }
    problems = _need(record, {**labels, "area": msg("地域范围"), "powers": msg("委托权限")})
    for key, label in (("start_date", msg("起始日")), ("end_date", msg("截止日"))):
        problems += _date_problems(record, key, label)
    if not record.get("matters"):
        problems.append(Problem("matters", msg("请至少填写一项委托事项。")))
    return problems


def _date_problems(record: Record, key: str, label: str) -> list[Problem]:
    try:
        date.fromisoformat(str(record.get(key) or ""))
    except ValueError:
        return [Problem(key, msg("请填写{label}，例如 2026-11-23。", label=label))]
    return []


_CHECKS = {
    "offices": _office_problems,
    "authorities": _authority_problems,
    "officers": _officer_problems,
    "series": _series_problems,
    "entrustments": _entrustment_problems,
}
