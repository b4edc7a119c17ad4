"""Integrity checks: chain, numbers, acts, forms and files."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

from formsvc.domain.accounts.account import Right
from formsvc.domain.acts.act import NUMBERED_STATES, State, document_hashes
from formsvc.domain.json_types import JSON
from formsvc.domain.numbering.register import gaps, ranges, row_sort_key
from formsvc.domain.numbering.series import series_from_record
from formsvc.errors import FormsvcError
from formsvc.i18n.messages import msg
from formsvc.usecases.maintenance.progress import Progress, Stage, count_each, no_progress
from formsvc.usecases.maintenance.record_shapes import record_fault
from formsvc.usecases.ports import (
    ChainHead,
    Collection,
    Condition,
    Files,
    IntegrityFinding,
    Record,
    Store,
    Transaction,
)

# a child process that checks a restored store loads no more than it uses: the definitions alone take half a second
if TYPE_CHECKING:
    from formsvc.usecases.context import Actor, Ports

ORPHAN_AGE = timedelta(hours=1)
_SHA256 = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_PAGE = 500
_MAX_FINDINGS = 50


@dataclass
class IntegrityReport:
    """Counts of what was checked, and all findings."""

    head: ChainHead
    acts: int = 0
    numbers: int = 0
    events: int = 0
    files: int = 0
    orphans: int = 0
    findings: list[IntegrityFinding] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        """Return whether there are no errors; notices do not count."""
        return not any(found.level == "error" for found in self.findings)


def check_integrity(
    store: Store, files: Files, *, known: ChainHead | None = None, progress: Progress = no_progress
) -> IntegrityReport:
    """Check everything.

    `known` is a head from a printed anchor that the chain must have passed through.
    """
    progress(Stage.VERIFY)
    found = IntegrityReport(ChainHead(0, "", ""), findings=store.verify(known))
    try:
        found.head = store.head()
        _examine_records(store, files, found, progress)
    except FormsvcError as wrong:  # the store cannot be read there; store.verify has reported where
        found.findings.append(IntegrityFinding("store", str(wrong)))
    return found


def error_messages(found: IntegrityReport) -> list[str]:
    return [finding.message for finding in found.findings if finding.level == "error"]


def _examine_records(store: Store, files: Files, found: IntegrityReport, progress: Progress) -> None:
    with store.read() as tx:
        found.acts, found.numbers, found.events = tx.acts.count(), tx.numbers.count(), tx.events.count()
        for part in (_events(tx, found.events), _numbers(tx), _acts(tx), _forms(tx), _people(tx)):
            found.findings += _limited(part)
        named = dict(referenced_files(tx))
    found.files = len(named)
    found.findings += _limited(_kept(files, named, progress))
    orphans = find_orphans(store, files)
    found.orphans = len(orphans)
    if orphans:
        note = msg("有 {n} 个保存的文件没有文书使用（中断的制作留下的），可以清理。", n=len(orphans))
        found.findings.append(IntegrityFinding("files", note, "notice"))


def _limited(findings: Iterable[IntegrityFinding]) -> Iterator[IntegrityFinding]:
    more = 0
    for number, finding in enumerate(findings):
        if number < _MAX_FINDINGS:
            yield finding
        else:
            more, part = more + 1, finding.part
    if more:
        yield IntegrityFinding(part, msg("另有 {n} 处。", n=more), count=more)


def _all_records(collection: Collection, *conditions: Condition) -> Iterator[Record]:
    """Yield all records by key.

    Raise FormsvcError if a damaged key index does not advance.
    """
    last = ""
    while page := collection.find(*conditions, Condition("id", ">", last), order="id", limit=_PAGE):
        yield from page
        if page[-1]["id"] <= last:
            raise FormsvcError(msg("记录的索引与内容不符，没有把全部记录看完。"), msg("请从备份恢复。"))
        last = page[-1]["id"]


def _events(tx: Transaction, events: int) -> Iterator[IntegrityFinding]:
    """Check that the keys of events run from 1 without a gap."""
    last = tx.events.find(order="id", descending=True, limit=1)
    # keys count from 1: with a gap the last key is larger than the number of events
    if last and int(last[0]["id"]) != events:
        message = msg("历史记录共 {n} 条，最后一条却是第 {last} 条。", n=events, last=int(last[0]["id"]))
        yield IntegrityFinding("events", message)


def _people(tx: Transaction) -> Iterator[IntegrityFinding]:
    for record in _all_records(tx.accounts):
        fault = record_fault("accounts", record)
        if fault:
            message = msg("人员“{name}”的记录不能使用：{fault}。", name=record["id"], fault=fault)
            yield IntegrityFinding("people", message)


# Numbers --------------------------------------------------------------------------------------------


def _numbers(tx: Transaction) -> Iterator[IntegrityFinding]:
    counters = {counter["id"]: int(counter["last"]) for counter in _all_records(tx.counters)}
    registers = {
        f"{row['series']}/{row['year']}"
        for row in _all_records(tx.numbers)
        if row.get("series") is not None and row.get("year") is not None
    }
    for register in sorted(registers | set(counters)):
        yield from _register(tx, register, counters.get(register))


def _register(tx: Transaction, register: str, last: int | None) -> Iterator[IntegrityFinding]:
    series, _, year = register.rpartition("/")
    rows = tx.numbers.find(Condition("series", "==", series), Condition("year", "==", int(year)), order="n")
    yield from _doubles(rows)
    for begin, end in ranges(gaps(rows, _first(tx, series, int(year)), last)):
        yield _wrong_number(
            msg(
                "{register} 缺第 {begin} 号至第 {end} 号，没有说明。", register=register, begin=begin, end=end
            )
            if end > begin
            else msg("{register} 缺第 {n} 号，没有说明。", register=register, n=begin)
        )
    beyond = [row["text"] for row in rows if last is not None and int(row["n"]) > last and row.get("act_id")]
    for number in beyond:
        yield _wrong_number(msg("{number}在计数器（{last}）之后。", number=number, last=last))
    for row in rows:
        yield from _act_of_number(tx, row)


def _first(tx: Transaction, series: str, year: int) -> int:
    record = tx.series.get(series)
    return series_from_record(record).first_in(year) if record else 1


def _doubles(rows: list[Record]) -> Iterator[IntegrityFinding]:
    seen: set[tuple[int, int]] = set()
    for row in rows:
        which = row_sort_key(row)
        if which in seen:
            yield _wrong_number(msg("{number}登记了不止一次。", number=row.get("text") or row["id"]))
        seen.add(which)


def _act_of_number(tx: Transaction, row: Record) -> Iterator[IntegrityFinding]:
    if not row.get("act_id"):
        return
    act = tx.acts.get(row["act_id"])
    if act is None:
        yield _wrong_number(msg("{number}登记的文书不见了。", number=row["text"]))
    elif act.get("number") != row["text"]:
        given = act.get("number") or msg("（没有文号）")
        yield _wrong_number(msg("{number}登记的文书上是{given}。", number=row["text"], given=given))
    elif (act.get("state") == State.VOID.value) != (row.get("state") == "void"):
        yield _wrong_number(msg("{number}在号簿和文书上一处作废、一处有效。", number=row["text"]))


def _wrong_number(message: str) -> IntegrityFinding:
    return IntegrityFinding("numbers", message)


# Acts, forms, files ---------------------------------------------------------------------------------


def _acts(tx: Transaction) -> Iterator[IntegrityFinding]:
    for state in NUMBERED_STATES:
        for act in _all_records(tx.acts, Condition("state", "==", state.value)):
            yield from _issued_act(tx, act)


def _issued_act(tx: Transaction, act: Record) -> Iterator[IntegrityFinding]:
    """Check an issued act's number, its event and the hashes in it."""
    name = act.get("number") or act["id"]
    if act.get("number") and not tx.numbers.count(Condition("act_id", "==", act["id"])):
        yield IntegrityFinding("acts", msg("文书{name}的文号不在号簿里。", name=name))
    events = tx.events.find(Condition("act_id", "==", act["id"]))
    made = [event for event in events if event.get("kind") in ("Issued", "Recorded")]
    if not made:
        yield IntegrityFinding("acts", msg("文书{name}没有编号制发的记录。", name=name))
        return
    detail = made[-1].get("detail") or {}
    kept = ((detail.get(kind) or None, act.get(kind) or None) for kind in ("word", "pdf", "copies"))
    if not act.get("erased") and any(recorded != stored for recorded, stored in kept):
        yield IntegrityFinding("acts", msg("文书{name}的文件不是编号制发时记录的文件。", name=name))


