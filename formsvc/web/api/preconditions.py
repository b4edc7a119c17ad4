"""Preconditions of a change: the version in If-Match (RFC 9110)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from formsvc.errors import Conflict, NotFound
from formsvc.i18n.messages import msg
from formsvc.usecases import access
from formsvc.web.context import ports, who
from formsvc.web.problem_details import RequestRefused


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
