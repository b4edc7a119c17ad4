"""Issue of an act: number and both documents together, or nothing.

The order is lease, read, render and store, short commit: rendering takes seconds, and no write transaction is
open meanwhile.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import date

from formsvc.domain.accounts.account import Right
from formsvc.domain.acts.act import Act, State, Step, StepRule, require_step
from formsvc.domain.evaluation.evaluation import document_context
from formsvc.domain.numbering.document_number import NumberSeries
from formsvc.domain.numbering.register import Voiding, check_voiding, next_serial, row_key
from formsvc.domain.numbering.series import check_number_day, series_for, series_from_record
from formsvc.errors import Busy, FormsvcError, NotFound, TransitionRefused
from formsvc.i18n.messages import msg
from formsvc.usecases import circumstances as surroundings
from formsvc.usecases import event_log as history
from formsvc.usecases.access import visible_act
from formsvc.usecases.acts import serving
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.drafting.drafts import validated_act
from formsvc.usecases.drafting.wording_check import check_wording
from formsvc.usecases.numbering import reserved_numbers as blanks
from formsvc.usecases.numbering.series_lease import SeriesLease, lease_series
from formsvc.usecases.ports import Condition, DocumentMetadata, Record, Transaction

POLL_SECONDS = 0.05
PDF, WORD = "pdf", "docx"


@dataclass(frozen=True)
class _Allocation:
    """The number an act is about to get."""

    act: Act
    series: NumberSeries
    year: int
    n: int
    text: str
    # key of the number's row if it was reserved before
    blank: str = ""

    @property
    def key(self) -> str:
        return f"{self.series.id}/{self.year}"


@dataclass(frozen=True)
class _NumberRequest:
    """The wanted number: the next one, a back-filled or a reserved one."""

    backfill_reason: str = ""
    blank: str = ""


@dataclass(frozen=True)
class _RenderedFiles:
    word: str
    pdf: str


def issue_act(ports: Ports, who: Actor, act_id: str, *, backfill_reason: str = "", blank: str = "") -> Act:
    """Give an approved act its number, and render and store its documents.

    `blank` is a reserved number (预编号) that the paper already bears; without it the act gets the next
    number. The number, the act's state, the register's row, the event and the hashes of both files are
    committed together. Repeatable: a second call returns the act with the same number. Raise
    TransitionRefused, RightMissing, InputRefused, RenderingFailed, Busy.
    """
    deadline = time.monotonic() + ports.policy.wait_seconds
    while True:
        act = _approved_or_issued(ports, who, act_id)
        if act.is_numbered:
            return act
        if _is_unnumbered(ports, act):
            return _record_without_number(ports, who, act)
        with lease_series(ports, _series_key(ports, act)) as asked:
            ticket = _take_number(ports, act, asked, _NumberRequest(backfill_reason, blank.strip()), deadline)
            made = _render_and_store(ports, ticket.act, ticket.text)
            issued = _commit(ports, who, ticket, made, backfill_reason)
        if issued is not None:
            return issued


def _approved_or_issued(ports: Ports, who: Actor, act_id: str) -> Act:
    with ports.store.read() as tx:
        act = visible_act(tx, who, act_id)
    if act.status in (State.ISSUED, State.SERVED):
        return act
    rule = require_step(act.status, Step.ISSUE)
    who.account.require(rule.right, act.authority)
    return act


def _is_unnumbered(ports: Ports, act: Act) -> bool:
    return ports.definitions.revision(act.revision).definition.numbering.style == "none"


def _series_key(ports: Ports, act: Act) -> str:
    """Return the series and year of the act's number; check the act first."""
    with ports.store.read() as tx:
        ready = validated_act(ports, tx, act)
        return f"{_series_of(tx, ready).id}/{ready.dated[:4]}"


def _take_number(
    ports: Ports, act: Act, asked: SeriesLease, wish: _NumberRequest, deadline: float
) -> _Allocation:
    """Wait for the lease, then allocate the number."""
    while True:
        if asked.should_poll():
            with ports.store.write() as tx:
                if asked.acquire(tx):
                    return _ticket(ports, tx, act, wish)
        if time.monotonic() > deadline:
            raise Busy(
                msg("这个文号系列正在给别的文书编号，等候时间已到，本件没有编号。"),
                msg("请稍候再按一次“编号制发”。"),
            )
        time.sleep(POLL_SECONDS)


def _ticket(ports: Ports, tx: Transaction, act: Act, wish: _NumberRequest) -> _Allocation:
    ready = validated_act(ports, tx, act)
    series = _series_of(tx, ready)
    dated, today = date.fromisoformat(ready.dated), ports.clock.today()
    if wish.blank:
        row = blanks.reserved_row(tx, series, dated, today, wish.blank)
        return _Allocation(ready, series, dated.year, int(row["n"]), row["text"], row["id"])
    counter = tx.counters.get(f"{series.id}/{dated.year}") or {}
    last_dated = counter.get("last_dated", "")
    check_number_day(dated, today, last_dated, backfill_reason=wish.backfill_reason)
    n = next_serial(counter, series, dated.year)
    return _Allocation(ready, series, dated.year, n, series.number(dated.year, n).text)