def _forms(tx: Transaction) -> Iterator[IntegrityFinding]:
    """Check that each revision has its hash as id, and each act a revision."""
    for revision in _all_records(tx.revisions):
        text = json.dumps(revision.get("definition"), ensure_ascii=False, sort_keys=True)
        templates = (str(revision.get("template")), *(revision.get("variants") or {}).values())
        digest = hashlib.sha256((text + "".join(templates)).encode()).hexdigest()
        if revision["id"] != f"{revision.get('form')}@{digest[:16]}":
            yield IntegrityFinding(
                "forms", msg("表单版本“{id}”的定义或模板与登记的摘要不符。", id=revision["id"])
            )
    for revision_id, number in sorted(tx.acts.groups("revision").items()):
        if revision_id and tx.revisions.get(revision_id) is None:
            message = msg("{n} 件文书使用的表单版本“{id}”不见了。", n=number, id=revision_id)
            yield IntegrityFinding("forms", message)


def referenced_files(tx: Transaction) -> Iterator[tuple[str, str]]:
    for revision in _all_records(tx.revisions):
        for template in (str(revision.get("template")), *(revision.get("variants") or {}).values()):
            yield template, msg("{id} 的模板", id=revision["id"])
    for act in _all_records(tx.acts):
        name = act.get("number") or act["id"]
        for sha256, kind in document_hashes(act):
            yield sha256, msg("{name} 的 {kind} 文件", name=name, kind=kind)
        for sha256 in attachment_hashes([act.get("answers"), act.get("scans")]):
            yield sha256, msg("{name} 的附件", name=name)


