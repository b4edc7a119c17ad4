"""Walks a chain from its first link and compares what it says with the records as they stand."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing

from formsvc.i18n.messages import msg
from formsvc.storage.audit.hash_chain import (
    ANCHOR_LOST,
    DRAFT,
    FIRST,
    GONE,
    NO_SALT,
    Link,
    Unreadable,
    body_of,
    digest_of,
    hash_after,
    is_settled,
)
from formsvc.usecases.ports import Finding, Head, Record

_MOST_TOLD = 20

Find = Callable[[str, str], Record | None]
"""A record by collection and key, or None. Raises LookupError where it is known to be damaged and was named."""


def check_chain(
    links: Iterable[Link], find: Find, settled: Mapping[str, int], known: Head | None = None
) -> Iterator[Finding]:
    """Every place where links do not hold together, or a record is not what its last link says.

    ``settled`` tells how many records each collection has that the chain must vouch for.
    """
    with closing(
        sqlite3.connect("")
    ) as scratch:  # a temporary file: a chain may be longer than memory allows
        scratch.execute(
            "CREATE TABLE latest (collection, key, seq, digest, salt, PRIMARY KEY (collection, key)) WITHOUT ROWID"
        )
        yield from _some(_walked(links, scratch, known), "chain")
        yield from _some(_compared(scratch, find, settled), "chain")


def _some(findings: Iterator[Finding], part: str) -> Iterator[Finding]:
    """The first findings, and how many more there are."""
    more = 0
    for number, finding in enumerate(findings):
        if number < _MOST_TOLD:
            yield finding
        else:
            more += 1
    if more:
        yield Finding(part, msg("另有 {n} 处。", n=more))


def _walked(links: Iterable[Link], scratch: sqlite3.Connection, known: Head | None) -> Iterator[Finding]:
    previous, place, met = FIRST, 0, known is None or known.count == 0
    for link in links:
        if link.seq != place + 1:
            yield _wrong(msg("历史链缺少第 {first} 至 {last} 笔。", first=place + 1, last=link.seq - 1))
        if hash_after(previous, link.body) != link.hash:
            yield _wrong(msg("历史链第 {n} 笔与前后不符，内容被改动或损坏。", n=link.seq))
        elif not link.salts_are_whole:
            yield _wrong(msg("历史链第 {n} 笔的盐值被改动或损坏。", n=link.seq))
        previous, place = link.hash, link.seq
        if known and link.seq == known.count:
            met = True
            if link.hash.hex() != known.hash:
                yield _wrong(msg("历史链第 {n} 笔与所给的锚不符。", n=link.seq))
        yield from _remembered(link, scratch)
    if not met and known:
        yield _wrong(
            msg("历史链只有 {n} 笔，没有到所给的锚（第 {anchored} 笔）。", n=place, anchored=known.count)
        )


def _remembered(link: Link, scratch: sqlite3.Connection) -> Iterator[Finding]:
    try:
        rows = [(c, k, link.seq, digest, salt) for c, k, digest, salt in link.entries()]
        told = body_of(link.body).told
    except Unreadable:
        return  # its hash does not fit, which was said
    scratch.executemany("INSERT OR REPLACE INTO latest VALUES (?,?,?,?,?)", rows)
    if told == ANCHOR_LOST:
        at = link.head.at
        yield Finding(
            "anchor", msg("第 {n} 笔（{at}）时锚文件不在，是重新建立的。", n=link.seq, at=at), "notice"
        )


def _compared(scratch: sqlite3.Connection, find: Find, settled: Mapping[str, int]) -> Iterator[Finding]:
    met = dict.fromkeys(settled, 0)
    rows = scratch.execute("SELECT collection, key, seq, digest, salt FROM latest ORDER BY collection, key")
    for collection, key, seq, digest, salt in rows:
        try:
            record = find(collection, key)
        except LookupError:
            met[collection] = met.get(collection, 0) + 1
            continue
        if is_settled(collection, record):
            met[collection] = met.get(collection, 0) + 1
        wrong = _difference(collection, digest, salt, record)
        if wrong:
            yield _wrong(
                msg("{name}“{key}”{wrong}（历史链第 {n} 笔）。", name=collection, key=key, wrong=wrong, n=seq)
            )
    for collection, number in settled.items():
        if number != met[collection]:
            yield _wrong(
                msg(
                    "{name}有 {there} 条记录，历史链里有 {met} 条：有记录不是本系统写入的。",
                    name=collection,
                    there=number,
                    met=met[collection],
                )
            )


def _difference(collection: str, digest: str, salt: bytes, record: Record | None) -> str:
    """What is wrong with a record, seen from its last link; empty if nothing is."""
    if digest == GONE:
        return msg("应当已经删除，却还在") if record is not None else ""
    if digest == DRAFT:
        return msg("应当是草稿，状态被改动") if is_settled(collection, record) else ""
    if record is None:
        return msg("不见了")
    if not is_settled(collection, record):
        return msg("已经办理，却被改成草稿")
    if salt == NO_SALT or digest_of(salt, record) != digest:
        return msg("与保存时不符，被改动或损坏")
    return ""


def _wrong(message: str) -> Finding:
    return Finding("chain", message)
