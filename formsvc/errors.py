"""Exceptions with the sentences a page shows: the error, and a remedy."""

from __future__ import annotations

import errno
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from formsvc.i18n.messages import format_list, join_messages, msg


@dataclass(frozen=True)
class Problem:
    """Fault in one answer of a form, or in the form as a whole."""

    # path of the field (hazards.0.deadline); empty for the whole form
    field: str
    # a whole sentence
    message: str
    remedy: str = ""
    # the article behind the rule; not repeated where the message names it
    law: str = ""
    # depends only on what this office has registered so far: with other registers the answer may be right
    registered_here: bool = False

    def sentence(self) -> str:
        """Return message, article and remedy as one text."""
        law = msg("（依据：{law}）", law=self.law) if self.law and self.law not in self.message else ""
        return join_messages(self.message, law, self.remedy)


# Problems that prevent a submission, and notices that a reviewer must look at.
Findings = tuple[list[Problem], list[Problem]]


class FormsvcError(Exception):
    """Error that a person can understand: what happened, and what to do next."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return join_messages(self.message, self.remedy)


class InputRefused(FormsvcError):
    """A rule is broken by the answers; `problems` names each field and reason."""

    def __init__(self, problems: Iterable[Problem], message: str = "") -> None:
        self.problems = tuple(problems)
        super().__init__(
            message or msg("填报内容有 {count} 处需要更正。", count=len(self.problems)),
            msg("请按提示逐项更正后再提交。"),
        )

    def __str__(self) -> str:
        sentences = (
            msg("［{field}］{sentence}", field=p.field, sentence=p.sentence()) for p in self.problems
        )
        return join_messages(self.message, *sentences)


class TransitionRefused(FormsvcError):
    """Transition that the state of the act does not allow."""

    def __init__(self, state: str, wish: str, allowed: Iterable[str]) -> None:
        self.state, self.wish, self.allowed = state, wish, tuple(allowed)
        can = format_list(self.allowed) or msg("查看")
        super().__init__(
            msg("文书现在的状态是“{state}”，不能{wish}。", state=state, wish=wish),
            msg("现在可以：{can}。", can=can),
        )


class RightMissing(FormsvcError):
    """Right that the person does not have for this authority."""

    def __init__(self, right: str, authority: str = "") -> None:
        self.right, self.authority = right, authority
        where = msg("在“{authority}”", authority=authority) if authority else ""
        super().__init__(
            msg("您{where}没有“{right}”的权限。", where=where, right=right), msg("请联系本单位管理员。")
        )


class NotFound(FormsvcError):
    """No such act, form, file or person, or none that this person may see."""

    # one error for both: that something exists is itself confidential


class Conflict(FormsvcError):
    """Change of a record that another person changed in the meantime."""


class Busy(FormsvcError):
    """Timeout of the store or a worker; nothing was changed.

    The same request is worth another attempt after `seconds`.
    """

    def __init__(self, message: str, remedy: str = "", *, seconds: int = 3) -> None:
        self.seconds = seconds
        super().__init__(message, remedy)


class ClockWrong(FormsvcError):
    """Clock of the computer that cannot be right; no number is given by it."""


class Throttled(FormsvcError):
    """Too many requests; the next one is accepted after `seconds`."""

    def __init__(self, seconds: int, message: str, remedy: str = "") -> None:
        self.seconds = seconds
        super().__init__(message, remedy)


class DefinitionFaulty(FormsvcError):
    """Form definition or lookup that cannot be used."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(
            join_messages(*(str(f) for f in self.faults), separator=msg("；")) or msg("表单定义有错误。")
        )


@dataclass(frozen=True)
class Fault:
    """Fault in a form definition or a Word template."""

    # `formsvc check --json` prints the fields by these names
    file: str
    # a JSON pointer; in a template table, row and cell in words (表1 第3行第2格)
    where: str
    message: str
    # "error" or "notice"
    level: str = "error"
    # the place as people see it: 第2节“公示”的“公示网址”（第31行）
    place: str = ""

    def __str__(self) -> str:
        where = join_messages(self.where, self.place, separator=" ")
        return msg("{file} {where}：{message}", file=self.file, where=where, message=self.message)


class RenderingFailed(FormsvcError):
    """Word file or PDF that could not be created; no number was taken."""


class KeptFileDamaged(FormsvcError):
    """Kept file that is missing or altered: a fault of the service."""

    def __init__(self, message: str, remedy: str, sha256: str) -> None:
        super().__init__(message, remedy)
        self.sha256 = sha256


class DiskFull(FormsvcError):
    """Disk without room for what was to be stored."""


# Reasons of the operating system, which gives them in English or in its own language.
_SYSTEM_REASONS = {
    errno.EACCES: msg("没有权限"),
    errno.EPERM: msg("没有权限"),
    errno.EROFS: msg("磁盘是只读的"),
    errno.ENOENT: msg("找不到"),
    errno.EEXIST: msg("已经有了"),
    errno.EISDIR: msg("是文件夹，不是文件"),
    errno.ENOTDIR: msg("路径中有一段不是文件夹"),
    errno.ENOTEMPTY: msg("文件夹不是空的"),
    errno.ELOOP: msg("链接绕回了自己"),
    errno.ENAMETOOLONG: msg("名称太长"),
    errno.EINVAL: msg("名称或者内容不能使用"),
    errno.EBUSY: msg("正被其他程序占用"),
    errno.EMFILE: msg("打开的文件太多"),
    errno.ENFILE: msg("打开的文件太多"),
    errno.ENOMEM: msg("内存不足"),
    errno.ENOSPC: msg("磁盘已满"),
    errno.EDQUOT: msg("磁盘已满"),
    errno.EFBIG: msg("文件太大"),
    errno.EIO: msg("磁盘读写出错"),
    errno.ENXIO: msg("不是普通文件"),
    errno.ENODEV: msg("不是普通文件"),
    errno.EADDRINUSE: msg("端口已被占用"),
    errno.EADDRNOTAVAIL: msg("本机没有这个地址"),
}


def system_reason(error: OSError) -> str:
    """Return why the operating system refused, in words of ours."""
    number = error.errno or 0
    return _SYSTEM_REASONS.get(number) or msg("系统错误 {number}", number=number)


def disk_error(error: OSError, path: Path) -> FormsvcError:
    """Return the error to show for an OSError on `path`."""
    # FAT32, the usual format of USB sticks, cannot hold a file of 4 GB
    if error.errno == errno.EFBIG:
        return FormsvcError(
            msg("“{name}”超过了这个磁盘允许的单个文件大小，没有保存。", name=path.name),
            msg("FAT32 格式的 U 盘一个文件不能超过 4 GB，请换用 exFAT 或 NTFS 格式的磁盘。"),
        )
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(msg("磁盘空间不足，“{name}”没有保存。", name=path.name), msg("请清理磁盘后重试。"))
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return FormsvcError(
            msg("没有写入“{folder}”的权限，“{name}”没有保存。", folder=path.parent, name=path.name),
            msg("请检查文件夹的权限。"),
        )
    return FormsvcError(
        msg("读写“{path}”时出错：{reason}。", path=path, reason=system_reason(error)),
        msg("请检查磁盘和文件夹是否正常。"),
    )
