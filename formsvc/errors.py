"""The one small family of errors: what happened, and what to do about it, in the words on the page."""

from __future__ import annotations

import errno
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from formsvc.i18n.messages import format_list, join_messages, msg


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with what was entered.

    ``field`` is the path of the field (``hazards.0.deadline``), empty for the form as a whole;
    ``message`` is a whole Chinese sentence, ``remedy`` what to do, ``law`` the article behind it;
    ``registered_here`` marks what hangs only on things registered in this office so far.
    """

    field: str
    message: str
    remedy: str = ""
    law: str = ""
    registered_here: bool = False

    def sentence(self) -> str:
        """Message, article and remedy as one text."""
        law = msg("（依据：{law}）", law=self.law) if self.law and self.law not in self.message else ""
        return join_messages(self.message, law, self.remedy)


class FormsvcError(Exception):
    """Something the person can be told: ``message`` says what happened, ``remedy`` what to do next."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return join_messages(self.message, self.remedy)


class InputRefused(FormsvcError):
    """What was entered breaks a rule; ``problems`` names each field and reason."""

    def __init__(self, problems: Iterable[Problem], message: str = "") -> None:
        self.problems = tuple(problems)
        super().__init__(
            message or msg("填报内容有 {count} 处需要更正。", count=len(self.problems)),
            msg("请按提示逐项更正后再提交。"),
        )

    def __str__(self) -> str:
        told = (msg("［{field}］{sentence}", field=p.field, sentence=p.sentence()) for p in self.problems)
        return join_messages(self.message, *told)


class TransitionRefused(FormsvcError):
    """The act's state does not allow the wish."""

    def __init__(self, state: str, wish: str, allowed: Iterable[str]) -> None:
        self.state, self.wish, self.allowed = state, wish, tuple(allowed)
        can = format_list(self.allowed) or msg("查看")
        super().__init__(
            msg("文书现在的状态是“{state}”，不能{wish}。", state=state, wish=wish),
            msg("现在可以：{can}。", can=can),
        )


class RightMissing(FormsvcError):
    """The person does not hold the right for this authority."""

    def __init__(self, right: str, authority: str = "") -> None:
        self.right, self.authority = right, authority
        where = msg("在“{authority}”", authority=authority) if authority else ""
        super().__init__(
            msg("您{where}没有“{right}”的权限。", where=where, right=right), msg("请联系本单位管理员。")
        )


class NotFound(FormsvcError):
    """No such act, form, file or person, or none this person may see."""


class Conflict(FormsvcError):
    """Somebody else changed the same thing meanwhile."""


class Busy(FormsvcError):
    """The store or a worker did not answer within its deadline; nothing was changed."""


class Throttled(FormsvcError):
    """Asked too often; ``seconds`` until the next request is let through."""

    def __init__(self, seconds: int, message: str, remedy: str = "") -> None:
        self.seconds = seconds
        super().__init__(message, remedy)


class DefinitionFaulty(FormsvcError):
    """A form definition or lookup cannot be used; ``faults`` names each place."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(
            join_messages(*(str(f) for f in self.faults), separator=msg("；")) or msg("表单定义有错误。")
        )


@dataclass(frozen=True)
class Fault:
    """One fault of a definition or a Word template.

    ``file`` is its name; ``where`` a JSON pointer, or for a template the place in words
    (表1 第3行第2格); ``message`` a Chinese sentence; ``level`` is ``error`` or ``notice``.
    """

    file: str
    where: str
    message: str
    level: str = "error"

    def __str__(self) -> str:
        return msg("{file} {where}：{message}", file=self.file, where=self.where, message=self.message)


class RenderingFailed(FormsvcError):
    """The Word file or PDF could not be made; nothing was numbered."""


def disk_error(error: OSError, path: Path) -> FormsvcError:
    """Return the sentence for what the operating system reported of a path."""
    if error.errno == errno.EFBIG:
        return FormsvcError(
            msg("“{name}”超过了这个磁盘允许的单个文件大小，没有保存。", name=path.name),
            msg("FAT32 格式的 U 盘一个文件不能超过 4 GB，请换用 exFAT 或 NTFS 格式的磁盘。"),
        )
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return FormsvcError(
            msg("磁盘空间不足，“{name}”没有保存。", name=path.name), msg("请清理磁盘后重试。")
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return FormsvcError(
            msg("没有写入“{folder}”的权限，“{name}”没有保存。", folder=path.parent, name=path.name),
            msg("请检查文件夹的权限。"),
        )
    return FormsvcError(
        msg("读写“{path}”时出错：{reason}。", path=path, reason=error.strerror),
        msg("请检查磁盘和文件夹是否正常。"),
    )
