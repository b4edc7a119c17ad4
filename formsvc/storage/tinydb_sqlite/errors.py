"""SQLite's errors as sentences for the people who have to act on them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from formsvc.errors import Busy, FormsvcError
from formsvc.i18n.messages import msg

# Result codes of SQLite: https://www.sqlite.org/rescode.html
BUSY, LOCKED, READ_ONLY, IO_ERROR, CORRUPT, FULL, CANNOT_OPEN, NOT_A_DATABASE = 5, 6, 8, 10, 11, 13, 14, 26
_ERROR, _PERMISSION, _READ_ONLY_RECOVERY = 1, 3, 264
_CORRUPT_VTAB = 267  # SQLITE_CORRUPT_VTAB: a bigram index, which can be rebuilt
# Messages of Python for a stored text that is none, and of SQLite for a stored record that is none.
_UNREADABLE_TEXT = ("Could not decode to UTF-8", "malformed JSON")


class StoreDamaged(FormsvcError):
    """The file is not what was written; nothing more is written to it."""


@contextmanager
def translated_errors(path: Path, damage: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Translate SQLite's errors about file, disk and lock to FormsvcError.

    Exceptions listed in ``damage`` become StoreDamaged. An error of the program itself passes unchanged.
    """
    try:
        yield
    except damage as error:
        raise damaged(path) from error
    except sqlite3.Error as error:
        shown = to_formsvc_error(error, path)
        if shown is None:
            raise
        raise shown from error


def to_formsvc_error(error: sqlite3.Error, path: Path) -> FormsvcError | None:
    """Return the error to show, or None if the program itself is at fault."""
    if any(message in str(error) for message in _UNREADABLE_TEXT):
        return damaged(path)
    code = getattr(error, "sqlite_errorcode", None)
    if code == _CORRUPT_VTAB:
        return damaged_index()
    # The low byte is the primary result code, the rest says more about it.
    return None if code is None else _error_for_code(code & 0xFF, path)


def is_sql_error(error: sqlite3.Error) -> bool:
    """Return whether SQLite rejected the SQL, or missed a table or column."""
    return getattr(error, "sqlite_errorcode", None) == _ERROR


def _error_for_code(code: int, path: Path) -> FormsvcError | None:
    if code in (BUSY, LOCKED):
        return busy()
    if code in (CORRUPT, NOT_A_DATABASE):
        return damaged(path)
    if code in (READ_ONLY, _PERMISSION):
        return FormsvcError(
            msg("数据文件“{path}”只能读、不能写，没有保存任何改动。", path=path),
            msg("请检查文件和所在文件夹的写入权限。"),
        )
    if code == FULL:
        return FormsvcError(
            msg("磁盘空间不足，这次的改动没有保存，已有的数据没有受影响。"), msg("请清理磁盘后重试。")
        )
    if code == IO_ERROR:
        return FormsvcError(
            msg("读写数据文件“{path}”时磁盘出错，这次的改动没有保存。", path=path),
            msg("请检查磁盘是否已满、是否损坏，处理后重试。"),
        )
    if code == CANNOT_OPEN:
        return FormsvcError(
            msg("打不开数据文件“{path}”。", path=path), msg("请检查所在文件夹是否存在、是否有写入权限。")
        )
    return None


def damaged_index() -> FormsvcError:
    return FormsvcError(
        msg("查找用的索引已损坏，这次没有办成；记录本身没有受影响。"),
        msg("请管理员运行“formsvc reindex”重新建立索引。"),
    )


def busy() -> Busy:
    return Busy(msg("数据正被别的操作占用，等候已到时限，这次没有保存任何改动。"), msg("请稍候再试一次。"))


def damaged(path: Path, place: str = "") -> StoreDamaged:
    """Return the error for a damaged file; ``place`` names the damaged part."""
    where = msg("的{place}", place=place) if place else ""
    return StoreDamaged(
        msg("数据文件“{path}”{where}已损坏或被改动，为避免扩大损失已停止写入。", path=path, where=where),
        msg("请先把数据文件及同名的 -wal、-shm 文件复制一份留存，再从备份恢复，并与管理员联系。"),
    )


def missing_file(path: Path) -> FormsvcError:
    return FormsvcError(
        msg("数据文件“{path}”不见了、被清空或被替换，已停止使用，没有写入任何内容。", path=path),
        msg(
            "请把原来的文件放回原处或从备份恢复后重新启动；确实要从空白开始的，先删除“{name}.created”和“{name}.anchor”。",
            name=path.name,
        ),
    )


def newer_version(path: Path, version: int, known: int) -> FormsvcError:
    return FormsvcError(
        msg(
            "数据文件“{path}”是较新版本的系统建立的（格式 {version}，本系统只认到 {known}）。",
            path=path,
            version=version,
            known=known,
        ),
        msg("请升级本系统后再打开，不要用旧版本修改它。"),
    )
