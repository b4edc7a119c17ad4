"""Errors of reading and filling a template, as sentences with their place."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping

from jinja2 import TemplateError, TemplateSyntaxError
from jinja2.exceptions import SecurityError, TemplateRuntimeError

from formsvc.documents.filling.budget import (
    BudgetExceeded,
)
from formsvc.documents.filling.sandbox import FILTER_NAMES
from formsvc.documents.filling.template_names import MissingName
from formsvc.documents.templates.tags import TagIndex, TemplateTag
from formsvc.domain.json_types import JSON
from formsvc.errors import RenderingFailed
from formsvc.i18n.messages import format_list, msg

_PREPARED_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_SYNTAX: tuple[tuple[str, Callable[[str], str]], ...] = (
    (
        r"No filter named '(.+?)'",
        lambda name: msg(
            "没有“{name}”这个过滤器，可用的有：{names}", name=name, names=format_list(sorted(FILTER_NAMES))
        ),
    ),
    (r"No test named '(.+?)'", lambda name: msg("没有“{name}”这个判断", name=name)),
    (r"unknown tag '(.+?)'", lambda word: msg("“{word}”不是可用的指令，或者放错了位置", word=word)),
    (
        r"Unexpected end of template.*?innermost block that needs to be closed is '(.+?)'",
        lambda word: msg("“{word}”没有对应的结束标签", word=word),
    ),
    (r"unexpected char '(.+?)'", lambda mark: msg("有不认识的符号“{mark}”", mark=mark)),
    (r"expected token '.+?', got '(.+?)'", lambda word: msg("“{word}”的位置写法不对", word=word)),
    (r"unexpected '(.+?)'", lambda word: msg("“{word}”的位置写法不对", word=word)),
    (r"(forbidden) include", lambda _: msg("不能引用别的模板")),
    (r"(forbidden) nesting", lambda _: msg("括号、判断或者循环嵌套过深")),
    (r"(forbidden) recursive", lambda _: msg("不能用 recursive")),
    (r"(forbidden) autoescape", lambda _: msg("不能用 autoescape，值里的符号会弄坏文书")),
)


_EXCESSES = {
    "turns": msg("循环超过规定的次数（FORMSVC_TEMPLATE_TURNS）"),
    "characters": msg("填出的内容超过规定的字数（FORMSVC_TEMPLATE_CHARACTERS）"),
    "value": msg("一个值超过规定的字数（FORMSVC_TEMPLATE_VALUE_CHARACTERS）"),
    "number": msg("算出的数字过大"),
    "range": msg("range 超过规定的行数（FORMSVC_TEMPLATE_RANGE）"),
}


def tags_in_line(line: str) -> list[str]:
    return [" ".join(tag[2:-2].strip("-").split()) for tag in _PREPARED_TAG.findall(line)]


def closest_name(name: str, names: Iterable[str]) -> str:
    """Return the known name an author may have meant, or an empty string."""
    close = difflib.get_close_matches(name, list(names), n=1, cutoff=0.6)
    squeezed = {known.replace("_", "").lower(): known for known in names}
    return squeezed.get(name.replace("_", "").lower(), close[0] if close else "")


def syntax_sentence(error: TemplateError) -> str:
    message = error.message or ""
    for pattern, sentence in _SYNTAX:
        found = re.search(pattern, message)
        if found:
            return sentence(found.group(1))
    return msg("写法有误")


def _is_syntax_error(error: TemplateError) -> bool:
    # within a condition Jinja misses a filter only when it runs
    unknown = (error.message or "").startswith(("No filter named", "No test named"))
    return unknown or isinstance(error, TemplateSyntaxError)


def explain(
    error: Exception, index: TagIndex, inners: list[str], context: Mapping[str, JSON]
) -> RenderingFailed:
    """Return one sentence for the person and one for the administrator."""
    tag = _find_tag(error, index, inners)
    where = msg("{place}“{source}”", place=tag.place, source=tag.source) if tag else msg("Word 模板")
    if isinstance(error, MissingName):
        return _missing_name_error(error, where, context)
    if isinstance(error, TemplateError) and _is_syntax_error(error):
        return RenderingFailed(
            msg(
                "Word 模板的标签写错了（{where}）：{reason}。",
                where=where,
                reason=syntax_sentence(error),
            ),
            msg("请管理员在 Word 中改正。"),
        )
    if isinstance(error, BudgetExceeded):
        return RenderingFailed(
            msg("Word 模板填写时超出了限度（{where}）：{what}。", where=where, what=_EXCESSES[str(error)]),
            msg("请管理员检查模板里的循环和重复拼接的文字。"),
        )
    if isinstance(error, SecurityError):
        return RenderingFailed(
            msg("Word 模板里有不允许的写法（{where}）：标签只能取字段的值，不能调用程序。", where=where),
            msg("请管理员在 Word 中改正。"),
        )
    if isinstance(error, MemoryError | RecursionError):
        return RenderingFailed(
            msg("Word 模板填写时超出了限度（{where}）。", where=where), msg("请管理员检查模板里的循环。")
        )
    if isinstance(error, TemplateRuntimeError) and "unprintable" in str(error):
        return RenderingFailed(
            msg("Word 模板把一张表格当作文字打印（{where}）。", where=where),
            msg("请管理员用“{%tr for … %}”逐行打印，或者用 pluck 取出一列。"),
        )
    if isinstance(error, ValueError) and str(error):
        return RenderingFailed(msg("Word 模板填写时出错（{where}）：{error}", where=where, error=error))
    return RenderingFailed(
        msg("Word 模板填写时出错（{where}）：值的种类与写法不合。", where=where),
        msg("请管理员检查这一处的过滤器和运算。"),
    )


def _find_tag(error: Exception, index: TagIndex, inners: list[str]) -> TemplateTag | None:
    name = error.name if isinstance(error, MissingName) else ""
    written = [tag for tag in index.match_tags(inners) if tag is not None]
    if name:
        pattern = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
        named = next((tag for tag in written if pattern.search(tag.inner)), None)
        return named or index.first_using(name)
    return written[0] if written else None


def _missing_name_error(error: MissingName, where: str, context: Mapping[str, JSON]) -> RenderingFailed:
    row = error.owner if isinstance(error.owner, Mapping) else None
    names = [str(key) for key in (row if row is not None else context)]
    meant = closest_name(error.name, names)
    hint = msg("是否想写“{meant}”？", meant=meant) if meant else ""
    if not error.name:
        return RenderingFailed(
            msg("Word 模板要的内容是空的（{where}）。", where=where),
            msg("请管理员用 default 或 if 处理没有填写的情形。"),
        )
    what = msg("这一列") if row is not None else msg("对应的字段")
    return RenderingFailed(
        msg(
            "Word 模板里的“{name}”没有{what}（{where}）。{hint}",
            name=error.name,
            what=what,
            where=where,
            hint=hint,
        ),
        msg("请管理员在 Word 中改正，或在表单定义里补上。"),
    )
