"""The OpenAPI 3.1 document and its Chinese page, both made from the table of operations."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import pydantic
from pydantic.json_schema import models_json_schema

from formsvc.domain.accounts.api_token import SCOPE_NAMES
from formsvc.domain.json_types import JSON
from formsvc.usecases.idempotency import HEADER
from formsvc.version import __version__
from formsvc.web.api.operations import (
    JSON_TYPE,
    OPERATIONS,
    PATH_PATTERNS,
    PATH_WORDS,
    UPLOAD_TYPES,
    Operation,
)
from formsvc.web.problem_details import MEDIA_TYPE, ProblemDetails

REF = "#/components/schemas/{model}"
ROOT = "/api/v1"
ALWAYS = (400, 401, 403, 405, 406, 413, 422, 429, 500, 503)
WHEN = {
    400: "请求不是正确的 HTTP 或者 JSON",
    401: "没有有效的令牌",
    403: "没有这项权限，或者令牌的范围不包括",
    404: "没有这件，或者您不能查看",
    405: "这个地址不接受这种方法",
    406: "给不出 Accept 要求的格式",
    409: "文书现在的状态不允许，或者与别的请求冲突；state 和 allowed 写明现状",
    412: "读取之后有变动（If-Match）",
    413: "内容太大",
    415: "内容的格式不对（Content-Type）",
    422: "内容有误，errors 逐项写明",
    428: "没有写 If-Match",
    429: "请求太多，Retry-After 写明等几秒",
    500: "系统出了差错，detail 中有差错编号",
    503: "系统正忙，什么也没有改变，Retry-After 写明等几秒",
}
LEAD = (
    "以 JSON 办理消防文书：从起草到送达，网页上能办的都能办。\n\n"
    "每个请求在 Authorization 中写“Bearer 令牌”。令牌由管理员发放，有范围、有效期和每分钟的请求数；"
    "令牌的权限不超过它的主人。差错一律是 application/problem+json（RFC 9457）。"
)


def refusals_of(asked: Operation) -> list[int]:
    """Every status other than success an operation can answer."""
    found = {*ALWAYS, *asked.refusals}
    if asked.scope is None:
        found -= {401, 403, 429}
    if asked.body or asked.uploads:
        found.add(415)
    if asked.repeatable:
        found.add(409)
    return sorted(found)


@cache
def openapi() -> dict[str, JSON]:
    """The document."""
    schemas = _schemas()
    paths: dict[str, dict[str, JSON]] = {}
    for each in OPERATIONS:
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each)
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {"title": "基层消防文书接口", "version": __version__, "description": LEAD},
        "servers": [{"url": ROOT}],
        "security": [{"token": []}],
        "tags": [{"name": str(part)} for part in dict.fromkeys(each.part for each in OPERATIONS)],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "管理员发放的令牌"}
            },
            "responses": {str(status): _refusal(status) for status in sorted(WHEN)},
        },
    }


def _models() -> Iterator[tuple[type[pydantic.BaseModel], Any]]:
    for each in OPERATIONS:
        if each.body:
            yield each.body, "validation"
        if each.answer:
            yield each.answer, "serialization"
    yield ProblemDetails, "serialization"


def _schemas() -> dict[str, JSON]:
    wanted = list(dict.fromkeys(_models()))
    _places, found = models_json_schema(wanted, ref_template=REF)
    return dict(sorted(found["$defs"].items()))


def _ref(model: type[pydantic.BaseModel]) -> dict[str, str]:
    return {"$ref": REF.format(model=model.__name__)}


def _operation(asked: Operation) -> dict[str, JSON]:
    described: dict[str, JSON] = {
        "operationId": asked.name,
        "summary": str(asked.summary),
        "tags": [str(asked.part)],
        "parameters": [*_path_parameters(asked), *_query_parameters(asked), *_header_parameters(asked)],
        "responses": {str(asked.status): _success(asked), **_refusals(asked)},
    }
    if asked.scope is None:
        described["security"] = []
    else:
        described["description"] = f"令牌的范围：`{asked.scope.value}`（{SCOPE_NAMES[asked.scope]}）"
    if asked.body:
        described["requestBody"] = {"required": True, "content": {JSON_TYPE: {"schema": _ref(asked.body)}}}
    if asked.uploads:
        described["requestBody"] = {"required": True, "content": {mime: {} for mime in UPLOAD_TYPES}}
    return described


def _path_parameters(asked: Operation) -> list[JSON]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": str(PATH_WORDS[name]),
            "schema": {"type": "string", "pattern": f"^{PATH_PATTERNS[name]}$"},
        }
        for name in asked.variables
    ]


def _query_parameters(asked: Operation) -> list[JSON]:
    if asked.query is None:
        return []
    schema = asked.query.model_json_schema(ref_template=REF)
    required = schema.get("required", [])
    found = []
    for name, told in schema["properties"].items():
        rest = {word: value for word, value in told.items() if word not in ("description", "title")}
        words = {"description": told.get("description", ""), "required": name in required}
        found.append({"name": name, "in": "query", **words, "schema": rest})
    return found


def _header_parameters(asked: Operation) -> list[JSON]:
    found = []
    if asked.matches or asked.may_match:
        words = "读取时得到的 ETag；不相符则什么也不改（412）"
        found.append(_header("If-Match", words, required=asked.matches, pattern=r'^"[1-9][0-9]{0,8}"$'))
    if asked.repeatable:
        words = "幂等键：同一个键再次请求得到同样的结果，不会办两次；保留 7 日"
        found.append(_header(HEADER, words, required=False, pattern=r"^[!-~]{1,200}$"))
    return found


def _header(name: str, words: str, *, required: bool, pattern: str) -> JSON:
    schema = {"type": "string", "pattern": pattern}
    return {"name": name, "in": "header", "required": required, "description": words, "schema": schema}


def _success(asked: Operation) -> JSON:
    told: dict[str, JSON] = {"description": "已办"}
    if asked.answer:
        told["content"] = {JSON_TYPE: {"schema": _ref(asked.answer)}}
    elif asked.status != 204:
        mimes = UPLOAD_TYPES if asked.mime == "*/*" else (asked.mime,)
        told["content"] = {mime: {} for mime in mimes}
    return told


def _refusals(asked: Operation) -> dict[str, JSON]:
    found: dict[str, JSON] = {
        str(status): {"$ref": f"#/components/responses/{status}"} for status in refusals_of(asked)
    }
    if asked.tagged:
        found["304"] = {"description": "没有变化（If-None-Match）"}
    return found


def _refusal(status: int) -> JSON:
    told: dict[str, JSON] = {
        "description": WHEN[status],
        "content": {MEDIA_TYPE: {"schema": _ref(ProblemDetails)}},
    }
    if status in (429, 503):
        told["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "等几秒"}}
    return told