def _series_of(tx: Transaction, act: Act) -> NumberSeries:
    return series_of(tx, act.form, act.authority, act.agent)


def series_of(tx: Transaction, form: str, authority: str, agent: str) -> NumberSeries:
    """Return the series that numbers such an act.

    Raise FormsvcError unless there is exactly one.
    """
    all_series = [series_from_record(record) for record in tx.series.find(order="id")]
    return series_for(all_series, form, authority, agent)


def _render_and_store(ports: Ports, act: Act, number: str) -> _RenderedFiles:
    """Render and store both documents."""
    revision = ports.definitions.revision(act.revision)
    with ports.store.read() as tx:
        around = surroundings.load_circumstances(ports, tx, revision.definition)
    context = document_context(revision.definition, act.answers, number, around)
    tags = DocumentMetadata(act.title, str(act.answers.get("issuer_name") or ""), number, act.dated)
    word = ports.renderer.word(ports.definitions.template(revision), context, tags)
    check_wording(ports, revision.definition, act.answers, around, word)
    pdf = ports.renderer.pdf(word, tags, final=True)
    return _RenderedFiles(word=ports.files.keep(word), pdf=ports.files.keep(pdf))


def _commit(
    ports: Ports, who: Actor, ticket: _Allocation, made: _RenderedFiles, backfill_reason: str
) -> Act | None:
    """Write everything. Return None if counter or act have changed since."""
    with ports.store.write() as tx:
        now_act = Act.from_record(tx.acts.get(ticket.act.id) or {})
        if now_act.version != ticket.act.version or now_act.status is not State.APPROVED:
            return None
        counter = tx.counters.get(ticket.key) or {}
        if not ticket.blank and next_serial(counter, ticket.series, ticket.year) != ticket.n:
            return None
        now = ports.clock.now().isoformat(timespec="seconds")
        issued = _numbered(ticket, made, now, who.account.id)
        row = _register_row(ticket, issued, who, backfill_reason)
        note = f"补录：{backfill_reason.strip()}" if backfill_reason.strip() else ""
        if ticket.blank:
            note = _use_blank(tx, ticket.blank, row, who)
        else:
            _count(tx, ticket, issued)
            tx.numbers.insert(row["id"], row)
        tx.acts.replace(issued.id, issued.to_record())
        detail = {"number": ticket.text, "word": made.word, "pdf": made.pdf}
        history.record_event(tx, ports.clock, who, issued.id, "Issued", note=note, **detail)
        return issued


def _use_blank(tx: Transaction, key: str, written: Record, who: Actor) -> str:
    """Enter the act into the reserved row; return the note for the history."""
    there = tx.numbers.get(key) or {}
    blanks.require_reserved(there)
    tx.numbers.replace(key, blanks.mark_used(there, written, who, written["at"]))
    return blanks.reservation_note(there)


def _numbered(ticket: _Allocation, made: _RenderedFiles, now: str, by: str) -> Act:
    act = ticket.act
    return act.changed(
        now,
        state=State.ISSUED.value,
        number=ticket.text,
        series=ticket.series.id,
        year=ticket.year,
        n=ticket.n,
        issued_at=now,
        issued_by=by,
        word=made.word,
        pdf=made.pdf,
        search=f"{ticket.text} {act.search}".lower(),
    )


def _count(tx: Transaction, ticket: _Allocation, act: Act) -> None:
    there = tx.counters.get(ticket.key)
    last_dated = max(act.dated, (there or {}).get("last_dated", ""))
    counter = {"id": ticket.key, "last": ticket.n, "last_dated": last_dated}
    if there:
        tx.counters.replace(ticket.key, counter)
    else:
        tx.counters.insert(ticket.key, counter)


def _register_row(ticket: _Allocation, act: Act, who: Actor, backfill_reason: str) -> Record:
    return {
        "id": row_key(ticket.series.id, ticket.year, ticket.n),
        "series": ticket.series.id,
        "year": ticket.year,
        "n": ticket.n,
        "text": ticket.text,
        "state": "issued",
        "act_id": act.id,
        "title": act.title,
        "party": act.party,
        "dated": act.dated,
        "at": act.issued_at,
        "by": who.account.display_name,
        "reason": backfill_reason.strip(),
    }


