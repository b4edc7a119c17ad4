"""Export of a store to a JSON file of stock TinyDB, and import.

The file is plain ASCII, because stock TinyDB reads and writes in the machine's preferred encoding.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

from formsvc.errors import FormsvcError, disk_error
from formsvc.i18n.messages import Message, format_list, msg
from formsvc.limits import Limits, process_limits
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


# says what is wrong with a record of a collection; None for nothing
FaultOf = Callable[[str, Record], Message | None]


def import_json(
    path: Path,
    store: Store,
    *,
    max_bytes: int = Limits.import_megabytes * 2**20,
    fault_of: FaultOf = lambda _name, _record: None,
) -> dict[str, int]:
    """Import an exported file into an empty store, all or nothing."""
    return import_records(read_export(path, max_bytes, fault_of), store)


def read_export(path: Path, max_bytes: int, fault_of: FaultOf) -> Iterator[tuple[str, Record]]:
    """Yield each record with its collection. Raise FormsvcError."""
    tables = _tables(path, max_bytes)
    for name in COLLECTIONS:
        for record in _in_order(path, name, tables.get(name, {}), fault_of):
            yield name, record


def import_records(records: Iterable[tuple[str, Record]], store: Store) -> dict[str, int]:
    """Insert records into an empty store, all or nothing; return their counts."""
    with store.write() as tx:
        if any(_collection(tx, name).count() for name in COLLECTIONS):
            raise FormsvcError(msg("现有数据不是空的，没有导入。"), msg("请导入到一个新建的空系统中。"))
        for name, record in records:
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


def _tables(path: Path, max_bytes: int) -> dict[str, dict[str, Any]]:
    try:
        if path.stat().st_size > max_bytes:
            raise FormsvcError(
                msg("“{name}”超过 {n} MB，没有导入。", name=path.name, n=max_bytes // 2**20),
                msg("请核对文件；确实要导入的，请调高 FORMSVC_IMPORT_MEGABYTES。"),
            )
        tables = json.loads(path.read_bytes().decode("utf-8-sig"), parse_constant=_refuse_constant)
    except OSError as error:
        raise disk_error(error, path) from error
    except (ValueError, RecursionError) as error:
        raise FormsvcError(
            msg("“{name}”不是完整的 JSON 文件，没有导入：{reason}。", name=path.name, reason=_reason(error)),
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
    raise UnusableNumber(msg("含有 {name}", name=name))


class UnusableNumber(ValueError):
    """NaN or infinity; the text says which."""


def _reason(error: Exception) -> str:
    # of the library's own texts none is shown: they are English
    if isinstance(error, UnusableNumber):
        return str(error)
    if isinstance(error, json.JSONDecodeError):
        return msg("第 {line} 行第 {column} 列读不下去", line=error.lineno, column=error.colno)
    if isinstance(error, UnicodeDecodeError):
        return msg("不是 UTF-8 编码")
    return msg("嵌套太深，或者数字太长")


def _refuse_newer(path: Path, about: dict[str, Any]) -> None:
    formats: list[Any] = [row.get("format") for row in about.values() if isinstance(row, dict)]
    if any(type(number) is not int for number in formats):
        raise FormsvcError(
            msg("“{name}”的 _export 没有写明格式的版本，没有导入。", name=path.name),
            msg("请选择由本系统导出的文件。"),
        )
    if any(number > FORMAT for number in formats):
        raise FormsvcError(
            msg("“{name}”是较新版本的系统导出的，没有导入。", name=path.name), msg("请升级本系统后再导入。")
        )


def _in_order(path: Path, name: str, table: dict[str, Any], fault_of: FaultOf) -> Iterator[Record]:
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
        fault = msg("嵌套过深") if _is_deep(record) else fault_of(name, record)
        if fault:
            raise FormsvcError(
                msg(
                    "“{name}”的表“{table}”第 {number} 条不能使用：{fault}，没有导入。",
                    name=path.name,
                    table=name,
                    number=number,
                    fault=fault,
                ),
                msg("请重新导出，或者改正这一条后重试。"),
            )
        yield record


def _is_deep(record: Record) -> bool:
    # level by level instead of by recursion; a record has some levels around what a program sent
    depth, most = 0, process_limits().json_depth + 10
    inner: list[Any] = [record]
    while inner and depth <= most:
        values = [v.values() if isinstance(v, dict) else v for v in inner]
        inner = [v for each in values for v in each if isinstance(v, dict | list)]
        depth += 1
    return depth > most
