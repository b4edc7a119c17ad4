"""Check of a hash chain, link by link, and of the records it names."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing

from formsvc.i18n.messages import msg
from formsvc.storage.audit.hash_chain import (
    ANCHOR_LOST,
    DRAFT,
    GENESIS_HASH,
    NO_SALT,
    REMOVED,
    Link,
    UnreadableLink,
    is_audited,
    link_hash,
    parse_body,
    record_digest,
)
from formsvc.usecases.ports import ChainHead, IntegrityFinding, Record

_MAX_FINDINGS = 20

# Returns a record by collection and key, or None; raises LookupError for a damaged one, already reported.
FindRecord = Callable[[str, str], Record | None]


def verify_chain(
    links: Iterable[Link], find: FindRecord, audited_counts: Mapping[str, int], known: ChainHead | None = None
) -> Iterator[IntegrityFinding]:
    """Yield a finding for each broken link and each record that differs.

    ``audited_counts`` is how many audited records each collection has: more than the chain names means that
    another program added some. ``known`` is a head the chain must pass through.
    """
    # A temporary file: a chain may be longer than memory allows.
    with closing(sqlite3.connect("")) as scratch:
        scratch.execute(
            "CREATE TABLE latest (collection, key, seq, digest, salt, PRIMARY KEY (collection, key)) WITHOUT ROWID"
        )
        yield from _limited(_check_links(links, scratch, known), "chain")
        yield from _limited(_check_records(scratch, find, audited_counts), "chain")


def _limited(findings: Iterator[IntegrityFinding], part: str) -> Iterator[IntegrityFinding]:
    """Yield the first findings, then one with the number of the others."""
    more = 0
    for number, finding in enumerate(findings):
        if number < _MAX_FINDINGS:
            yield finding
        else:
            more += 1
    if more:
        yield IntegrityFinding(part, msg("另有 {n} 处。", n=more))


def _check_links(
    links: Iterable[Link], scratch: sqlite3.Connection, known: ChainHead | None
) -> Iterator[IntegrityFinding]:
    previous, last_seq, passed_known = GENESIS_HASH, 0, known is None or known.count == 0
    for link in links:
        if link.seq != last_seq + 1:
            yield _finding(msg("历史链缺少第 {first} 至 {last} 笔。", first=last_seq + 1, last=link.seq - 1))
        if link_hash(previous, link.body) != link.hash:
            yield _finding(msg("历史链第 {n} 笔与前后不符，内容被改动或损坏。", n=link.seq))
        elif not link.has_valid_salts:
            yield _finding(msg("历史链第 {n} 笔的盐值被改动或损坏。", n=link.seq))
        previous, last_seq = link.hash, link.seq
        if known and link.seq == known.count:
            passed_known = True
            if link.hash.hex() != known.hash:
                yield _finding(msg("历史链第 {n} 笔与所给的锚不符。", n=link.seq))
        yield from _store_entries(link, scratch)
    if not passed_known and known:
        yield _finding(
            msg("历史链只有 {n} 笔，没有到所给的锚（第 {anchored} 笔）。", n=last_seq, anchored=known.count)
        )


def _store_entries(link: Link, scratch: sqlite3.Connection) -> Iterator[IntegrityFinding]:
    try:
        rows = [(c, k, link.seq, digest, salt) for c, k, digest, salt in link.entries()]
        event = parse_body(link.body).event
    except UnreadableLink:
        return  # its hash does not fit either, which has been reported
    scratch.executemany("INSERT OR REPLACE INTO latest VALUES (?,?,?,?,?)", rows)
    if event == ANCHOR_LOST:
        at = link.head.at
        yield IntegrityFinding(
            "anchor", msg("第 {n} 笔（{at}）时锚文件不在，是重新建立的。", n=link.seq, at=at), "notice"
        )


def _check_records(
    scratch: sqlite3.Connection, find: FindRecord, audited_counts: Mapping[str, int]
) -> Iterator[IntegrityFinding]:
    audited_seen = dict.fromkeys(audited_counts, 0)
    rows = scratch.execute("SELECT collection, key, seq, digest, salt FROM latest ORDER BY collection, key")
    for collection, key, seq, digest, salt in rows:
        try:
            record = find(collection, key)
        except LookupError:
            audited_seen[collection] = audited_seen.get(collection, 0) + 1
            continue
        if is_audited(collection, record):
            audited_seen[collection] = audited_seen.get(collection, 0) + 1
        difference = _difference(collection, digest, salt, record)
        if difference:
            yield _finding(
                msg(
                    "{name}“{key}”{wrong}（历史链第 {n} 笔）。",
                    name=collection,
                    key=key,
                    wrong=difference,
                    n=seq,
                )
            )
    for collection, number in audited_counts.items():
        if number != audited_seen[collection]:
            yield _finding(
                msg(
                    "{name}有 {there} 条记录，历史链里有 {met} 条：有记录不是本系统写入的。",
                    name=collection,
                    there=number,
                    met=audited_seen[collection],
                )
            )


def _difference(collection: str, digest: str, salt: bytes, record: Record | None) -> str:
    """Return what is wrong with a record, seen from its last link; else ""."""
    if digest == REMOVED:
        return msg("应当已经删除，却还在") if record is not None else ""
    if digest == DRAFT:
        return msg("应当是草稿，状态被改动") if is_audited(collection, record) else ""
    if record is None:
        return msg("不见了")
    if not is_audited(collection, record):
        return msg("已经办理，却被改成草稿")
    if salt == NO_SALT or record_digest(salt, record) != digest:
        return msg("与保存时不符，被改动或损坏")
    return ""


def _finding(message: str) -> IntegrityFinding:
    return IntegrityFinding("chain", message)
