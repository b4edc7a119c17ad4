"""Issue of an act: number and both documents together, or nothing.

The order is lease, read, render and store, short commit: rendering takes seconds, and no write transaction is
open meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from formsvc.domain.acts.act import Act, State, Step, require_step
from formsvc.domain.evaluation.evaluation import copy_contexts, document_context
from formsvc.domain.evaluation.printed_answers import printed_answers
from formsvc.domain.json_types import JSON
from formsvc.domain.numbering.document_number import NumberSeries
from formsvc.domain.numbering.register import row_key
from formsvc.domain.numbering.series import check_number_day, series_for, series_from_record
from formsvc.domain.parsing import iso_day
from formsvc.domain.search_text import build_search_text
from formsvc.errors import Busy, Conflict, FormsvcError
from formsvc.i18n.messages import msg
from formsvc.usecases.access import require_write, visible_act
from formsvc.usecases.acts import serving
from formsvc.usecases.circumstances import find_made_from, load_circumstances
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.drafting.drafts import validated_act
from formsvc.usecases.drafting.rendering import fill_template
from formsvc.usecases.drafting.wording_check import check_wording
from formsvc.usecases.effects.execution import carry_out
from formsvc.usecases.effects.plans import EffectPlan, plan_of
from formsvc.usecases.event_log import record_event
from formsvc.usecases.maintenance.clock_check import note_time, require_right_clock
from formsvc.usecases.numbering.reserved_numbers import (
    mark_used,
    require_reserved,
    reservation_note,
    reserved_row,
)
from formsvc.usecases.numbering.rows import Counter, NumberRow, existing_row
from formsvc.usecases.numbering.series_lease import crowded, lease_series, require_room
from formsvc.usecases.numbering.voiding import void_act
from formsvc.usecases.ports import DocumentMetadata, Transaction

__all__ = ["issue_act", "series_of", "void_act"]


@dataclass(frozen=True)
class _Allocation:
    """The number an act is about to get, and its row's key if reserved."""

    act: Act
    series: NumberSeries
    year: int
    n: int
    text: str
    blank: str = ""


class _NumberRequest(NamedTuple):
    """The wanted number: the next one, a back-filled or a reserved one."""

    backfill_reason: str = ""
    blank: str = ""


class _RenderedFiles(NamedTuple):
    """Hashes of the stored files; ``copies`` as in ``Act``."""

    word: str
    pdf: str
    copies: list[dict[str, JSON]]

    def to_detail(self) -> dict[str, JSON]:
        """Return what the history keeps of them."""
        files: dict[str, JSON] = {"word": self.word, "pdf": self.pdf}
        return {**files, "copies": self.copies} if self.copies else files


@dataclass(frozen=True)
class _Prepared:
    """Everything that was made ready for the commit of a number."""

    files: _RenderedFiles
    effects: EffectPlan


def issue_act(ports: Ports, actor: Actor, act_id: str, *, backfill_reason: str = "", blank: str = "") -> Act:
    """Give an approved act its number, and render and store its documents.

    `blank` is a reserved number (预编号) that the paper already bears; without it the act gets the next
    number. The number, the act's state, the register's row, the event and the hashes of both files are
    committed together. Repeatable: a second call returns the act with the same number. Raise
    TransitionRefused, RightMissing, InputRefused, RenderingFailed, Busy.
    """
    deadline = time.monotonic() + ports.limits.series_wait_seconds
    while True:
        act = _approved_or_issued(ports, actor, act_id)
        if act.is_numbered:
            return act
        if _is_unnumbered(ports, act):
            return _record_without_number(ports, actor, act)
        require_right_clock(ports)
        _require_room(ports, act)
        with _admitted(ports), lease_series(ports, _series_key(ports, act)) as lease:
            # what else takes numbers of the series waits for the lease; what does not is seen at the commit
            lease.wait(deadline)
            allocation = _allocate(ports, act, _NumberRequest(backfill_reason, blank.strip()))
            effects = _plan_issue(ports, allocation.act, allocation.text)
            files = _render_and_store(ports, allocation.act, allocation.text)
            issued = _commit(ports, actor, allocation, _Prepared(files, effects), backfill_reason)
        # otherwise counter or act changed while rendering: render again with the next number
        if issued is not None:
            # where no service runs, this shows that the clock goes right
            note_time(ports)
            return issued


