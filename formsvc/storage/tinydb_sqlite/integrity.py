"""Looks through a whole store for damage, and copies it while it is in use."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from formsvc.i18n.messages import msg
from formsvc.storage.tinydb_sqlite import list_index
from formsvc.storage.tinydb_sqlite.errors import damaged, in_words
from formsvc.storage.tinydb_sqlite.file_format import FileFormat
from formsvc.storage.tinydb_sqlite.rows import fingerprint, table_name
from formsvc.storage.tinydb_sqlite.schema_snapshot import differences
from formsvc.storage.tinydb_sqlite.session import Session
from formsvc.storage.tinydb_sqlite.values import decode, scalar

_AT_MOST = 20


def faults(session: Session) -> Iterator[str]:
    """Every place that is not as it was written, each as a sentence."""
    try:
        yield from _faults_of_structure(session)
        yield from differences(session.connection)
        yield from _faults_of_ids(session)
        for name in sorted(session.tables()):
            if table_name(name) is not None:
                yield from _faults_of_rows(session, name)
                yield from _faults_of_catalogue(session, name)
    except sqlite3.DatabaseError as error:
        yield msg("数据文件读到一半出错：{error}。", error=error)


def copy_to(session: Session, target: Path, shown_as: Path) -> None:
    """Write a consistent, checked copy to a new file while writers go on.

    ``shown_as`` is the path that errors name.
    """
    with in_words(shown_as):
        session.connection.execute("VACUUM INTO ?", (str(target),))
    with closing(sqlite3.connect(str(target), isolation_level=None)) as copy:
        first = next(faults(Session(copy, 0, FileFormat())), None)
    if first:
        raise damaged(shown_as, msg("副本（{first}）", first=first))


def _faults_of_structure(session: Session) -> Iterator[str]:
    for (told,) in session.connection.execute(f"PRAGMA integrity_check({_AT_MOST})"):
        if told != "ok":
            yield msg("数据文件的结构有损坏：{told}。", told=told)


def _faults_of_ids(session: Session) -> Iterator[str]:
    """Whether SQLite's own note of the ids given so far, by which none is given again, is about our tables and no other."""
    tables = {name for name in session.tables() if table_name(name) is not None}
    if not tables:
        return
    made = session.connection.execute("SELECT sql FROM sqlite_master WHERE name='sqlite_sequence'").fetchone()
    if made != ("CREATE TABLE sqlite_sequence(name,seq)",):
        yield msg("数据文件里各表用过的编号的登记缺少或已损坏。")
        return
    given = dict(session.connection.execute("SELECT CAST(name AS TEXT), seq FROM sqlite_sequence"))
    for name in sorted(given.keys() | tables):
        if name not in tables or not _covers(given.get(name), session, name):
            yield msg("数据文件里“{name}”用过的编号的登记与内容不符。", name=name)


def _covers(given: object, session: Session, name: str) -> bool:
    last = session.connection.execute(f"SELECT max(id) FROM {name}").fetchone()[0]
    return given is None and last is None or isinstance(given, int) and (last is None or given >= last)


def _faults_of_rows(session: Session, name: str) -> Iterator[str]:
    columns = session.indexed(name)
    selected = ", ".join(("id", "hash", "doc", *columns.values()))
    for doc_id, mark, text, *values in session.connection.execute(
        f"SELECT {selected} FROM {name} ORDER BY id"
    ):
        place = msg("表“{table}”第 {n} 条记录", table=table_name(name), n=doc_id)
        if not isinstance(text, str) or mark != fingerprint(text.encode()):
            yield msg("{place}的内容与写入时不符。", place=place)
            continue
        document = decode(text)
        if [scalar(document.get(field)) for field in columns] != values:
            yield msg("{place}的索引列与内容不符。", place=place)


def _faults_of_catalogue(session: Session, name: str) -> Iterator[str]:
    """The catalogue and the search hold nothing of their own: they are made anew by ``reindex``."""
    table = table_name(name)
    wrong = list_index.differences(session, name)
    if wrong:
        yield msg(
            "表“{table}”的目录有 {n} 处与内容不符，列表可能不对；可以用 formsvc reindex 重新建立。",
            table=table,
            n=wrong,
        )
    for field in list_index.searched_fields(session, name):
        if not list_index.search_is_whole(session, name, field):
            yield msg(
                "表“{table}”的查找索引与内容不符，有的可能查不到；可以用 formsvc reindex 重新建立。",
                table=table,
            )
