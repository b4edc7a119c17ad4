"""Number and both documents together, or nothing: lease, read, render and keep, short commit."""

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
from formsvc.usecases.drafting.drafts import complete_act
from formsvc.usecases.drafting.wording_check import check_words
from formsvc.usecases.numbering import reserved_numbers as blanks
from formsvc.usecases.numbering.series_lease import Turn, turn
from formsvc.usecases.ports import Condition, Record, Transaction, WordTags

POLL_SECONDS = 0.05
PDF, WORD = "pdf", "docx"


@dataclass(frozen=True)
class _Ticket:
    """The number an act is about to get."""

    act: Act
    series: NumberSeries
    year: int
    n: int
    text: str
    blank: str = ""
    """The row of the number, where it was handed out before."""

    @property
    def key(self) -> str:
        return f"{self.series.id}/{self.year}"


@dataclass(frozen=True)
class _Wish:
    """Which number is wanted: a back-filled one with its reason, one handed out before, or simply the next."""

    backfill_reason: str = ""
    blank: str = ""


@dataclass(frozen=True)
class _Made:
    word: str
    pdf: str


def issue_act(ports: Ports, who: Actor, act_id: str, *, backfill_reason: str = "", blank: str = "") -> Act:
    """Number an approved act and make and keep its documents.

    ``blank`` is a number that had been handed out for use on the spot and that the paper bears already; else the act
    gets the next one.

    The number, the act's new state, the register's row, the event and the hashes of both files are committed
    together; pressed again, the same act with the same number is answered. Raises TransitionRefused,
    RightMissing, InputRefused, RenderingFailed, Busy.
    """
    deadline = time.monotonic() + ports.policy.wait_seconds
    while True:
        act = _approved_or_issued(ports, who, act_id)
        if act.is_numbered:
            return act
        if _is_unnumbered(ports, act):
            return _record_without_number(ports, who, act)
        with turn(ports, _series_key(ports, act)) as asked:
            ticket = _take_number(ports, act, asked, _Wish(backfill_reason, blank.strip()), deadline)
            made = _make(ports, ticket.act, ticket.text)
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
    """The series and year the act will be numbered in, every check made once before waiting."""
    with ports.store.read() as tx:
        ready = complete_act(ports, tx, act)
        return f"{_series_of(tx, ready).id}/{ready.dated[:4]}"


def _take_number(ports: Ports, act: Act, asked: Turn, wish: _Wish, deadline: float) -> _Ticket:
    """Wait for the lease, then read the number the act is to get."""
    while True:
        if asked.may_try():
            with ports.store.write() as tx:
                if asked.take(tx):
                    return _ticket(ports, tx, act, wish)
        if time.monotonic() > deadline:
            raise Busy(
                msg("这个文号系列正在给别的文书编号，等候时间已到，本件没有编号。"),
                msg("请稍候再按一次“编号制发”。"),
            )
        time.sleep(POLL_SECONDS)


def _ticket(ports: Ports, tx: Transaction, act: Act, wish: _Wish) -> _Ticket:
    ready = complete_act(ports, tx, act)
    series = _series_of(tx, ready)
    dated, today = date.fromisoformat(ready.dated), ports.clock.today()
    if wish.blank:
        row = blanks.blank_taken(tx, series, dated, today, wish.blank)
        return _Ticket(ready, series, dated.year, int(row["n"]), row["text"], row["id"])
    counter = tx.counters.get(f"{series.id}/{dated.year}") or {}
    last_dated = counter.get("last_dated", "")
    check_number_day(dated, today, last_dated, backfill_reason=wish.backfill_reason)
    n = next_serial(counter, series, dated.year)
    return _Ticket(ready, series, dated.year, n, series.number(dated.year, n).text)


def _series_of(tx: Transaction, act: Act) -> NumberSeries:
    return series_of(tx, act.form, act.authority, act.agent)