def _approved_or_issued(ports: Ports, actor: Actor, act_id: str) -> Act:
    with ports.store.read() as tx:
        act = visible_act(tx, actor, act_id)
    if act.status in (State.ISSUED, State.SERVED):
        return act
    rule = require_step(act.status, Step.ISSUE)
    # a receipt needs no approval: who may write it records it, an officer on the spot included
    if _is_unnumbered(ports, act) and not act.approved_by and act.drafter == actor.account.id:
        require_write(actor, ports.definitions.revision(act.revision).definition, act.authority)
    else:
        actor.account.require(rule.right, act.authority)
    return act


def _is_unnumbered(ports: Ports, act: Act) -> bool:
    return not ports.definitions.revision(act.revision).definition.numbering.is_numbered


def _series_key(ports: Ports, act: Act) -> str:
    """Return the series and year of the act's number; check the act first."""
    ready = validated_act(ports, act)
    with ports.store.read() as tx:
        return f"{_series_of(tx, ready).id}/{ready.dated[:4]}"


def _require_room(ports: Ports, act: Act) -> None:
    # before the act is checked, which costs most
    with ports.store.read() as tx:
        try:
            key = f"{_series_of(tx, act).id}/{act.dated[:4]}"
        except FormsvcError:
            # the check of the act says what is wrong with its series
            return
        require_room(ports, tx, key)


def _admitted(ports: Ports) -> AbstractContextManager[None]:
    return ports.issuing.admit(ports.policy.issuing_requests, lambda: crowded(ports.policy.issuing_requests))


def _allocate(ports: Ports, act: Act, request: _NumberRequest) -> _Allocation:
    ready = validated_act(ports, act)
    dated, today = date.fromisoformat(ready.dated), ports.clock.today()
    with ports.store.read() as tx:
        series = _series_of(tx, ready)
        if request.blank:
            row = reserved_row(tx, series, dated, today, request.blank)
            return _Allocation(ready, series, dated.year, row["n"], row["text"], row["id"])
        counter = Counter.load(tx, series.id, dated.year)
    check_number_day(dated, today, counter.last_dated, backfill_reason=request.backfill_reason)
    n = counter.next_serial(series, dated.year)
    return _Allocation(ready, series, dated.year, n, series.number(dated.year, n).text)


def _series_of(tx: Transaction, act: Act) -> NumberSeries:
    return series_of(tx, act.form, act.authority, act.agent, act.genre)


def series_of(tx: Transaction, form: str, authority: str, agent: str, genre: str = "") -> NumberSeries:
    """Return the series that numbers such an act.

    Raise FormsvcError unless there is exactly one.
    """
    all_series = [series_from_record(record) for record in tx.series.find(order="id")]
    return series_for(all_series, form, authority, agent, genre)


def _render_and_store(ports: Ports, act: Act, number: str) -> _RenderedFiles:
    """Render and store both documents, and those of further copies."""
    revision, answers = ports.definitions.revision(act.revision), act.answers
    definition = revision.definition
    with ports.store.read() as tx:
        circumstances = load_circumstances(ports, tx, definition, None)
    context = document_context(definition, answers, number, circumstances)
    tags = DocumentMetadata(act.title, definition.roles.text(answers, "issuer"), number, act.dated)
    template = ports.definitions.template(revision, answers)

    def stored(copy: Mapping[str, JSON]) -> tuple[str, str]:
        word = fill_template(ports, template, copy, tags, printed_answers(definition, copy))
        check_wording(ports, definition, answers, circumstances, word)
        pdf = ports.renderer.pdf(word, tags, final=True)
        return ports.files.keep(word), ports.files.keep(pdf)

    word, pdf = stored(context)
    copies: list[dict[str, JSON]] = []
    for copy, its_context in zip(definition.copies[1:], copy_contexts(definition, context), strict=True):
        copy_word, copy_pdf = stored(its_context)
        copies.append({"title": copy.title, "count": copy.count, "word": copy_word, "pdf": copy_pdf})
    return _RenderedFiles(word, pdf, copies)


def _plan_issue(ports: Ports, act: Act, number: str) -> EffectPlan:
    # a record without number need not be dated
    day = iso_day(act.dated) or ports.clock.today()
    return plan_of(ports, act, "issued", day, number=number)


