"""Error handlers: an HTTP status and a page or JSON for every error."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus

from flask import Flask, Response, jsonify, make_response, render_template, request
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException

from formsvc.errors import (
    Busy,
    ClockWrong,
    Conflict,
    DefinitionFaulty,
    DiskFull,
    FormsvcError,
    InputRefused,
    KeptFileDamaged,
    NotFound,
    RenderingFailed,
    RightMissing,
    Throttled,
    TransitionRefused,
)
from formsvc.i18n.messages import join_messages, msg
from formsvc.log_lines import request_id
from formsvc.usecases.maintenance import damaged_files
from formsvc.web.context import current_actor, ports, wants_json
from formsvc.web.problem_details import RequestRefused, is_api, problem_response, retry_after

# logged as warnings: what may be an attempt, and what an operator may mend
_REFUSALS = (401, 403, 404, 429, 503, 507)
log = logging.getLogger("formsvc.web")

STATUS: dict[type[FormsvcError], HTTPStatus] = {
    InputRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    TransitionRefused: HTTPStatus.CONFLICT,
    RightMissing: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    Busy: HTTPStatus.SERVICE_UNAVAILABLE,
    ClockWrong: HTTPStatus.SERVICE_UNAVAILABLE,
    Throttled: HTTPStatus.TOO_MANY_REQUESTS,
    DefinitionFaulty: HTTPStatus.UNPROCESSABLE_ENTITY,
    RenderingFailed: HTTPStatus.INTERNAL_SERVER_ERROR,
    KeptFileDamaged: HTTPStatus.INTERNAL_SERVER_ERROR,
    DiskFull: HTTPStatus.INSUFFICIENT_STORAGE,
    FormsvcError: HTTPStatus.UNPROCESSABLE_ENTITY,
}

TITLES: dict[int, str] = {
    400: msg("请求有误"),
    401: msg("请先登录"),
    403: msg("没有这项权限"),
    404: msg("找不到这个页面"),
    405: msg("不能这样打开"),
    406: msg("没有这种格式"),
    408: msg("没有及时收到"),
    409: msg("现在不能这样做"),
    412: msg("已经有变动"),
    413: msg("上传的内容太大"),
    415: msg("内容的格式不对"),
    422: msg("没有办成"),
    428: msg("须写明版本"),
    429: msg("操作过于频繁"),
    431: msg("请求头过长"),
    500: msg("系统出了差错"),
    503: msg("系统正忙"),
    507: msg("磁盘空间不足"),
}

REMEDIES: dict[int, tuple[str, str]] = {
    400: (msg("浏览器发来的内容不完整或者不被接受。"), msg("请返回上一页重试。")),
    404: (msg("网址不正确，或者内容已经不在。"), msg("请核对网址，或者从首页进入。")),
    405: (msg("这个网址不能直接打开。"), msg("请从首页进入，按页面上的按钮办理。")),
    408: (msg("请求没有在规定的时间内发完，连接已断开。"), msg("请检查网络后重试。")),
    413: (
        msg("一次上传的内容超过上限。"),
        msg("单个文件不超过 20 MB，一次不超过 60 MB 和两万个字段，请压缩照片或者分几次上传。"),
    ),
    415: (msg("内容的格式不对，或者经过压缩。"), msg("请不要压缩请求的内容，并核对 Content-Type。")),
    429: (msg("请求太多。"), msg("请稍后再试。")),
    431: (msg("浏览器发来的请求头过长，没有接收。"), msg("请清除本站的 Cookie，或者缩短网址后重试。")),
}


def http_status(error: FormsvcError) -> int:
    """Return the HTTP status of the error's nearest base class in STATUS."""
    if isinstance(error, RequestRefused):
        return error.status
    return next(int(STATUS[kind]) for kind in type(error).__mro__ if kind in STATUS)


def register(app: Flask) -> None:
    app.register_error_handler(FormsvcError, _handle_service_error)
    app.register_error_handler(HTTPException, _handle_http_error)
    app.register_error_handler(Exception, _handle_unexpected_error)


def _handle_service_error(error: FormsvcError) -> Response:
    # A fault of this service, not of the request: it must appear in the log
    if isinstance(error, RenderingFailed):
        log.error("rendering failed", exc_info=error)
    if isinstance(error, ClockWrong):
        log.error("wrong clock: %s", error.message)
    if isinstance(error, DiskFull):
        log.error("disk full: %s", error.message)
    if isinstance(error, KeptFileDamaged):
        report_damage(error)
    _log_refusal(error, http_status(error))
    return error_page(
        http_status(error), error.message, error.remedy, error=error, headers=retry_after(error)
    )


def report_damage(error: KeptFileDamaged) -> None:
    """Log a damaged file and put it on the administrators' list."""
    log.error("kept file %s is missing or altered (%s %s)", error.sha256, request.method, request.path)
    try:
        damaged_files.record_damage(ports(), error.sha256)
    except FormsvcError as refusal:
        # the answer about the file matters more than the list
        log.error("%s", refusal)


def _log_refusal(error: FormsvcError, status: int) -> None:
    """Log who was refused what: an attempt to guess shows in the log."""
    actor = current_actor()
    # not the sentence: it may name people. %r: an address may hold line breaks, which would forge lines
    log.log(
        logging.WARNING if status in _REFUSALS else logging.INFO,
        "refused %s: %s %r by %s from %s",
        status,
        request.method,
        request.path,
        actor.account.id if actor else "-",
        request.remote_addr or "-",
        extra={"error": type(error).__name__},
    )


def _handle_http_error(error: HTTPException) -> Response:
    # werkzeug's redirects (a missing slash) are HTTPExceptions too
    if error.code is None or error.code < 400:
        return make_response(error.get_response())
    message, remedy = REMEDIES.get(error.code, REMEDIES[400])
    headers = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    return error_page(error.code, message, remedy, headers=headers)


def _handle_unexpected_error(error: Exception) -> Response:
    # the person reads this id out, the administrator finds it in the log
    code = request_id.get()
    log.error("unexpected error %s on %s %s", code, request.method, request.path, exc_info=error)
    remedy = _("请稍后再试；如果仍然这样，请把差错编号 %(code)s 告诉管理员。", code=code)
    return error_page(500, _("系统出了意料之外的差错，已经记录下来。"), remedy)


def error_page(
    status: int,
    message: str,
    remedy: str = "",
    *,
    error: FormsvcError | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    if is_api():
        heading = TITLES.get(status, TITLES[400])
        return problem_response(status, heading, message, remedy, error, headers or {})
    if wants_json():
        problems = getattr(error, "problems", ())
        errors = [{"field": p.field, "message": p.sentence()} for p in problems]
        content = jsonify(
            message=message,
            remedy=remedy,
            errors=errors or [{"field": "", "message": join_messages(message, remedy)}],
        )
        return make_response(content, status, dict(headers or {}))
    title = TITLES.get(status, TITLES[400])
    page = render_template(
        "error.html", heading=title, message=message, remedy=remedy, error=error, status=status
    )
    return make_response(page, status, dict(headers or {}))
