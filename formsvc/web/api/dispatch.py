"""Dispatch of API requests: token, rate limit, validation, idempotency."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from contextlib import suppress
from functools import partial
from typing import Any

import pydantic
from flask import Blueprint, Flask, Request, Response, current_app, g, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_babel import gettext as _

from formsvc.domain.accounts.api_token import ApiToken, Scope
from formsvc.domain.parsing import parse_whole_number
from formsvc.errors import InputRefused, Problem
from formsvc.limits import process_limits
from formsvc.usecases import idempotency
from formsvc.usecases.administration import api_tokens
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.throttle import RequestLimiter
from formsvc.web.api.operations import JSON_TYPE, OPERATIONS, UPLOAD_TYPES, ApiResponse, Call, Operation
from formsvc.web.api.session_tokens import Holder, find_holder
from formsvc.web.context import ports, who
from formsvc.web.problem_details import RequestRefused, validation_problems
from formsvc.web.security import MEGABYTE, NO_STORE, max_upload_bytes

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
LIMITER = "formsvc_request_limiter"
MAX_KEY_LENGTH = 200
MAX_SHOWN_NAME = 100


class NoApiSessions(SecureCookieSessionInterface):
    """Session interface that neither reads nor sets a cookie under /api/."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        return None if request.path.startswith("/api/") else super().open_session(app, request)


def register_routes(app: Flask) -> None:
    """Create the route of each operation."""
    app.session_interface = NoApiSessions()
    # the tests create several applications in one process, but the blueprint exists once
    if not blueprint.deferred_functions:
        for operation in OPERATIONS:
            view = partial(_dispatch, operation)
            blueprint.add_url_rule(operation.rule, operation.name, view, methods=[operation.method])
    app_ports: Ports = app.extensions["formsvc"]
    app.extensions[LIMITER] = RequestLimiter(app_ports.store)
    app.register_blueprint(blueprint)


def max_json_bytes() -> int:
    return process_limits().api_megabytes * MEGABYTE


def _dispatch(operation: Operation, **path: str) -> Response:
    # set before the body is read: it is refused while it arrives
    request.max_content_length = max_upload_bytes() if operation.accepts_upload else max_json_bytes()
    if operation.scope is not None:
        token = _authenticate(operation)
        # a request refused below counts as well
        current_app.extensions[LIMITER].consume(token, ports().clock.now())
        _require_scope(operation, token)
    _require_acceptable(operation)
    call = _read_call(operation)
    key = request.headers.get(idempotency.HEADER, "") if operation.idempotent else ""
    if not key:
        return _to_response(operation, operation.handler(call, **path))
    return _dispatch_idempotent(operation, call, key, path)


def _authenticate(operation: Operation) -> ApiToken:
    scheme, _blank, secret = request.headers.get("Authorization", "").partition(" ")
    holder = find_holder(secret.strip()) if scheme.lower() == "bearer" else None
    if holder is None:
        raise RequestRefused(
            401,
            _("没有有效的令牌。"),
            _("请在 Authorization 中写“Bearer 令牌”；令牌由管理员发放，过期、收回或者人员停用后失效。"),
            headers={"WWW-Authenticate": 'Bearer realm="formsvc"'},
        )
    _require_kind(operation, holder)
    token, account = holder.token, holder.account
    g.token = token
    g.who = Actor(
        account,
        via="api",
        origin=f"{request.remote_addr or ''} {token.name}".strip(),
        token=token.name,
        sees_personal=api_tokens.has_scope(token, Scope.PERSONAL),
    )
    return token


def _require_kind(operation: Operation, holder: Holder) -> None:
    """Raise RequestRefused for a long-lived token where only short ones open."""
    if operation.opens_session and holder.is_session:
        raise RequestRefused(
            403,
            _("短期令牌不能换取另一个短期令牌。"),
            _("请用管理员发放的令牌换取。"),
        )
    if not (operation.opens_session or holder.is_session) and current_app.config.get("API_SESSION_TOKENS"):
        raise RequestRefused(
            401,
            _("这里只接受短期令牌。"),
            _("请先用您的令牌向 POST /api/v1/session-tokens 换取短期令牌（至多六十分钟）。"),
            headers={"WWW-Authenticate": 'Bearer realm="formsvc"'},
        )


