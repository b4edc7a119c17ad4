"""OpenAPI 3.1 description, generated from the table of operations."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pydantic
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from formsvc.domain.accounts.api_token import SCOPE_NAMES
from formsvc.domain.json_types import JSON
from formsvc.usecases.idempotency import HEADER as IDEMPOTENCY_KEY
from formsvc.version import __version__
from formsvc.web.api.operations import (
    JSON_TYPE,
    OPERATIONS,
    PATH_DESCRIPTIONS,
    PATH_PATTERNS,
    UPLOAD_TYPES,
    Operation,
)
from formsvc.web.problem_details import MEDIA_TYPE, ProblemDetails

REF = "#/components/schemas/{model}"
ROOT = "/api/v1"
# any operation can return these
ALWAYS = (400, 401, 403, 405, 406, 413, 422, 429, 500, 503)
STATUS_DESCRIPTIONS = {
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
INTRODUCTION = (
    "以 JSON 办理消防文书：从起草到送达，网页上能办的都能办。\n\n"
    "每个请求在 Authorization 中写“Bearer 令牌”。令牌由管理员发放，有范围、有效期和每分钟的请求数；"
    "令牌的权限不超过它的主人。差错一律是 application/problem+json（RFC 9457）。"
)


def error_statuses_of(operation: Operation) -> list[int]:
    """Return every error status an operation can return."""
    statuses = {*ALWAYS, *operation.error_statuses}
    if operation.scope is None:
        statuses -= {401, 403, 429}
    if operation.body or operation.accepts_upload:
        statuses.add(415)
    if operation.idempotent:
        statuses.add(409)
    return sorted(statuses)


@cache
def openapi() -> dict[str, JSON]:
    """Return the OpenAPI document."""
    schemas = _component_schemas()
    paths: dict[str, dict[str, JSON]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _describe(operation)
    tags = dict.fromkeys(operation.tag for operation in OPERATIONS)
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {"title": "基层消防文书接口", "version": __version__, "description": INTRODUCTION},
        "servers": [{"url": ROOT}],
        "security": [{"token": []}],
        "tags": [{"name": str(tag)} for tag in tags],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "管理员发放的令牌"}
            },
            "responses": {str(status): _error_response(status) for status in sorted(STATUS_DESCRIPTIONS)},
        },
    }


class _ComponentNames(GenerateJsonSchema):
    """Schema generator that names components by title instead of by class."""

    def normalize_name(self, name: str) -> str:
        # without this hook renaming a class would rename a component, and programs are
        # generated from the component names
        return _component_names().get(name) or super().normalize_name(name)


@cache
def _component_names() -> dict[str, str]:
    ours = (model for model in _subclasses(pydantic.BaseModel) if model.__module__.startswith(__package__))
    return {model.__name__: model.model_config.get("title") or model.__name__ for model in ours}


def _subclasses(model: type[pydantic.BaseModel]) -> Iterator[type[pydantic.BaseModel]]:
    for subclass in model.__subclasses__():
        yield subclass
        yield from _subclasses(subclass)


def _models() -> Iterator[tuple[type[pydantic.BaseModel], JsonSchemaMode]]:
    for operation in OPERATIONS:
        if operation.body:
            yield operation.body, "validation"
        if operation.response:
            yield operation.response, "serialization"
    yield ProblemDetails, "serialization"


def _component_schemas() -> dict[str, JSON]:
    models = list(dict.fromkeys(_models()))
    _refs, schema = models_json_schema(models, ref_template=REF, schema_generator=_ComponentNames)
    return dict(sorted(schema["$defs"].items()))


def _ref(model: type[pydantic.BaseModel]) -> dict[str, str]:
    return {"$ref": REF.format(model=_component_names().get(model.__name__, model.__name__))}


def _describe(operation: Operation) -> dict[str, JSON]:
    description: dict[str, JSON] = {
        "operationId": operation.name,
        "summary": str(operation.summary),
        "tags": [str(operation.tag)],
        "parameters": [
            *_path_parameters(operation),
            *_query_parameters(operation),
            *_header_parameters(operation),
        ],
        "responses": {str(operation.status): _success_response(operation), **_error_responses(operation)},
    }
    if operation.scope is None:
        description["security"] = []
    else:
        scope = operation.scope
        description["description"] = f"令牌的范围：`{scope.value}`（{SCOPE_NAMES[scope]}）"
    if operation.body:
        content: JSON = {JSON_TYPE: {"schema": _ref(operation.body)}}
        description["requestBody"] = {"required": True, "content": content}
    if operation.accepts_upload:
        description["requestBody"] = {"required": True, "content": {mime: {} for mime in UPLOAD_TYPES}}
    return description


def _path_parameters(operation: Operation) -> list[JSON]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": str(PATH_DESCRIPTIONS[name]),
            "schema": {"type": "string", "pattern": f"^{PATH_PATTERNS[name]}$"},
        }
        for name in operation.path_parameters
    ]


def _query_parameters(operation: Operation) -> list[JSON]:
    if operation.query is None:
        return []
    # OpenAPI has no parameter object: each property of the model becomes a parameter
    schema = operation.query.model_json_schema(ref_template=REF)
    required = schema.get("required", [])
    return [
        {
            "name": name,
            "in": "query",
            "description": described.get("description", ""),
            "required": name in required,
            "schema": {key: value for key, value in described.items() if key not in ("description", "title")},
        }
        for name, described in schema["properties"].items()
    ]


def _header_parameters(operation: Operation) -> list[JSON]:
    headers = []
    if operation.requires_if_match or operation.accepts_if_match:
        text = "读取时得到的 ETag；不相符则什么也不改（412）"
        required = operation.requires_if_match
        headers.append(_header("If-Match", text, required=required, pattern=r'^"[1-9][0-9]{0,8}"$'))
    if operation.idempotent:
        text = "幂等键：同一个键再次请求得到同样的结果，不会办两次；保留 7 日"
        headers.append(_header(IDEMPOTENCY_KEY, text, required=False, pattern=r"^[!-~]{1,200}$"))
    return headers


def _header(name: str, description: str, *, required: bool, pattern: str) -> JSON:
    schema = {"type": "string", "pattern": pattern}
    return {
        "name": name,
        "in": "header",
        "required": required,
        "description": description,
        "schema": schema,
    }


def _success_response(operation: Operation) -> JSON:
    response: dict[str, JSON] = {"description": "已办"}
    if operation.response:
        response["content"] = {JSON_TYPE: {"schema": _ref(operation.response)}}
    elif operation.status != 204:
        mimes = UPLOAD_TYPES if operation.mime == "*/*" else (operation.mime,)
        response["content"] = {mime: {} for mime in mimes}
    return response


def _error_responses(operation: Operation) -> dict[str, JSON]:
    responses: dict[str, JSON] = {
        str(status): {"$ref": f"#/components/responses/{status}"} for status in error_statuses_of(operation)
    }
    if operation.etag:
        responses["304"] = {"description": "没有变化（If-None-Match）"}
    return responses


def _error_response(status: int) -> JSON:
    response: dict[str, JSON] = {
        "description": STATUS_DESCRIPTIONS[status],
        "content": {MEDIA_TYPE: {"schema": _ref(ProblemDetails)}},
    }
    if status in (409, 429, 503):
        response["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "等几秒"}}
    return response
