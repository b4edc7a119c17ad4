"""Errors of the API as problem details (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pydantic
from flask import Response, request
from flask_babel import gettext as _
from pydantic import ConfigDict

from formsvc.domain.acts.act import STEPS, State, steps_from
from formsvc.errors import (
    Busy,
    ClockWrong,
    Conflict,
    FormsvcError,
    InputRefused,
    NotFound,
    Problem,
    RenderingFailed,
    RightMissing,
    Throttled,
    TransitionRefused,
)
from formsvc.usecases import access
from formsvc.web.context import current_actor, ports

MEDIA_TYPE = "application/problem+json"
TYPE_BY_ERROR: dict[type[FormsvcError], str] = {
    InputRefused: "input-refused",
    TransitionRefused: "transition-refused",
    RightMissing: "right-missing",
    NotFound: "not-found",
    Conflict: "conflict",
    Busy: "busy",
    ClockWrong: "clock-wrong",
    Throttled: "throttled",
    RenderingFailed: "rendering-failed",
    FormsvcError: "refused",
}
TYPE_BY_STATUS = {
    400: "malformed",
    401: "not-authenticated",
    404: "no-such-address",
    405: "method-not-allowed",
    406: "not-acceptable",
    408: "timeout",
    412: "changed-meanwhile",
    413: "too-large",
    415: "media-type",
    428: "condition-required",
    429: "throttled",
    431: "too-large",
    500: "unexpected",
}


# The docstrings of these two models are published as descriptions in the OpenAPI document
class FieldError(pydantic.BaseModel):
    """One thing that is wrong with what was sent."""

    model_config = ConfigDict(title="FieldError")

    field: str = pydantic.Field(description="字段的路径，如 hazards.0.deadline；空的是整件")
    message: str = pydantic.Field(description="错在哪里、怎样改正")


class ProblemDetails(pydantic.BaseModel):
    """A refusal (RFC 9457)."""

    model_config = ConfigDict(title="Problem")

    type: str = pydantic.Field(description="差错的种类，urn:formsvc:problem:…")
    title: str = pydantic.Field(description="一句话的标题")
    status: int = pydantic.Field(description="HTTP 状态码")
    detail: str = pydantic.Field(description="错在哪里、怎么办")
    errors: list[FieldError] = pydantic.Field(description="逐项的差错")
    state: str | None = pydantic.Field(None, description="文书现在的状态（409）")
    allowed: list[str] | None = pydantic.Field(None, description="现在可以办的事（409）")
    right: str | None = pydantic.Field(None, description="缺少的权限（403）")
    scope: str | None = pydantic.Field(None, description="令牌缺少的范围（403）")


class RequestRefused(FormsvcError):
    """A request at fault as HTTP: no token, wrong media type, stale ETag."""

    def __init__(
        self,
        status: int,
        message: str,
        remedy: str = "",
        errors: Iterable[Problem] = (),
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(message, remedy)
        self.status, self.errors = status, tuple(errors)
        self.headers, self.members = dict(headers or {}), members


def is_api() -> bool:
    return request.path.startswith("/api/")


def problem_response(
    status: int, title: str, message: str, remedy: str, error: Exception | None, headers: Mapping[str, str]
) -> Response:
    """Return the problem document; the error's headers override ``headers``."""
    detail = f"{message}{remedy}"
    # "errors" is never empty, so that a program can always show its messages
    problems = getattr(error, "problems", None) or getattr(error, "errors", None) or [Problem("", detail)]
    document = {
        "type": f"urn:formsvc:problem:{_problem_type(status, error)}",
        "title": str(title),
        "status": status,
        "detail": detail,
        "errors": [{"field": p.field, "message": str(p.sentence())} for p in problems],
        **_extension_members(error),
    }
    response = Response(json.dumps(document, ensure_ascii=False), status, mimetype=MEDIA_TYPE)
    response.headers.update({**retry_after(error), **headers, **getattr(error, "headers", {})})
    return response


def _problem_type(status: int, error: Exception | None) -> str:
    if isinstance(error, RequestRefused) or not isinstance(error, FormsvcError):
        return TYPE_BY_STATUS.get(status, "refused")
    return next(TYPE_BY_ERROR[kind] for kind in type(error).__mro__ if kind in TYPE_BY_ERROR)


def _extension_members(error: Exception | None) -> dict[str, Any]:
    """Return the extension members (RFC 9457 §3.2)."""
    if isinstance(error, TransitionRefused):
        return _state_members()
    if isinstance(error, RightMissing):
        return {"right": str(error.right)}
    return dict(getattr(error, "members", {}))


def _state_members() -> dict[str, Any]:
    """Return the state of the request's act and the steps that it allows."""
    actor, act_id = current_actor(), str((request.view_args or {}).get("act_id", ""))
    try:
        act = access.get_act(ports(), actor, act_id) if actor else None
    except FormsvcError:
        return {}
    return {"state": act.state, "allowed": allowed_steps(act.status)} if act else {}


def allowed_steps(state: State) -> list[str]:
    return [step.value for step in steps_from(state) if step in STEPS]


def retry_after(error: Exception | None) -> dict[str, str]:
    """Return the header that says when another attempt is worth it, if one is."""
    seconds = getattr(error, "seconds", 0) if isinstance(error, FormsvcError) else 0
    return {"Retry-After": str(seconds)} if seconds else {}


def validation_problems(error: pydantic.ValidationError, prefix: str = "") -> list[Problem]:
    """Return pydantic's errors as problems; ``prefix`` precedes field paths."""
    problems = []
    for fault in error.errors(include_url=False, include_input=False):
        # An unknown key is echoed as the path: the caller chose it, and its length
        path = f"{prefix}{'.'.join(str(part) for part in fault['loc'])}"[:200]
        problems.append(Problem(path, _validation_message(fault["type"], fault.get("ctx", {}))))
    return problems


def _validation_message(kind: str, limits: Mapping[str, Any]) -> str:
    sentences = {
        "missing": _("缺少这一项。"),
        "extra_forbidden": _("不认识这一项，请核对名称。"),
        "string_type": _("应当是文字。"),
        "int_type": _("应当是整数。"),
        "int_parsing": _("应当是整数。"),
        "bool_type": _("应当是 true 或者 false。"),
        "dict_type": _('应当是一个对象：{"字段": 值}。'),
        "list_type": _("应当是一个列表。"),
        "model_type": _("应当是一个对象。"),
        "model_attributes_type": _("应当是一个对象。"),
        "string_pattern_mismatch": _("写法不对，请核对。"),
        "date_from_datetime_parsing": _("应当是日期，例如 2026-11-23。"),
        "date_parsing": _("应当是日期，例如 2026-11-23。"),
    }
    if kind in ("literal_error", "enum"):
        return str(_("只能是 %(words)s。", words=str(limits.get("expected", "")).replace(" or ", ", ")))
    if kind in ("string_too_short", "too_short"):
        return str(_("太短，至少 %(n)s。", n=limits.get("min_length", 1)))
    if kind in ("string_too_long", "too_long"):
        return str(_("太长，至多 %(n)s。", n=limits.get("max_length", "")))
    if kind in ("greater_than_equal", "less_than_equal"):
        return str(_("超出范围（界限 %(n)s）。", n=limits.get("ge", limits.get("le", ""))))
    return str(sentences.get(kind, _("内容不符合要求，请对照接口说明核对。")))
