"""Every request comes through here: token, scope, allowance, shape, key — and every answer goes out here."""

from __future__ import annotations

import hashlib
import json
import logging
from contextlib import suppress
from functools import partial
from typing import Any

import pydantic
from flask import Blueprint, Flask, Request, Response, current_app, g, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_babel import gettext as _

from formsvc.domain.accounts.api_token import ApiToken
from formsvc.domain.parsing import parse_whole_number
from formsvc.errors import InputRefused, Problem
from formsvc.usecases import idempotency as replies
from formsvc.usecases.administration import api_tokens as tokens
from formsvc.usecases.context import Actor
from formsvc.usecases.throttle import RequestLimiter
from formsvc.web.api.operations import JSON_TYPE, OPERATIONS, UPLOAD_TYPES, Answer, Call, Operation
from formsvc.web.context import ports, who
from formsvc.web.problem_details import RequestRefused, validation_problems
from formsvc.web.security import MAX_UPLOAD_BYTES, MEGABYTE

log = logging.getLogger("formsvc.web")
blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
LIMITER = "formsvc_request_limiter"
LARGEST_JSON = 2 * MEGABYTE
LONGEST_KEY = 200
DEEPEST = 40


class NoSessionForPrograms(SecureCookieSessionInterface):
    """Programs have no session: a cookie sent to the API is neither read nor answered."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """None at the API's addresses."""
        return None if request.path.startswith("/api/") else super().open_session(app, request)


def open_door(app: Flask) -> None:
    """Make a route of each operation."""
    app.session_interface = NoSessionForPrograms()
    if not blueprint.deferred_functions:
        for each in OPERATIONS:
            view = partial(_carry_out, each)
            blueprint.add_url_rule(each.rule, each.name, view, methods=[each.method])
    app.extensions[LIMITER] = RequestLimiter(ports_of(app).store)
    app.register_blueprint(blueprint)


def ports_of(app: Flask) -> Any:
    """The ports of an application outside a request."""
    return app.extensions["formsvc"]


def _carry_out(asked: Operation, **path: str) -> Response:
    """One request from token to answer."""
    request.max_content_length = MAX_UPLOAD_BYTES if asked.uploads else LARGEST_JSON
    if asked.scope is not None:
        token = _admit()
        current_app.extensions[LIMITER].consume(token, ports().clock.now())
        _require_scope(asked, token)
    _require_acceptable(asked)
    call = _call(asked)
    key = request.headers.get(replies.HEADER, "") if asked.repeatable else ""
    if not key:
        return _sent(asked, asked.does(call, **path))
    return _carried_out_once(asked, call, key, path)


def _admit() -> ApiToken:
    """The token of the request; whoever holds it is who acts."""
    scheme, _blank, secret = request.headers.get("Authorization", "").partition(" ")
    found = tokens.holder(ports(), secret.strip()) if scheme.lower() == "bearer" else None
    if found is None:
        raise RequestRefused(
            401,
            _("没有有效的令牌。"),
            _("请在 Authorization 中写“Bearer 令牌”；令牌由管理员发放，过期、收回或者人员停用后失效。"),
            headers={"WWW-Authenticate": 'Bearer realm="formsvc"'},
        )
    token, account = found
    g.token = token
    g.who = Actor(account, via="api", origin=f"{request.remote_addr or ''} {token.name}".strip())
    return token


def _require_scope(asked: Operation, token: ApiToken) -> None:
    if asked.scope is not None and not tokens.scope_is_held(token, asked.scope):
        raise RequestRefused(
            403,
            _("这个令牌的范围不包括这项操作（%(scope)s）。", scope=asked.scope.value),
            _("请管理员另发一个范围合适的令牌。"),
            scope=asked.scope.value,
        )


def _require_acceptable(asked: Operation) -> None:
    fixed = asked.status != 204 and asked.mime != "*/*"
    if fixed and request.accept_mimetypes and not request.accept_mimetypes.quality(asked.mime):
        raise RequestRefused(
            406, _("这个地址只能给出 %(mime)s。", mime=asked.mime), _("请改正 Accept，或者不写 Accept。")
        )


# What was sent -----------------------------------------------------------------------------------------


def _call(asked: Operation) -> Call:
    return Call(
        query=_query(asked),
        body=_body(asked),
        upload=_upload() if asked.uploads else b"",
        version=_version(asked),
    )


def _query(asked: Operation) -> Any:
    model = asked.query
    known = {f.alias or name for name, f in model.model_fields.items()} if model else set()
    problems = [
        Problem(name[:100], _("不认识这个参数，请核对名称。")) for name in request.args if name not in known
    ]
    problems += [
        Problem(name[:100], _("这个参数只能写一次。"))
        for name in request.args
        if len(request.args.getlist(name)) > 1 and name in known
    ]
    if problems:
        raise InputRefused(problems, _("地址中的参数有误。"))
    if model is None:
        return None
    try:
        return model.model_validate(request.args.to_dict())
    except pydantic.ValidationError as wrong:
        raise InputRefused(_once_each(validation_problems(wrong)), _("地址中的参数有误。")) from None