def attachment_hashes(value: JSON) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("sha256"), str) and value["sha256"]:
            yield value["sha256"]
        for part in value.values():
            yield from attachment_hashes(part)
    elif isinstance(value, list):
        for part in value:
            yield from attachment_hashes(part)


def _kept(files: Files, named: dict[str, str], progress: Progress) -> Iterator[IntegrityFinding]:
    for sha256, name in count_each(named.items(), len(named), Stage.CHECK, progress):
        try:
            files.read(sha256)
        except FormsvcError as wrong:
            yield IntegrityFinding("files", msg("{name}：{wrong}", name=name, wrong=wrong.message))


def find_orphans(store: Store, files: Files) -> list[str]:
    """Return files older than an hour that no record references."""
    old = files.older_than(ORPHAN_AGE)
    if not old:
        return []
    with store.read() as tx:
        return sorted(old - _hashes_anywhere(tx))


def _hashes_anywhere(tx: Transaction) -> set[str]:
    """Return every text of any record that could be a file's hash."""
    named: set[str] = set()
    for collection in (
        tx.acts,
        tx.revisions,
        tx.numbers,
        tx.entrustments,
        tx.register_entries,
        tx.settings,
    ):
        for offset in count(0, _PAGE):
            page = collection.find(offset=offset, limit=_PAGE)
            for record in page:
                living = {key: value for key, value in record.items() if key != "erased"}
                named.update(_SHA256.findall(json.dumps(living)))
            if len(page) < _PAGE:
                break
    return named


@dataclass(frozen=True)
class DailyAnchor:
    """The head of the chain and the counts, as printed once a day."""

    head: ChainHead
    acts: int
    numbers: int
    events: int
    at: datetime

    @property
    def verify_argument(self) -> str:
        return f"{self.head.count}:{self.head.hash}"


def daily_anchor(ports: Ports, actor: Actor) -> DailyAnchor:
    actor.account.require(Right.ADMINISTER, "")
    with ports.store.read() as tx:
        return DailyAnchor(
            ports.store.head(), tx.acts.count(), tx.numbers.count(), tx.events.count(), ports.clock.now()
        )


def delete_orphans(ports: Ports, actor: Actor) -> int:
    actor.account.require(Right.ADMINISTER, "")
    return delete_orphans_daily(ports, actor)


def delete_orphans_daily(ports: Ports, actor: Actor) -> int:
    """Remove orphaned files and log it; return their number."""
    from formsvc.usecases.event_log import record_event

    swept = remove_orphan_files(ports.store, ports.files)
    if swept:
        with ports.store.write() as tx:
            note = msg("清理没有文书使用的文件 {n} 个", n=len(swept))
            record_event(tx, ports.clock, actor, "", "Administered", note=note, files=swept[:_MAX_FINDINGS])
    return len(swept)


def remove_orphan_files(store: Store, files: Files) -> list[str]:
    """Remove files that nothing references; return their hashes.

    Safe while others work: storing the same bytes again renews a file, and renewed files are left alone.
    """
    return files.remove(find_orphans(store, files), ORPHAN_AGE)