def _commit(
    ports: Ports, actor: Actor, allocation: _Allocation, prepared: _Prepared, backfill_reason: str
) -> Act | None:
    """Write everything. Return None if counter or act have changed since."""
    with ports.store.write() as tx:
        current = Act.from_record(tx.acts.get(allocation.act.id) or {})
        if current.version != allocation.act.version or current.status is not State.APPROVED:
            return None
        # numbers may have been reserved or entered by hand since: the rendered document would bear a used one
        counter = Counter.load(tx, allocation.series.id, allocation.year)
        if not allocation.blank and counter.next_serial(allocation.series, allocation.year) != allocation.n:
            return None
        now = ports.clock.now().isoformat(timespec="seconds")
        files = prepared.files
        issued = _numbered(allocation, files, now, actor.account.id)
        row = _register_row(allocation, issued, actor, backfill_reason)
        note = f"补录：{backfill_reason.strip()}" if backfill_reason.strip() else ""
        if allocation.blank:
            note = _fill_reserved_row(tx, allocation.blank, row, actor)
        else:
            counter.advance(tx, allocation.n, issued.dated)
            tx.numbers.insert(row["id"], row)
        tx.acts.replace(issued.id, issued.to_record())
        detail = {"number": allocation.text, **files.to_detail()}
        record_event(tx, ports.clock, actor, issued.id, "Issued", note=note, **detail)
        carry_out(ports, tx, actor, issued, prepared.effects)
        return issued


def _fill_reserved_row(tx: Transaction, key: str, written: NumberRow, actor: Actor) -> str:
    """Enter the act into the reserved row; return the note for the history."""
    reserved = existing_row(tx, key)
    require_reserved(reserved)
    tx.numbers.replace(key, mark_used(reserved, written, actor, written["at"]))
    return reservation_note(reserved)


def _numbered(allocation: _Allocation, files: _RenderedFiles, now: str, by: str) -> Act:
    act = allocation.act
    return act.changed(
        now,
        state=State.ISSUED.value,
        number=allocation.text,
        series=allocation.series.id,
        year=allocation.year,
        n=allocation.n,
        issued_at=now,
        issued_by=by,
        word=files.word,
        pdf=files.pdf,
        copies=files.copies,
        search=f"{build_search_text([allocation.text])}|{act.search}",
    )


def _register_row(allocation: _Allocation, act: Act, actor: Actor, backfill_reason: str) -> NumberRow:
    return {
        "id": row_key(allocation.series.id, allocation.year, allocation.n),
        "series": allocation.series.id,
        "year": allocation.year,
        "n": allocation.n,
        "text": allocation.text,
        "state": "issued",
        "act_id": act.id,
        "title": act.title,
        # people who may not see it read the register
        "party": "" if act.confidential else act.party,
        "dated": act.dated,
        "at": act.issued_at,
        "by": actor.account.display_name,
        "reason": backfill_reason.strip(),
    }


def _record_without_number(ports: Ports, actor: Actor, act: Act) -> Act:
    """Record an act of a kind without numbers, with its documents."""
    files = _render_and_store(ports, act, "")
    ready = validated_act(ports, act)
    effects, service = _plan_issue(ports, ready, ""), serving.plan_receipt(ports, ready)
    with ports.store.write() as tx:
        current = Act.from_record(tx.acts.get(act.id) or {})
        if current.is_numbered:
            return current
        require_step(current.status, Step.ISSUE)
        if current.version != act.version:
            raise Busy(msg("文书刚有变动，没有记录。"), msg("请刷新页面后再按一次。"))
        _require_only_follower(ports, tx, ready)
        now = ports.clock.now().isoformat(timespec="seconds")
        recorded = ready.changed(
            now,
            state=State.ISSUED.value,
            issued_at=now,
            issued_by=actor.account.id,
            word=files.word,
            pdf=files.pdf,
            copies=files.copies,
        )
        tx.acts.replace(act.id, recorded.to_record())
        record_event(tx, ports.clock, actor, act.id, "Recorded", **files.to_detail())
        carry_out(ports, tx, actor, recorded, effects)
        serving.serve_by_receipt(ports, tx, actor, recorded, service)
    return recorded


def _require_only_follower(ports: Ports, tx: Transaction, act: Act) -> None:
    """Raise Conflict if a document has just got the one act it may have."""
    for entry in ports.definitions.revision(act.revision).definition.fields:
        reference = act.answers.get(entry.key) if entry.once else None
        others = find_made_from(tx, act.form, reference["act_id"], limit=1) if reference else []
        if reference and others and others[0].id != act.id:
            raise Conflict(
                msg("“{document}”刚刚已经办结一份同类文书。", document=reference["number"]),
                msg("请打开已有的一份；确有错误的，先将其作废。"),
            )
