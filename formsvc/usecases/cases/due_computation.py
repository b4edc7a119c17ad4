"""Computation of pending steps of finished acts, and their index."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from formsvc.domain.acts.act import Act, State
from formsvc.domain.cases.next_steps import NextStep, next_steps
from formsvc.i18n.messages import msg
from formsvc.usecases.cases.case_file import (
    CaseContext,
    action_of,
    derived_acts,
    is_separate_case,
    life_of_act,
    to_case_act,
)
from formsvc.usecases.cases.pending import ActOwnership, PendingAct
from formsvc.usecases.context import Ports
from formsvc.usecases.due_index import DueIndex
from formsvc.usecases.ports import Condition, Transaction

# acts loaded in full at a time
BATCH = 400
# acts that a request computes; more are left to the thread that keeps the index, where there is one
MOST_AT_ONCE = 400
FINISHED = (State.ISSUED.value, State.SERVED.value)


def bring_up_to_date(ports: Ports, tx: Transaction, office: CaseContext) -> str:
    """Bring the index up to the transaction; return "" or a sentence.

    A sentence is returned while the process computes in the background what takes long. Hold the index's lock.
    """
    index, reached = ports.due_index, tx.reached()
    if not index.is_computed or index.rules != office.rules_key:
        if index.is_kept and count_finished(tx, office.lives.asking) > MOST_AT_ONCE:
            return _notice(index)
        found = [e for acts in open_acts(tx, office.lives.asking) for e in compute_pending(tx, acts, office)]
        index.fill(found, rules=office.rules_key, day=office.today, chain_length=reached)
        return ""
    if index.day != office.today:
        # a life that asks for the day may ask for something new today
        if index.is_kept and count_finished(tx, office.lives.asking_day) > MOST_AT_ONCE:
            return _notice(index)
        for acts in open_acts(tx, office.lives.asking_day):
            index.update([act.id for act in acts], compute_pending(tx, acts, office))
        index.day = office.today
    if index.chain_length < reached:
        written = written_acts(tx, index)
        if index.is_kept and len(written) > MOST_AT_ONCE:
            return _notice(index)
        if written and index.is_kept and count_finished(tx, office.lives.asking_documents) > MOST_AT_ONCE:
            return _notice(index)
        for touched, pending in changes_by(tx, written, office):
            index.update(touched, pending)
        index.chain_length = reached
    return ""


def _notice(index: DueIndex) -> str:
    if index.is_computed:
        return msg("节假日安排、表单或者设置刚刚变动，期限正在重新计算，下面是变动之前算出的，请稍候刷新。")
    return msg("服务刚刚启动，待办事项正在整理，还没有列出，请稍候刷新。")


def count_finished(tx: Transaction, forms: Iterable[str]) -> int:
    """Return how many finished acts of these forms there are."""
    wanted = sorted(forms)
    return tx.acts.count(Condition("form", "in", wanted), Condition("state", "in", FINISHED)) if wanted else 0


def written_acts(tx: Transaction, index: DueIndex) -> set[str]:
    """Return the acts written since the index was last brought up to date."""
    return {key for collection, key in tx.written_since(index.chain_length) if collection == "acts"}


def changes_by(
    tx: Transaction, written: set[str], office: CaseContext
) -> Iterator[tuple[list[str], list[PendingAct]]]:
    """Yield the acts that these change, with what they wait for.

    They themselves are among them.
    """
    changed = load_acts(tx, sorted(written))
    sources = {act.source_act for act in changed if act.source_act} - written
    # a case was closed or opened again by its first act: all of it is looked at
    marked = [act for act in changed if act.consequences]
    siblings = [act for act in sibling_acts(tx, changed, office) if act.id not in written]
    others = [*load_acts(tx, sorted(sources)), *siblings, *_descendants(tx, marked, office, written)]
    touched = list({act.id: act for act in (*changed, *others)}.values())
    for start in range(0, len(touched), BATCH):
        part = touched[start : start + BATCH]
        pending = [act for act in part if act.state in FINISHED and act.form in office.lives.asking]
        yield [act.id for act in part], compute_pending(tx, pending, office)
    yield sorted(written - {act.id for act in changed}), []
    # a life that reads other documents may ask for something new once any of them has changed
    for acts in open_acts(tx, office.lives.asking_documents) if written else ():
        yield [act.id for act in acts], compute_pending(tx, acts, office)


def _descendants(tx: Transaction, acts: Sequence[Act], office: CaseContext, known: set[str]) -> list[Act]:
    found: dict[str, Act] = {}
    level = list(acts)
    while level:
        level = [act for act in derived_acts(tx, level, office) if act.id not in found]
        found |= {act.id: act for act in level}
    return [act for act in found.values() if act.id not in known]


def compute_pending(tx: Transaction, acts: Sequence[Act], office: CaseContext) -> list[PendingAct]:
    """Return those of the acts that wait for something."""
    steps: dict[str, list[NextStep]] = {}
    followers = [*derived_acts(tx, acts, office), *sibling_acts(tx, acts, office)]
    brief = replace(office, rules=office.brief_rules)
    for step in steps_after(acts, followers, brief):
        steps.setdefault(step.after.id, []).append(step)
    loaded = {act.id: act for act in (*acts, *followers)}
    pending = [(act, steps[act.id], _ancestors(tx, act, office, loaded)) for act in acts if act.id in steps]
    return [
        PendingAct(
            _ownership(act),
            act.dated or act.created_at[:10],
            tuple(s.deadline.due.isoformat() if s.deadline else "" for s in found),
            tuple(sys.intern(action_of(s).value) for s in found),
            tuple(_ownership(earlier) for earlier in ancestors),
        )
        for act, found, ancestors in pending
        if not (ancestors[-1] if ancestors else act).is_case_closed
    ]


def sibling_acts(tx: Transaction, acts: Iterable[Act], office: CaseContext) -> list[Act]:
    """Return what else was made from the sources of acts with ordered items.

    Items may be ordered again there. The acts themselves are among them.
    """
    sources = {act.source_act for act in acts if act.source_act and _may_be_ordered_again(act, office)}
    return derived_acts(tx, load_acts(tx, sorted(sources)), office)


def _may_be_ordered_again(act: Act, office: CaseContext) -> bool:
    known = life_of_act(act, office)
    items = known.life.items if known else None
    return items is not None and bool(items.source) and items.awaits == "result"


def steps_after(acts: Iterable[Act], followers: Iterable[Act], office: CaseContext) -> list[NextStep]:
    """Return what the acts ask for, given what was made from them."""
    own = {act.id: act for act in acts}
    by_id = {**own, **{act.id: act for act in followers}}
    chained = [to_case_act(act, office) for act in by_id.values()]
    return [step for step in next_steps(chained, office.rules) if step.after.id in own]


def load_acts(tx: Transaction, ids: Iterable[str]) -> list[Act]:
    records = (tx.acts.get(id_) for id_ in ids)
    return [Act.from_record(record) for record in records if record]


def _ownership(act: Act) -> ActOwnership:
    form, drafter, authority = map(sys.intern, (act.form, act.drafter, act.authority))
    return ActOwnership(act.id, form, drafter, authority, act.confidential, tuple(act.readers))


def _ancestors(tx: Transaction, act: Act, office: CaseContext, loaded: Mapping[str, Act]) -> list[Act]:
    """Return the acts of its case that an act was made from, nearest first."""
    ancestors: list[Act] = []
    # `passed` ends a loop in damaged data
    passed: set[str] = set()
    while act.source_act and act.id not in passed:
        passed.add(act.id)
        earlier = loaded.get(act.source_act) or next(iter(load_acts(tx, [act.source_act])), None)
        if earlier is None or is_separate_case(earlier, act, office):
            break
        act = earlier
        ancestors.append(act)
    return ancestors


def open_acts(tx: Transaction, forms: Iterable[str], batch: int = BATCH) -> Iterator[list[Act]]:
    """Yield the finished acts of these forms, some at a time."""
    for form in sorted(forms):
        for state in FINISHED:
            yield from _pages(partial(_page, tx, form, state, batch), batch)


def _page(tx: Transaction, form: str, state: str, batch: int, last: str, known: int) -> list[Act]:
    records = tx.acts.find(
        Condition("form", "==", form),
        Condition("state", "==", state),
        Condition("created_at", ">=", last),
        order="created_at",
        offset=known,
        limit=batch,
    )
    return [Act.from_record(record) for record in records]


def _pages(find: Callable[[str, int], list[Act]], batch: int) -> Iterator[list[Act]]:
    """Yield pages by time; many acts may have the same one."""
    last, known = "", 0
    while found := find(last, known):
        yield found
        if len(found) < batch:
            return
        same = sum(act.created_at == found[-1].created_at for act in found)
        known = known + same if found[-1].created_at == last else same
        last = found[-1].created_at