def _record_without_number(ports: Ports, who: Actor, act: Act) -> Act:
    """Record an act of a kind without numbers, with its documents."""
    made = _render_and_store(ports, act, "")
    with ports.store.write() as tx:
        now_act = validated_act(ports, tx, Act.from_record(tx.acts.get(act.id) or {}))
        if now_act.is_numbered:
            return now_act
        require_step(now_act.status, Step.ISSUE)
        if now_act.version != act.version:
            raise Busy(msg("文书刚有变动，没有记录。"), msg("请刷新页面后再按一次。"))
        now = ports.clock.now().isoformat(timespec="seconds")
        recorded = now_act.changed(
            now,
            state=State.ISSUED.value,
            issued_at=now,
            issued_by=who.account.id,
            word=made.word,
            pdf=made.pdf,
        )
        tx.acts.replace(act.id, recorded.to_record())
        history.record_event(tx, ports.clock, who, act.id, "Recorded", word=made.word, pdf=made.pdf)
        serving.serve_by_receipt(ports, tx, who, recorded)
    return recorded


def issued_document(ports: Ports, who: Actor, act_id: str, kind: str) -> tuple[bytes, str, str]:
    """Return the stored bytes (``pdf`` or ``docx``), SHA-256 and file name.

    Raise NotFound before issue and after erasure.
    """
    with ports.store.read() as tx:
        act = visible_act(tx, who, act_id)
    sha256 = act.pdf if kind == PDF else act.word
    if act.erased:
        raise NotFound(
            msg("这件文书的正式文件已按保存期限删除（{day}）。", day=act.erased["at"][:10]),
            msg("文号和办理经过仍可查看。"),
        )
    if not sha256:
        raise NotFound(msg("这件文书还没有编号制发，没有正式文件。"), msg("可以先看“预览”。"))
    name = re.sub(r'[\\/:*?"<>|\s]+', "_", f"{act.title}_{act.number}".strip("_"))
    return ports.files.read(sha256), sha256, f"{name}.{kind}"


def pdf_with_word(ports: Ports, who: Actor, act_id: str) -> tuple[bytes, str]:
    """Return the issued PDF with its Word file attached, and a file name.

    Raise NotFound before issue.
    """
    pdf, _sha256, name = issued_document(ports, who, act_id, PDF)
    with ports.store.read() as tx:
        act = visible_act(tx, who, act_id)
    tags = DocumentMetadata(act.title, str(act.answers.get("issuer_name") or ""), act.number, act.dated)
    content = ports.renderer.with_word(pdf, ports.files.read(act.word), tags)
    return content, f"{name.removesuffix('.pdf')}_附Word原件.pdf"


def record_print(ports: Ports, who: Actor, act_id: str, *, copies: int) -> Act:
    """Record a print: when, by whom, how many copies."""
    if not 1 <= copies <= 99:
        raise FormsvcError(msg("打印份数应当在 1 到 99 之间。"), msg("请重新填写份数。"))
    with ports.store.write() as tx:
        act = visible_act(tx, who, act_id)
        rule = require_step(act.status, Step.PRINT)
        who.account.require(rule.right, act.authority)
        printed = act.changed(ports.clock.now().isoformat(timespec="seconds"), prints=act.prints + copies)
        tx.acts.replace(act.id, printed.to_record())
        history.record_event(
            tx, ports.clock, who, act.id, rule.event, note=f"打印 {copies} 份", copies=copies
        )
    return printed


def void_act(
    ports: Ports, who: Actor, act_id: str, *, reason: str = "", voiding: Voiding | None = None
) -> Act:
    """Void (作废) a numbered act that is not served yet; its number stays used.

    With `reason` alone the person who voids is recorded as approver.
    """
    said = voiding or Voiding(reason)
    check_voiding(said)
    with ports.store.write() as tx:
        act = visible_act(tx, who, act_id)
        rule = _require_voidable(act)
        who.account.require(Right.VOID, act.authority)
        now = ports.clock.now().isoformat(timespec="seconds")
        void = act.changed(now, state=State.VOID.value, void_reason=said.reason.strip())
        tx.acts.replace(act.id, void.to_record())
        for row in tx.numbers.find(Condition("act_id", "==", act.id)):
            voided = said.row_changes(who.account.display_name, now)
            tx.numbers.replace(row["id"], {**row, **voided, "backfill_reason": row.get("reason", "")})
        history.record_event(
            tx, ports.clock, who, act.id, rule.event,
            note=said.reason.strip(), stage=said.stage, approver=said.approver,
        )  # fmt: skip
        serving.undo_receipt(ports, tx, who, void)
    return void


def _require_voidable(act: Act) -> StepRule:
    """Return the rule of voiding. Raise TransitionRefused."""
    try:
        return require_step(act.status, Step.VOID)
    except TransitionRefused as refused:
        if act.status is State.SERVED:
            refused.remedy = msg("已送达的文书不能作废，请另行制作撤销或者变更决定并送达。")
        raise