def series_of(tx: Transaction, form: str, authority: str, agent: str) -> NumberSeries:
    """The series that gives such an act its number. Raises FormsvcError when there is not exactly one."""
    all_series = [series_from_record(record) for record in tx.series.find(order="id")]
    return series_for(all_series, form, authority, agent)


def _make(ports: Ports, act: Act, number: str) -> _Made:
    """Render both documents and keep them; until the commit they are files nobody points to."""
    revision = ports.definitions.revision(act.revision)
    with ports.store.read() as tx:
        around = surroundings.circumstances(ports, tx, revision.definition)
    context = document_context(revision.definition, act.answers, number, around)
    tags = WordTags(act.title, str(act.answers.get("issuer_name") or ""), number, act.dated)
    word = ports.renderer.word(ports.definitions.template(revision), context, tags)
    check_words(ports, revision.definition, act.answers, around, word)
    pdf = ports.renderer.pdf(word, tags, final=True)
    return _Made(word=ports.files.keep(word), pdf=ports.files.keep(pdf))


def _commit(ports: Ports, who: Actor, ticket: _Ticket, made: _Made, backfill_reason: str) -> Act | None:
    """Write everything if counter and act are as they were read; None when they are not (render again)."""
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
    """Enter the act where the number had been handed out; answers what the history says of it."""
    there = tx.numbers.get(key) or {}
    blanks.check_still_blank(there)
    tx.numbers.replace(key, blanks.used_by_act(there, written, who, written["at"]))
    return blanks.story(there)


def _numbered(ticket: _Ticket, made: _Made, now: str, by: str) -> Act:
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


def _count(tx: Transaction, ticket: _Ticket, act: Act) -> None:
    there = tx.counters.get(ticket.key)
    last_dated = max(act.dated, (there or {}).get("last_dated", ""))
    counter = {"id": ticket.key, "last": ticket.n, "last_dated": last_dated}
    if there:
        tx.counters.replace(ticket.key, counter)
    else:
        tx.counters.insert(ticket.key, counter)


def _register_row(ticket: _Ticket, act: Act, who: Actor, backfill_reason: str) -> Record:
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
    """A kind that carries no number is recorded with its documents (design decision 7)."""
    made = _make(ports, act, "")
    with ports.store.write() as tx:
        now_act = complete_act(ports, tx, Act.from_record(tx.acts.get(act.id) or {}))
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
    """The kept bytes (``pdf`` or ``docx``), their SHA-256 and a file name. Raises NotFound before issue."""
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


def document_with_word(ports: Ports, who: Actor, act_id: str) -> tuple[bytes, str]:
    """The issued PDF with the issued Word file inside, and a file name. Raises NotFound before issue."""
    pdf, _sha256, name = issued_document(ports, who, act_id, PDF)
    with ports.store.read() as tx:
        act = visible_act(tx, who, act_id)
    tags = WordTags(act.title, str(act.answers.get("issuer_name") or ""), act.number, act.dated)
    content = ports.renderer.with_word(pdf, ports.files.read(act.word), tags)
    return content, f"{name.removesuffix('.pdf')}_附Word原件.pdf"


def record_print(ports: Ports, who: Actor, act_id: str, *, copies: int) -> Act:
    """Note that copies were printed: when, by whom, how many."""
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
    """Void a numbered, unserved act; its number stays taken for ever, with reason, approver, stage, person and time.

    ``reason`` alone does where nothing more is known; the person who voids, holding that right, is then the approver.
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
        serving.take_back_receipt(ports, tx, who, void)
    return void


def _require_voidable(act: Act) -> StepRule:
    """The rule of voiding. What has been served is not voided but revoked by another act (T48)."""
    try:
        return require_step(act.status, Step.VOID)
    except TransitionRefused as refused:
        if act.status is State.SERVED:
            refused.remedy = msg("已送达的文书不能作废，请另行制作撤销或者变更决定并送达。")
        raise
