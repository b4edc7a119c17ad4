"""Export of a store to a JSON file of stock TinyDB, and import.

The file is plain ASCII, because stock TinyDB reads and writes in the machine's preferred encoding.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from formsvc.errors import FormsvcError, disk_error
from formsvc.i18n.messages import format_list, msg
from formsvc.storage.atomic_files import atomic_write
from formsvc.storage.record_rules import COLLECTIONS
from formsvc.usecases.ports import Collection, Record, Store, Transaction

FORMAT = 1
# Table with the format version and the number of records of each collection.
ABOUT = "_export"

_PAGE = 500


def export_json(store: Store, path: Path) -> dict[str, int]:
    """Write everything, as of one moment; return the records per collection."""
    with store.read() as tx, atomic_write(path) as stream:
        counts = {name: _collection(tx, name).count() for name in COLLECTIONS}
        for piece in _pieces(tx, counts):
            stream.write(piece.encode("ascii"))
    return counts


def import_json(path: Path, store: Store) -> dict[str, int]:
    """Import an exported file into an empty store, all or nothing."""
    tables = _tables(path)
    with store.write() as tx:
        if any(_collection(tx, name).count() for name in COLLECTIONS):
            raise FormsvcError(msg("现有数据不是空的，没有导入。"), msg("请导入到一个新建的空系统中。"))
        for name in COLLECTIONS:
            for record in _in_order(path, name, tables.get(name, {})):
                _collection(tx, name).insert(record["id"], record)
        return {name: _collection(tx, name).count() for name in COLLECTIONS}


def _collection(tx: Transaction, name: str) -> Collection:
    collection: Collection = getattr(tx, name)
    return collection


def _pieces(tx: Transaction, counts: dict[str, int]) -> Iterator[str]:
    about = {"format": FORMAT, "counts": counts}
    yield f"{{{_text(ABOUT)}: {{{_text('1')}: {_text(about)}}}"
    for name in COLLECTIONS:
        yield f",\n{_text(name)}: {{"
        for number, record in enumerate(_records(_collection(tx, name)), start=1):
            yield f"{',' if number > 1 else ''}\n{_text(str(number))}: {_text(record)}"
        yield "}"
    yield "}\n"


def _records(collection: Collection) -> Iterator[Record]:
    for offset in count(0, _PAGE):
        page = collection.find(offset=offset, limit=_PAGE)
        yield from page
        if len(page) < _PAGE:
            return


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))


def _tables(path: Path) -> dict[str, dict[str, Any]]:
    try:
        tables = json.loads(path.read_bytes().decode("utf-8-sig"), parse_constant=_refuse_constant)
    except OSError as error:
        raise disk_error(error, path) from error
    except ValueError as error:
        raise FormsvcError(
            msg("“{name}”不是完整的 JSON 文件，没有导入：{error}。", name=path.name, error=error),
            msg("请重新导出后再试。"),
        ) from error
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        raise FormsvcError(
            msg("“{name}”不是 TinyDB 的数据文件，没有导入。", name=path.name),
            msg("请选择由本系统导出的文件。"),
        )
    _refuse_newer(path, tables.pop(ABOUT, {}))
    unknown = [name for name, table in tables.items() if name not in COLLECTIONS and table]
    if unknown:
        raise FormsvcError(
            msg("“{name}”中有不认识的表：{tables}，没有导入。", name=path.name, tables=format_list(unknown)),
            msg("请选择由本系统导出的文件。"),
        )
    return tables


def _refuse_constant(name: str) -> Any:
    raise ValueError(msg("含有 {name}", name=name))


def _refuse_newer(path: Path, about: dict[str, Any]) -> None:
    formats = [row.get("format", 0) for row in about.values() if isinstance(row, dict)]
    if any(number > FORMAT for number in formats):
        raise FormsvcError(
            msg("“{name}”是较新版本的系统导出的，没有导入。", name=path.name), msg("请升级本系统后再导入。")
        )


def _in_order(path: Path, name: str, table: dict[str, Any]) -> Iterator[Record]:
    # Sorted by number: stock TinyDB may have added some.
    try:
        rows = sorted(((int(number), record) for number, record in table.items()), key=lambda row: row[0])
    except (TypeError, ValueError):
        rows = []
    if len(rows) != len(table):
        raise FormsvcError(
            msg("“{name}”的表“{table}”中有记录没有编号，没有导入。", name=path.name, table=name),
            msg("请重新导出后再试。"),
        )
    for number, record in rows:
        if not isinstance(record, dict) or not isinstance(record.get("id"), str):
            raise FormsvcError(
                msg(
                    "“{name}”的表“{table}”第 {number} 条没有标识（id），没有导入。",
                    name=path.name,
                    table=name,
                    number=number,
                ),
                msg("请补上后重试。"),
            )
        yield record
