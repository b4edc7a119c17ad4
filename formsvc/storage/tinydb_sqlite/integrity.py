"""Check of a whole database for damage, and a checked copy of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from formsvc.i18n.messages import msg
from formsvc.storage.tinydb_sqlite import list_index
from formsvc.storage.tinydb_sqlite.errors import damaged, translated_errors
from formsvc.storage.tinydb_sqlite.file_format import FileFormat
from formsvc.storage.tinydb_sqlite.rows import row_hash, to_table_name
from formsvc.storage.tinydb_sqlite.schema_snapshot import snapshot_differences
from formsvc.storage.tinydb_sqlite.session import Session
from formsvc.storage.tinydb_sqlite.values import decode, scalar

_MAX_FAULTS = 20


def find_faults(session: Session) -> Iterator[str]:
    """Yield a sentence for each place that is not as it was written."""
    try:
        yield from _structure_faults(session)
        yield from snapshot_differences(session.connection)
        yield from _id_faults(session)
        for name in sorted(session.tables()):
            if to_table_name(name) is not None:
                yield from _row_faults(session, name)
                yield from _index_faults(session, name)
    except sqlite3.DatabaseError as error:
        yield msg("数据文件读到一半出错：{error}。", error=error)


def copy_database(session: Session, target: Path, shown_as: Path) -> None:
    """Write a consistent, checked copy to a new file while writers go on.

    ``shown_as`` is the path that errors name.
    """
    with translated_errors(shown_as):
        session.connection.execute("VACUUM INTO ?", (str(target),))
    with closing(sqlite3.connect(str(target), isolation_level=None)) as copy:
        first = next(find_faults(Session(copy, 0, FileFormat())), None)
    if first:
        raise damaged(shown_as, msg("副本（{first}）", first=first))


def _structure_faults(session: Session) -> Iterator[str]:
    for (fault,) in session.connection.execute(f"PRAGMA integrity_check({_MAX_FAULTS})"):
        if fault != "ok":
            yield msg("数据文件的结构有损坏：{told}。", told=fault)


def _id_faults(session: Session) -> Iterator[str]:
    tables = {name for name in session.tables() if to_table_name(name) is not None}
    if not tables:
        return
    # ``sqlite_sequence`` holds the greatest id of each AUTOINCREMENT table: without it an id could be given twice.
    definition = session.connection.execute(
        "SELECT sql FROM sqlite_master WHERE name='sqlite_sequence'"
    ).fetchone()
    if definition != ("CREATE TABLE sqlite_sequence(name,seq)",):
        yield msg("数据文件里各表用过的编号的登记缺少或已损坏。")
        return
    greatest = dict(session.connection.execute("SELECT CAST(name AS TEXT), seq FROM sqlite_sequence"))
    for name in sorted(greatest.keys() | tables):
        if name not in tables or not _covers_ids(greatest.get(name), session, name):
            yield msg("数据文件里“{name}”用过的编号的登记与内容不符。", name=name)


def _covers_ids(greatest: object, session: Session, name: str) -> bool:
    last = session.connection.execute(f"SELECT max(id) FROM {name}").fetchone()[0]
    return (
        greatest is None and last is None or isinstance(greatest, int) and (last is None or greatest >= last)
    )


def _row_faults(session: Session, name: str) -> Iterator[str]:
    columns = session.indexed_columns(name)
    selected = ", ".join(("id", "hash", "doc", *columns.values()))
    for doc_id, mark, text, *values in session.connection.execute(
        f"SELECT {selected} FROM {name} ORDER BY id"
    ):
        place = msg("表“{table}”第 {n} 条记录", table=to_table_name(name), n=doc_id)
        if not isinstance(text, str) or mark != row_hash(text.encode()):
            yield msg("{place}的内容与写入时不符。", place=place)
            continue
        document = decode(text)
        if [scalar(document.get(field)) for field in columns] != values:
            yield msg("{place}的索引列与内容不符。", place=place)


def _index_faults(session: Session, name: str) -> Iterator[str]:
    table = to_table_name(name)
    # Both indexes hold copies only: ``formsvc reindex`` rebuilds them.
    wrong = list_index.count_differences(session, name)
    if wrong:
        yield msg(
            "表“{table}”的目录有 {n} 处与内容不符，列表可能不对；可以用 formsvc reindex 重新建立。",
            table=table,
            n=wrong,
        )
    for field in list_index.searched_fields(session, name):
        if not list_index.is_bigram_index_intact(session, name, field):
            yield msg(
                "表“{table}”的查找索引与内容不符，有的可能查不到；可以用 formsvc reindex 重新建立。",
                table=table,
            )
