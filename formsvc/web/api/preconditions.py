"""Preconditions: the version in If-Match, no names in addresses."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from flask import current_app

from formsvc.errors import Conflict, InputRefused, NotFound, Problem
from formsvc.i18n.messages import msg
from formsvc.usecases import access
from formsvc.web.context import ports, who
from formsvc.web.problem_details import RequestRefused


def require_words_in_body(parameter: str, words: str) -> None:
    """Raise InputRefused if the office takes no such words in an address."""
    if words and current_app.config.get("API_WORDS_IN_BODY"):
        sentence = msg(
            "本单位不接受写在地址里的“{parameter}”：查找的词用 POST 的 search 写在请求内容里，文件名写在请求头 Content-Disposition 里。",
            parameter=parameter,
        )
        raise InputRefused([Problem(parameter, sentence)], msg("地址中的参数有误。"))


def require_version(act_id: str, version: int | None) -> None:
    """Raise RequestRefused (412) unless the act has this version.

    None accepts any version. Raise NotFound if this person may not see the act.
    """
    act = access.get_act(ports(), who(), act_id)
    if version is not None and version != act.version:
        raise _version_changed()


def require_version_if_visible(act_id: str, version: int | None) -> None:
    # an act that was just returned to its drafter is no longer visible to the reviewer:
    # the decision itself then reports that, which says more than "not found"
    with contextlib.suppress(NotFound):
        require_version(act_id, version)


@contextlib.contextmanager
def conflict_as_precondition() -> Iterator[None]:
    """Raise RequestRefused (412) for a Conflict."""
    # the act may change between the check of its version and the write: for the
    # program that sent If-Match both are the same refusal
    try:
        yield
    except Conflict as error:
        raise _version_changed() from error


def _version_changed() -> RequestRefused:
    return RequestRefused(412, msg("这份草稿在您读取之后有变动，没有保存。"), msg("请重新读取，合并后再写。"))