def _require_scope(operation: Operation, token: ApiToken) -> None:
    if operation.scope is not None and not api_tokens.has_scope(token, operation.scope):
        raise RequestRefused(
            403,
            _("这个令牌的范围不包括这项操作（%(scope)s）。", scope=operation.scope.value),
            _("请管理员另发一个范围合适的令牌。"),
            scope=operation.scope.value,
        )


def _require_acceptable(operation: Operation) -> None:
    has_fixed_type = operation.status != 204 and operation.mime != "*/*"
    accepted = request.accept_mimetypes
    if has_fixed_type and accepted and not accepted.quality(operation.mime):
        raise RequestRefused(
            406, _("这个地址只能给出 %(mime)s。", mime=operation.mime), _("请改正 Accept，或者不写 Accept。")
        )


# The request -------------------------------------------------------------------------------------------


def _read_call(operation: Operation) -> Call:
    return Call(
        query=_read_query(operation),
        body=_read_body(operation),
        upload=_read_upload() if operation.accepts_upload else b"",
        version=_read_version(operation),
    )


def _read_query(operation: Operation) -> Any:
    model = operation.query
    known = {f.alias or name for name, f in model.model_fields.items()} if model else set()
    problems = [
        Problem(name[:MAX_SHOWN_NAME], _("不认识这个参数，请核对名称。"))
        for name in request.args
        if name not in known
    ]
    problems += [
        Problem(name[:MAX_SHOWN_NAME], _("这个参数只能写一次。"))
        for name in request.args
        if len(request.args.getlist(name)) > 1 and name in known
    ]
    if problems:
        raise InputRefused(problems, _("地址中的参数有误。"))
    if model is None:
        return None
    try:
        return model.model_validate(request.args.to_dict())
    except pydantic.ValidationError as error:
        raise InputRefused(
            _first_per_parameter(validation_problems(error)), _("地址中的参数有误。")
        ) from None


def _first_per_parameter(problems: list[Problem]) -> list[Problem]:
    # pydantic reports one error for each branch of a union, such as "number or empty"
    by_name: dict[str, Problem] = {}
    for problem in problems:
        name = problem.field.partition(".")[0]
        by_name.setdefault(name, Problem(name, problem.message))
    return list(by_name.values())


def _read_body(operation: Operation) -> Any:
    if operation.body is None:
        # a body that no handler reads still has to keep to the size limit; it is not stored
        if not operation.accepts_upload and request.content_length:
            request.get_data(cache=False)
        return None
    if request.mimetype != JSON_TYPE:
        raise RequestRefused(
            415,
            _("请求的内容应当是 JSON。"),
            _("请在 Content-Type 中写 application/json。"),
            headers={"Accept": JSON_TYPE},
        )
    try:
        return operation.body.model_validate(_parse_json(request.get_data()))
    except pydantic.ValidationError as error:
        raise InputRefused(validation_problems(error), _("请求的内容有误。")) from None


def _parse_json(content: bytes) -> Any:
    """Parse JSON as RFC 8259 has it: UTF-8, no NaN, no lone surrogates."""
    try:
        value = json.loads(
            content.decode("utf-8"), parse_constant=_reject_constant, object_pairs_hook=_unique_keys
        )
        # "\ud800" is a lone surrogate: json reads it, but nothing can store it
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except DuplicateKey as twice:
        name = twice.args[0][:MAX_SHOWN_NAME]
        raise RequestRefused(
            400,
            _("请求的内容里，“%(name)s”在同一个对象中写了两次。", name=name),
            _("请只写一次：两处不同时无从知道以哪一处为准。"),
            [Problem(name, _("这一项写了两次。"))],
        ) from None
    except (ValueError, RecursionError):
        raise RequestRefused(
            400, _("请求的内容不是正确的 JSON（UTF-8）。"), _("请核对括号、引号和编码。")
        ) from None
    most = process_limits().json_depth
    if _depth(value, most) > most:
        raise RequestRefused(
            400,
            _("请求的内容嵌套超过 %(n)s 层。", n=most),
            _("请核对内容的结构，或者调高 FORMSVC_JSON_DEPTH。"),
        )
    return value


class DuplicateKey(ValueError):
    """A key that an object has twice; the argument is the key."""


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        counts = Counter(name for name, _value in pairs)
        raise DuplicateKey(counts.most_common(1)[0][0])
    return value


def _reject_constant(name: str) -> None:
    raise ValueError(name)