def _once_each(problems: list[Problem]) -> list[Problem]:
    """One problem a parameter, the first that was found."""
    found: dict[str, Problem] = {}
    for problem in problems:
        name = problem.field.partition(".")[0]
        found.setdefault(name, Problem(name, problem.message))
    return list(found.values())


def _body(asked: Operation) -> Any:
    if asked.body is None:
        if not asked.uploads and request.content_length:
            request.get_data(cache=False)  # within the limit; what nobody reads is not kept
        return None
    if request.mimetype != JSON_TYPE:
        raise RequestRefused(
            415,
            _("请求的内容应当是 JSON。"),
            _("请在 Content-Type 中写 application/json。"),
            headers={"Accept": JSON_TYPE},
        )
    try:
        return asked.body.model_validate(_parsed(request.get_data()))
    except pydantic.ValidationError as wrong:
        raise InputRefused(validation_problems(wrong), _("请求的内容有误。")) from None


def _parsed(content: bytes) -> Any:
    """JSON as the standard has it: UTF-8, no NaN, no broken characters, not bottomless."""
    try:
        found = json.loads(content.decode("utf-8"), parse_constant=_refuse_constant)
        json.dumps(found, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        raise RequestRefused(
            400, _("请求的内容不是正确的 JSON（UTF-8）。"), _("请核对括号、引号和编码。")
        ) from None
    if _depth(found) > DEEPEST:
        raise RequestRefused(400, _("请求的内容嵌套过深。"), _("请核对内容的结构。"))
    return found


def _refuse_constant(word: str) -> None:
    raise ValueError(word)


def _depth(value: Any) -> int:
    """How deep lists and objects stand in one another; walked level by level."""
    depth, level = 0, [value]
    while level and depth <= DEEPEST:
        parts = [v.values() if isinstance(v, dict) else v for v in level if isinstance(v, dict | list)]
        level = [inner for part in parts for inner in part]
        depth += 1
    return depth


def _upload() -> bytes:
    if request.mimetype not in UPLOAD_TYPES:
        allowed = ", ".join(UPLOAD_TYPES)
        raise RequestRefused(
            415,
            _("附件只接受 %(types)s。", types=allowed),
            _("请改正 Content-Type。"),
            headers={"Accept": allowed},
        )
    return request.get_data(cache=False)


def _version(asked: Operation) -> int | None:
    """The version that If-Match names."""
    if not (asked.matches or asked.may_match):
        return None
    if "If-Match" not in request.headers:
        if asked.matches:
            raise RequestRefused(
                428, _("修改草稿必须写明所依据的版本。"), _("请先读取草稿，把它的 ETag 写入 If-Match。")
            )
        return None
    if request.headers["If-Match"].strip() == "*":
        return None if not asked.matches else -1
    named = request.headers["If-Match"].strip().removeprefix("W/").strip('"')
    return parse_whole_number(named) or 0


# Once, under a key -------------------------------------------------------------------------------------


def _carried_out_once(asked: Operation, call: Call, key: str, path: dict[str, str]) -> Response:
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise InputRefused([Problem(replies.HEADER, _("幂等键至多 %(n)s 个可见字符。", n=LONGEST_KEY))])
    claimed = replies.claim(ports(), who().account.id, key, _fingerprint(), resumable=asked.resumable)
    if isinstance(claimed, replies.Reply):
        return _repeated(claimed)
    try:
        call = Call(call.query, call.body, call.upload, call.version, claimed.act_id)
        answer = _sent(asked, asked.does(call, **path))
    except BaseException:
        replies.give_up(ports(), claimed)
        raise
    headers = {name: answer.headers[name] for name in ("ETag", "Location") if name in answer.headers}
    body = answer.get_json() if answer.mimetype == JSON_TYPE else None
    replies.settle(ports(), claimed, replies.Reply(answer.status_code, headers, body))
    return answer


def _fingerprint() -> str:
    """What makes two requests the same: method, address, condition and content."""
    content = request.get_data() or b""
    with suppress(ValueError, RecursionError):  # an upload, or nothing
        content = json.dumps(json.loads(content), sort_keys=True).encode()
    parts = [request.method, request.full_path, request.headers.get("If-Match", "")]
    return hashlib.sha256("\n".join(parts).encode() + b"\n" + content).hexdigest()


def _repeated(reply: replies.Reply) -> Response:
    content = b"" if reply.body is None else json.dumps(reply.body, ensure_ascii=False).encode()
    answer = Response(content, reply.status, mimetype=JSON_TYPE)
    answer.headers.update({**reply.headers, "Idempotency-Replayed": "true"})
    return answer


# What goes out -----------------------------------------------------------------------------------------


def _sent(asked: Operation, answer: Answer) -> Response:
    status = answer.status or asked.status
    if isinstance(answer.content, bytes):
        response = Response(answer.content, status, mimetype=answer.mime)
    elif answer.content is None:
        response = Response(b"", status)
        response.headers.pop("Content-Type", None)
    else:
        text = json.dumps(answer.content.model_dump(mode="json", by_alias=True), ensure_ascii=False)
        response = Response(text, status, mimetype=JSON_TYPE)
    response.headers.update(answer.headers)
    if asked.tagged:
        response.headers["Cache-Control"] = "private, no-cache"
        response.make_conditional(request)
    return response
