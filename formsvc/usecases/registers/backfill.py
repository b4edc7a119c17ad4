"""Rows of documents that were issued before their kind wrote them.

A kind of document gets effects on a register with a new version of its definition, or of this program. What its
documents of before would have written there is written once, and stated in the history.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date
from itertools import count

from formsvc.domain.acts.act import Act, State
from formsvc.domain.authorities import ENTRUSTMENTS
from formsvc.domain.life.effects import REGISTER_VERBS
from formsvc.errors import FormsvcError
from formsvc.i18n.messages import msg
from formsvc.usecases.context import CONSOLE, Actor, Ports
from formsvc.usecases.definitions import Revision
from formsvc.usecases.effects.execution import write_rows
from formsvc.usecases.effects.plans import plan_rows
from formsvc.usecases.event_records import ADMINISTERED, append_event
from formsvc.usecases.ports import Condition, Transaction
from formsvc.usecases.publishing import PROGRAM
from formsvc.usecases.registers.paper import register_paper_entrustment, source_of_paper
from formsvc.usecases.registers.rows import entries_of_act

KEY = "registers"
_PAGE = 200
_FINISHED = [State.ISSUED.value, State.SERVED.value]
_log = logging.getLogger(__name__)
_PROGRAM = Actor(CONSOLE, via="console")


def fill_registers(ports: Ports) -> None:
    """Write the rows of documents issued before, once for each form.

    Evaluates and writes: do not call inside a transaction.
    """
    _fill_from_paper(ports)
    revisions = ports.definitions.current()
    with ports.store.read() as tx:
        done = set((tx.settings.get(KEY) or {}).get("filled", ()))
    wanted = {
        form: {_done_key(form, register) for register in revision.definition.life.effects.registers()}
        for form, revision in revisions.items()
        if revision.definition.life
    }
    waiting = {form: revisions[form] for form, keys in wanted.items() if keys - done}
    if not waiting:
        return
    written, left_out = 0, []
    for act in _issued_before(ports, set(waiting)):
        try:
            written += _fill_from_act(ports, act, waiting[act.form], done)
        # answers of another shape than their kind's must not keep the other documents out
        except (FormsvcError, ValueError, LookupError, TypeError, AttributeError) as error:
            _log.warning("%s: %s", act.id, error)
            left_out.append(act.number or act.title)
    filled = {key for form in waiting for key in wanted[form]}
    _state(ports, sorted(done | filled), written, left_out)


def _done_key(form: str, register: str) -> str:
    return f"{form}/{register}"


def _issued_before(ports: Ports, forms: set[str]) -> list[Act]:
    """Return the finished acts of these forms in the order of their issue."""
    with ports.store.read() as tx:
        acts = [act for form in sorted(forms) for act in _acts_of(tx, form)]
    return sorted(acts, key=lambda act: (act.issued_at, act.created_at))


def _acts_of(tx: Transaction, form: str) -> Iterator[Act]:
    wanted = (Condition("form", "==", form), Condition("state", "in", _FINISHED))
    for offset in count(0, _PAGE):
        page = tx.acts.find(*wanted, order="created_at", offset=offset, limit=_PAGE)
        yield from map(Act.from_record, page)
        if len(page) < _PAGE:
            return


def _fill_from_act(ports: Ports, act: Act, revision: Revision, done: set[str]) -> int:
    """Write what the act lacks in registers that are not done yet."""
    if act.is_revoked:
        return 0
    with ports.store.read() as tx:
        known = _registers_of(tx, act)
    days = {"issued": act.dated}
    if act.status is State.SERVED:
        days["served"] = str(act.service.get("served_at") or act.dated)[:10]
    planned = [
        effect
        for event, day in days.items()
        for effect in plan_rows(ports, act, revision.definition, event, date.fromisoformat(day))
        if effect.verb in REGISTER_VERBS
        and effect.register not in known
        and _done_key(act.form, effect.register) not in done
    ]
    with ports.store.write() as tx:
        # another process may have been faster
        if not planned or _registers_of(tx, act) != known:
            return 0
        write_rows(ports, tx, _PROGRAM, act, planned)
        return int(_registers_of(tx, act) != known)


def _registers_of(tx: Transaction, act: Act) -> set[str]:
    """Return the registers that the act has written into, also if withdrawn."""
    return {entry.register for entry in entries_of_act(tx, act.id)}


def _state(ports: Ports, filled: list[str], written: int, left_out: list[str]) -> None:
    with ports.store.write() as tx:
        record = {"id": KEY, "filled": filled}
        if tx.settings.get(KEY) is None:
            tx.settings.insert(KEY, record)
        else:
            tx.settings.replace(KEY, record)
        if written:
            note = msg("据以前签发的文书 {count} 件补写登记簿。", count=written)
            append_event(tx, ports.clock, PROGRAM, ADMINISTERED, note=note)
        if left_out:
            names = "、".join(left_out[:20])
            note = msg(
                "以前签发的文书 {count} 件没有能够补写登记簿：{names}。", count=len(left_out), names=names
            )
            append_event(tx, ports.clock, PROGRAM, ADMINISTERED, note=note)


def _fill_from_paper(ports: Ports) -> None:
    if ENTRUSTMENTS not in ports.definitions.registers():
        return
    with ports.store.read() as tx:
        records = tx.entrustments.find(order="id")
        missing = [r for r in records if not entries_of_act(tx, source_of_paper(r["id"]))]
    if missing:
        with ports.store.write() as tx:
            for record in missing:
                register_paper_entrustment(ports, tx, record, "")