def _depth(value: Any, most: int) -> int:
    # level by level instead of by recursion, and no deeper than one level too many
    depth, level = 0, [value]
    while level and depth <= most:
        containers = [v.values() if isinstance(v, dict) else v for v in level if isinstance(v, dict | list)]
        level = [inner for container in containers for inner in container]
        depth += 1
    return depth


def _read_upload() -> bytes:
    if request.mimetype not in UPLOAD_TYPES:
        allowed = ", ".join(UPLOAD_TYPES)
        raise RequestRefused(
            415,
            _("附件只接受 %(types)s。", types=allowed),
            _("请改正 Content-Type。"),
            headers={"Accept": allowed},
        )
    return request.get_data(cache=False)


def _read_version(operation: Operation) -> int | None:
    """Return the version in If-Match; None if the operation accepts any."""
    if not (operation.requires_if_match or operation.accepts_if_match):
        return None
    if "If-Match" not in request.headers:
        if operation.requires_if_match:
            raise RequestRefused(
                428, _("修改草稿必须写明所依据的版本。"), _("请先读取草稿，把它的 ETag 写入 If-Match。")
            )
        return None
    if request.headers["If-Match"].strip() == "*":
        # "*" means any version, which is no version where one is required: -1 matches none
        return None if not operation.requires_if_match else -1
    # proxies that compress weaken an ETag; versions start at 1, so that 0 matches none
    etag = request.headers["If-Match"].strip().removeprefix("W/").strip('"')
    return parse_whole_number(etag) or 0


# Idempotency -------------------------------------------------------------------------------------------


def _dispatch_idempotent(operation: Operation, call: Call, key: str, path: dict[str, str]) -> Response:
    if len(key) > MAX_KEY_LENGTH or not key.isprintable():
        raise InputRefused(
            [Problem(idempotency.HEADER, _("幂等键至多 %(n)s 个可见字符。", n=MAX_KEY_LENGTH))]
        )
    # of this token: another one of the same person may not be meant to see the response
    owner = f"{who().account.id}\n{g.token.id}"
    claim = idempotency.acquire(ports(), owner, key, _fingerprint(), resumable=operation.resumable)
    if isinstance(claim, idempotency.StoredResponse):
        return _replay(claim)
    try:
        call = Call(call.query, call.body, call.upload, call.version, claim.act_id)
        response = _to_response(operation, operation.handler(call, **path))
    except BaseException:
        # a refused request does not use up its key: corrected, it may be sent under it again
        idempotency.release(ports(), claim)
        raise
    headers = {name: response.headers[name] for name in ("ETag", "Location") if name in response.headers}
    body = response.get_json() if response.mimetype == JSON_TYPE else None
    idempotency.complete(ports(), claim, idempotency.StoredResponse(response.status_code, headers, body))
    return response


def _fingerprint() -> str:
    """Return a hash of method, address, condition and content of the request."""
    content = request.get_data() or b""
    # a program may order the keys of the same content differently; an upload is not JSON
    with suppress(ValueError, RecursionError):
        content = json.dumps(json.loads(content), sort_keys=True).encode()
    parts = [request.method, request.full_path, request.headers.get("If-Match", "")]
    return hashlib.sha256("\n".join(parts).encode() + b"\n" + content).hexdigest()


def _replay(stored: idempotency.StoredResponse) -> Response:
    content = b"" if stored.body is None else json.dumps(stored.body, ensure_ascii=False).encode()
    response = Response(content, stored.status, mimetype=JSON_TYPE)
    response.headers.update({**stored.headers, "Idempotency-Replayed": "true"})
    return response


# The response ------------------------------------------------------------------------------------------


def _to_response(operation: Operation, result: ApiResponse) -> Response:
    status = result.status or operation.status
    if isinstance(result.content, bytes):
        response = Response(result.content, status, mimetype=result.mime)
    elif result.content is None:
        response = Response(b"", status)
        response.headers.pop("Content-Type", None)
    else:
        text = json.dumps(result.content.model_dump(mode="json", by_alias=True), ensure_ascii=False)
        response = Response(text, status, mimetype=JSON_TYPE)
    response.headers.update(result.headers)
    if operation.etag:
        # personal data: no cache keeps it; a program that kept the tag still asks with it
        response.headers["Cache-Control"] = NO_STORE
        response.make_conditional(request)
    return response
