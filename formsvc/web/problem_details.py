"""Refusals as problem details (RFC 9457), in Chinese, with every field that is wrong."""

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
from formsvc.web.context import ports, signed_in

PROBLEM_TYPE = "application/problem+json"
KINDS: dict[type[FormsvcError], str] = {
    InputRefused: "input-refused",
    TransitionRefused: "transition-refused",
    RightMissing: "right-missing",
    NotFound: "not-found",
    Conflict: "conflict",
    Busy: "busy",
    Throttled: "throttled",
    RenderingFailed: "rendering-failed",
    FormsvcError: "refused",
}
BY_STATUS = {
    400: "malformed",
    401: "not-authenticated",
    404: "no-such-address",
    405: "method-not-allowed",
    406: "not-acceptable",
    412: "changed-meanwhile",
    413: "too-large",
    415: "media-type",
    428: "condition-required",
    500: "unexpected",
}
BUSY_SECONDS = 3


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


class Refused(FormsvcError):
    """A request that is at fault as a request, whatever it asks for."""

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
    """Whether a program asks at the API's door."""
    return request.path.startswith("/api/")


def problem_page(
    status: int, title: str, message: str, remedy: str, error: Exception | None, headers: Mapping[str, str]
) -> Response:
    """The problem document of a refusal."""
    told = f"{message}{remedy}"
    problems = getattr(error, "problems", None) or getattr(error, "errors", None) or [Problem("", told)]
    document = {
        "type": f"urn:formsvc:problem:{_kind(status, error)}",
        "title": str(title),
        "status": status,
        "detail": told,
        "errors": [{"field": p.field, "message": str(p.sentence())} for p in problems],
        **_members(error),
    }
    answer = Response(json.dumps(document, ensure_ascii=False), status, mimetype=PROBLEM_TYPE)
    answer.headers.update({**_waiting(status, error), **headers, **getattr(error, "headers", {})})
    return answer


def _kind(status: int, error: Exception | None) -> str:
    if isinstance(error, Refused) or not isinstance(error, FormsvcError):
        return BY_STATUS.get(status, "refused")
    return next(KINDS[kind] for kind in type(error).__mro__ if kind in KINDS)


def _members(error: Exception | None) -> dict[str, Any]:
    """What a program wants to know beyond the sentence."""
    if isinstance(error, TransitionRefused):
        return _standing()
    if isinstance(error, RightMissing):
        return {"right": str(error.right)}
    return dict(getattr(error, "members", {}))


def _standing() -> dict[str, Any]:
    """Where the act of this request stands, and what that state allows, in the words of the API."""
    who, act_id = signed_in(), str((request.view_args or {}).get("act_id", ""))
    try:
        act = access.act_seen(ports(), who, act_id) if who else None
    except FormsvcError:
        return {}
    return {"state": act.state, "allowed": steps_in(act.standing)} if act else {}


def steps_in(state: State) -> list[str]:
    """The steps a state allows, as they are called in addresses."""
    return [step.value for step in steps_from(state) if step in STEPS]


def _waiting(status: int, error: Exception | None) -> dict[str, str]:
    if isinstance(error, Throttled):
        return {"Retry-After": str(error.seconds)}
    return {"Retry-After": str(BUSY_SECONDS)} if status == 503 else {}


# What pydantic finds, in Chinese; the rest says that it does not fit
def wrong_fields(error: pydantic.ValidationError, place: str = "") -> list[Problem]:
    """The faults of a request's own shape."""
    found = []
    for fault in error.errors(include_url=False, include_input=False):
        path = ".".join(str(part) for part in fault["loc"])
        found.append(Problem(f"{place}{path}"[:200], _sentence(fault["type"], fault.get("ctx", {}))))
    return found


def _sentence(kind: str, limits: Mapping[str, Any]) -> str:
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
