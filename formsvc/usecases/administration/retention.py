"""Retention (保存期限): acts past their period, and erasure of personal data.

The number with its row in the register, the course of events, and what identifies no person remain: dates,
counts, choices, laws and references. Texts, names, identity numbers, addresses, telephones and attachments
are erased, with both documents; the documents' hashes stay. The hash chain stays valid.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from formsvc.domain.accounts.account import Right
from formsvc.domain.acts.act import NUMBERED_STATES, Act, document_hashes
from formsvc.domain.acts.search_text import heading_search_text
from formsvc.domain.json_types import JSON
from formsvc.domain.parsing import parse_whole_number
from formsvc.domain.privacy.erasure import (
    ERASED,
    personal_texts,
    retained_answers,
    retained_service,
    retained_values,
    years_after,
    years_before,
)
from formsvc.errors import FormsvcError, InputRefused, NotFound, Problem
from formsvc.i18n.messages import DefinitionText, format_list, msg
from formsvc.usecases.administration import office_settings
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.event_log import record_event
from formsvc.usecases.event_records import NOTE_KEY
from formsvc.usecases.maintenance.integrity import ORPHAN_AGE, attachment_hashes, referenced_files
from formsvc.usecases.ports import Condition, Record, Transaction
from formsvc.usecases.registers.rows import erase_entries

YEARS = "retention_years"
_PAGE = 100
LONGEST = 100


@dataclass(frozen=True)
class DueAct:
    """An act past its retention period, and the last day of that period."""

    act: Act
    family: str
    since: date


def form_families(ports: Ports) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for form, revision in ports.definitions.current().items():
        found.setdefault(revision.definition.family, []).append(
            DefinitionText(form, revision.definition.title)
        )
    return {family: format_list(found[family]) for family in sorted(found)}


def retention_years(ports: Ports) -> dict[str, int]:
    """Return the years each family is kept; a missing one is kept for ever."""
    decided: Mapping[str, Any] = office_settings.get_settings(ports).get(YEARS) or {}
    return {str(family): int(years) for family, years in decided.items() if years}


def save_retention_rule(ports: Ports, actor: Actor, typed: Mapping[str, str]) -> dict[str, int]:
    """Save the rule; an empty text means for ever. Raise InputRefused."""
    actor.account.require(Right.ADMINISTER, "")
    problems, years = [], {}
    for family, text in typed.items():
        if not text.strip():
            continue
        number = parse_whole_number(text)
        if number is None or not 1 <= number <= LONGEST:
            problems.append(
                Problem(f"years-{family}", msg("保存年数应当是 1 到 {n} 的整数，永久保存的留空。", n=LONGEST))
            )
        else:
            years[family] = number
    if problems:
        raise InputRefused(problems)
    office_settings.save_settings(ports, actor, {YEARS: years})
    return years


def list_due(ports: Ports, actor: Actor | None) -> list[DueAct]:
    """Return acts past their period, oldest first.

    At most as many as are erased in one go. The period begins with the last day anything happened with the act or with an act made from it. `who`
    is None on the console.
    """
    if actor is not None:
        actor.account.require(Right.ADMINISTER, "")
    rule = retention_years(ports)
    if not rule:
        return []
    found: list[DueAct] = []
    most = ports.limits.erased_acts
    with ports.store.read() as tx:
        for act in _old_acts(tx, years_before(ports.clock.today(), min(rule.values()))):
            due_act = _due_act_of(ports, tx, act, rule)
            if due_act:
                found.append(due_act)
            if len(found) == most:
                break
    return found


def _old_acts(tx: Transaction, until: date) -> Iterator[Act]:
    wanted = (
        Condition("dated", "<=", until.isoformat()),
        Condition("state", "in", [state.value for state in NUMBERED_STATES]),
        Condition("word", "!=", ""),
    )
    # a page at a time: an archive of twenty years does not fit into memory
    offset = 0
    while page := tx.acts.find(*wanted, order="dated", offset=offset, limit=_PAGE):
        yield from map(Act.from_record, page)
        offset += len(page)


def _due_act_of(ports: Ports, tx: Transaction, act: Act, rule: Mapping[str, int]) -> DueAct | None:
    family = ports.definitions.revision(act.revision).definition.family
    if family not in rule:
        return None
    since = years_after(_last_day(tx, act), rule[family])
    return DueAct(act, family, since) if since <= ports.clock.today() else None


def _last_day(tx: Transaction, act: Act) -> date:
    """Return the last day of the act and of the acts made from it."""
    last, waiting, seen = "", [act.to_record()], {act.id}
    while waiting:
        record = waiting.pop()
        days = (record.get("dated"), record.get("due"), record.get("updated_at"), record.get("created_at"))
        # the erasure itself changed updated_at; it does not prolong the period
        if record.get("erased"):
            days = (record.get("dated"), record.get("due"), None, None)
        last = max(last, *(str(day)[:10] for day in days if day))
        for later in tx.acts.find(Condition("source_act", "==", record["id"])):
            if later["id"] not in seen:
                seen.add(later["id"])
                waiting.append(later)
    return date.fromisoformat(last)


# Erasure --------------------------------------------------------------------------------------------


def erase(ports: Ports, actor: Actor, act_ids: Sequence[str], *, reason: str) -> list[Act]:
    """Erase personal data of acts past their period, all or none.

    Their files are removed afterwards. Raise InputRefused without a reason, FormsvcError for an act whose
    period is not over.
    """
    actor.account.require(Right.ADMINISTER, "")
    if len(reason.strip()) < 2:
        raise InputRefused([Problem("reason", msg("请写明删除的依据和批准人。"))])
    if not act_ids:
        raise InputRefused([Problem("acts", msg("请选择要删除个人信息的文书。"))])
    most = ports.limits.erased_acts
    if len(act_ids) > most:
        raise FormsvcError(msg("一次最多处理 {n} 件。", n=most), msg("请分几次办理。"))
    rule = retention_years(ports)
    with ports.store.write() as tx:
        acts = [_still_due(ports, tx, act_id, rule) for act_id in dict.fromkeys(act_ids)]
        files = {sha256 for act in acts for sha256 in _files_of(act)}
        erased = [_erase(ports, tx, actor, act, reason.strip()) for act in acts]
    with ports.store.read() as tx:
        gone = files - {sha256 for sha256, _name in referenced_files(tx)}
    # a file stored again within the hour may be referenced any moment
    ports.files.remove(sorted(gone), ORPHAN_AGE)
    return erased


def _still_due(ports: Ports, tx: Transaction, act_id: str, rule: Mapping[str, int]) -> Act:
    record = tx.acts.get(act_id)
    if record is None:
        raise NotFound(msg("没有找到这件文书。"), msg("请刷新页面后重试。"))
    act = Act.from_record(record)
    if act.erased or not act.is_numbered or _due_act_of(ports, tx, act, rule) is None:
        raise FormsvcError(
            msg("文书{name}没有到删除的时候，没有删除任何内容。", name=act.number or act.title),
            msg("请按“保存期限”中列出的文书办理。"),
        )
    return act


def _files_of(act: Act) -> Iterator[str]:
    yield from (sha256 for sha256, _kind in document_hashes(act.to_record()))
    yield from attachment_hashes([act.answers, act.scans])


def _erase(ports: Ports, tx: Transaction, actor: Actor, act: Act, reason: str) -> Act:
    definition = ports.definitions.revision(act.revision).definition
    texts = personal_texts(definition, act.answers, act.party, act.service)
    party = ERASED if act.party and act.party in texts else act.party
    now = ports.clock.now().isoformat(timespec="seconds")
    erased = act.changed(
        now,
        answers=retained_answers(definition, act.answers),
        party=party,
        search=heading_search_text(act.number, act.title, ()),
        service=retained_service(act.service),
        returned_note=ERASED if act.returned_note else "",
        scans=[],
        word="",
        pdf="",
        copies=[],
        erased={
            "at": now,
            "by": actor.account.display_name,
            "reason": reason,
            "word": act.word,
            "pdf": act.pdf,
            "copies": act.copies,
        },
    )
    tx.erase("acts", act.id, erased.to_record())
    erase_entries(tx, act.id, partial(_retained_row, ports))
    for row in tx.numbers.find(Condition("act_id", "==", act.id)):
        if row.get("party") and row["party"] != party:
            tx.erase("numbers", row["id"], {**row, "party": party})
    for event in tx.events.find(Condition("act_id", "==", act.id)):
        shorter = _kept_event(event, texts)
        if shorter != event:
            tx.erase("events", event["id"], shorter)
    record_event(tx, ports.clock, actor, act.id, "Erased", note=reason, word=act.word, pdf=act.pdf)
    return erased


def _retained_row(ports: Ports, register: str, row: Mapping[str, JSON]) -> Mapping[str, JSON]:
    """Return a row of a register without personal data; its key stays."""
    known = ports.definitions.registers_in_use().get(register)
    if known is None:
        return {}
    return {
        **retained_values(known.columns, row),
        **{key: row[key] for key in known.replaced_together if key in row},
    }


def _kept_event(event: Record, texts: set[str]) -> Record:
    """Return the event; its note erased if it holds one of the texts."""
    detail = event.get("detail") or {}
    if not any(text in str(event.get("note") or "") or text in str(detail) for text in texts):
        return event
    kept = {
        key: value
        for key, value in detail.items()
        if key != NOTE_KEY and not any(text in str(value) for text in texts)
    }
    return {**event, "note": ERASED, "detail": kept}
