"""Regular files of limited size, read without waiting."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from formsvc.errors import system_reason
from formsvc.i18n.messages import msg


class UnreadableFile(ValueError):
    """A file that cannot be read; the message is a sentence in Chinese."""


def read_regular_file(file: Path, limit: int) -> bytes:
    """Return the content of a file of at most ``limit`` bytes.

    Raise UnreadableFile, also for a pipe, a device, a folder or a link to nowhere.
    """
    # opening a named pipe would wait for its writer: the kind is asked after opening without waiting, of the file
    # that is open and not of one that may have been replaced since
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        number = os.open(file, flags)
        with os.fdopen(number, "rb") as stream:
            if not stat.S_ISREG(os.fstat(number).st_mode):
                raise UnreadableFile(msg("这不是普通文件，不能读取。请换成文件本身。"))
            content = stream.read(limit + 1)
    except FileNotFoundError:
        raise UnreadableFile(msg("找不到这个文件。")) from None
    except OSError as error:
        # a socket cannot be opened as a file, nor can a device that is not there
        if error.errno in (errno.EISDIR, errno.ENXIO, errno.ENODEV):
            raise UnreadableFile(msg("这不是普通文件，不能读取。请换成文件本身。")) from None
        reason = system_reason(error)
        raise UnreadableFile(msg("打不开这个文件（{reason}）。请检查路径和权限。", reason=reason)) from None
    if len(content) > limit:
        raise UnreadableFile(msg("文件超过 {limit} MB，不能使用。请删去不需要的内容。", limit=limit // 2**20))
    return content
