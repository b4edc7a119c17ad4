"""Whether numbers, acts, events and kept files agree, told without looking into how they are stored."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, pairwise

from formsvc.domain.errors import FormsvcError
from formsvc.sentences import say
from formsvc.usecases.ports import JSON, Collection, Condition, Files, Record, Store, Transaction

_SHA256 = re.compile(r"[0-9a-f]{64}")
_PAGE = 1000
_FILE_KEYS = ("word", "pdf", "sha256", "template")


@dataclass
class Soundness:
    """What a store holds, and every sentence that speaks against it."""

    acts: int = 0
    numbers: int = 0
    events: int = 0
    files: int = 0
    head: str = ""
    faults: list[str] = field(default_factory=list)


def examine(store: Store, files: Files) -> Soundness:
    """Walk numbers, acts, events and kept files of one moment."""
    with store.read() as tx:
        found = Soundness(acts=tx.acts.count(), numbers=tx.numbers.count())
        found.events, found.head = history_head(tx)
        found.faults += [*_faults_of_numbers(tx), *_faults_of_acts(tx), *_faults_of_events(tx, found.events)]
        named = files_named(tx)
    found.files = len(named)
    for sha256 in sorted(named):
        try:
            files.read(sha256)
        except FormsvcError as wrong:
            found.faults.append(str(wrong))
    return found


def history_head(tx: Transaction, events: int | None = None) -> tuple[int, str]:
    """How many events there are, and a digest over the first ``events`` of them in their order (all by default)."""
    head, number = "", 0
    for number, event in enumerate(_events(tx), start=1):
        text = json.dumps(event, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        head = hashlib.sha256(f"{head}{text}".encode()).hexdigest()
        if number == events:
            break
    return number, head


def files_named(tx: Transaction) -> set[str]:
    """The hashes of all kept files that records point to."""
    return {
        sha256
        for collection in (tx.acts, tx.revisions)
        for record in _all(collection)
        for sha256 in _hashes(record)
    }


def _hashes(value: JSON, key: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for inner, part in value.items():
            yield from _hashes(part, inner)
    elif isinstance(value, list):
        for part in value:
            yield from _hashes(part, key)
    elif key in _FILE_KEYS and isinstance(value, str) and _SHA256.fullmatch(value):
        yield value


def _all(collection: Collection) -> Iterator[Record]:
    last = ""
    while page := collection.find(Condition("id", ">", last), order="id", limit=_PAGE):
        yield from page
        last = page[-1]["id"]


def _events(tx: Transaction) -> Iterator[Record]:
    return _all(tx.events)


def _faults_of_events(tx: Transaction, events: int) -> Iterator[str]:
    last = tx.events.find(order="id", descending=True, limit=1)
    if last and int(last[0]["id"]) != events:
        yield say("历史记录不连续：共 {n} 条，最后一条是第 {last} 条。", n=events, last=int(last[0]["id"]))


def _faults_of_numbers(tx: Transaction) -> Iterator[str]:
    for counter in _all(tx.counters):
        series, _, year = counter["id"].rpartition("/")
        rows = tx.numbers.find(
            Condition("series", "==", series), Condition("year", "==", int(year)), order="n"
        )
        yield from _faults_of_series(tx, counter, rows)


def _faults_of_series(tx: Transaction, counter: Record, rows: list[Record]) -> Iterator[str]:
    place = counter["id"]
    taken = [row["n"] for row in rows]
    for before, after in pairwise(taken):
        if before == after:
            yield say("文号系列 {place} 的第 {n} 号有两行。", place=place, n=after)
        elif after > before + 1:
            yield say("文号系列 {place} 缺少第 {n} 号到第 {last} 号。", place=place, n=before + 1, last=after - 1)
    if taken and taken[0] > _first(tx, counter):
        yield say("文号系列 {place} 缺少第一号，最小的是第 {n} 号。", place=place, n=taken[0])
    if taken and taken[-1] != counter["last"]:
        yield say(
            "文号系列 {place} 记到第 {last} 号，号簿中最后是第 {n} 号。",
            place=place, last=counter["last"], n=taken[-1],
        )  # fmt: skip
    for row in rows:
        act = tx.acts.get(row.get("act_id") or "")
        if row.get("act_id") and (act is None or act.get("number") != row["text"]):
            yield say("号簿中的 {number} 没有对应的文书。", number=row["text"])


def _first(tx: Transaction, counter: Record) -> int:
    from formsvc.domain.series import series_from_record

    series, _, year = counter["id"].rpartition("/")
    record = tx.series.get(series)
    return series_from_record(record).first_in(int(year)) if record else 1


def _faults_of_acts(tx: Transaction) -> Iterator[str]:
    for offset in count(0, _PAGE):
        page = tx.acts.find(Condition("number", "!=", ""), order="number", offset=offset, limit=_PAGE)
        for act in page:
            yield from _faults_of_act(tx, act)
        if len(page) < _PAGE:
            return


def _faults_of_act(tx: Transaction, act: Record) -> Iterator[str]:
    if not act.get("number"):
        return
    if not tx.numbers.count(Condition("act_id", "==", act["id"])):
        yield say("文书 {number} 不在号簿中。", number=act["number"])
    if not tx.events.count(Condition("act_id", "==", act["id"])):
        yield say("文书 {number} 没有历史记录。", number=act["number"])
