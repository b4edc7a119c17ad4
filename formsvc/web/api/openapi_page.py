"""docs/api.md, generated from the OpenAPI document (``make api-page``)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from formsvc.domain.accounts.api_token import SCOPE_NAMES
from formsvc.domain.json_types import JSON
from formsvc.web.api import ENDPOINTS
from formsvc.web.api.openapi import INTRODUCTION, ROOT, STATUS_DESCRIPTIONS, openapi

PAGE_FILE = Path(__file__).resolve().parents[3] / "docs" / "api.md"
assert ENDPOINTS  # imported for the operations they enter into the table
TYPE_NAMES = {
    "string": "文字",
    "integer": "整数",
    "number": "数",
    "boolean": "是否",
    "object": "对象",
    "array": "列表",
    "null": "空",
}
LOCATIONS = {"path": "地址", "query": "查询", "header": "请求头"}
PREFACE = """\
# 程序接口

{lead}

地址都在 `{root}` 之下；OpenAPI 3.1 文件在 `{root}/openapi.json`，本页由它生成（`make api-page`），不要手工修改。

## 令牌

管理员在“系统管理 → 接口令牌”发放，本人登录后在“我的令牌”确认才能使用，有效 90 天，本人可以续期；或者在服务器上发放，立即可用，本人在首页看到通知：

    formsvc token add 网格系统 --for staff --scope read --scope draft --days 90 --limit 120
    formsvc token list
    formsvc token revoke 编号

令牌只显示一次。不写 `--scope` 为全部范围，不写 `--days` 为一年，不写 `--limit` 为每分钟 600 次；服务器上发放的令牌按它自己的 `--limit` 计，不另按人限制。

短期令牌：程序把发给它的令牌放在稳妥的地方，只用它换取短期令牌（`POST /api/v1/session-tokens`，缺省十五分钟，至多六十分钟，范围可以更小），别的请求都用短期令牌。短期令牌不保存；原来的令牌收回、到期，或者人员停用，它随即失效。管理员设了 `FORMSVC_API_SESSION_TOKENS=true` 的，别的地址只接受短期令牌。

{scopes}

## 约定

- **幂等键**：修改类的请求可以带 `Idempotency-Key`（至多 200 个可见字符）。同一个键、同样的内容再次请求，得到同样的结果（答复带 `Idempotency-Replayed: true`），不会办两次，几个工作进程之间、服务重启之后也一样；同一个键、不同的内容为 422。上一次还在办理的为 409，`Retry-After` 写明等几秒；办理它的进程中断的立即可以再来，不知是否办成而不能重做的为 409。被拒绝的请求没有占用键，改正后可以再用。键保留 7 日，各个令牌的键互不相干。
- **版本**：文书的答复带 `ETag`。改写草稿（PUT）必须把它写进 `If-Match`；读取之后有变动的为 412，不覆盖别人的修改。
- **翻页**：列表每页 50 项（案件 20 项），`page` 从 1 起，答复写明 `total` 和 `pages`。
- **查找**：查找当事人等个人信息的，用 `POST /acts/search`、`POST /cases/search`，词在请求内容里；地址（`GET` 的 `q`、上传附件的 `name`）会留在代理和浏览器的记录里，只用来查找文号、名称。文件名有个人信息的写在 `Content-Disposition: attachment; filename*=UTF-8''…` 里。管理员设了 `FORMSVC_API_WORDS_IN_BODY=true` 的，地址里的不接受。
- **大小**：JSON 至多 2 MB、嵌套 40 层，同一个对象里一个键只写一次；附件至多 20 MB。上传的附件和样张另按人限制（每分钟、每小时），超过为 429。
- **限速**：每分钟的请求数由全部工作进程合并计算，超过的为 429，`Retry-After` 写明等几秒；系统正忙为 503（也包括同一个文号系列等着编号的太多），什么也没有改变，照 `Retry-After` 再来。每个答复的 `X-Request-Id` 是请求编号，请连同差错告诉管理员。
- **个人信息**：没有 `personal` 范围的令牌，证件号码、手机号、自然人住址只显示一部分，也取不到含有它们的正式文件（可以取公开版）。办理之后的答复也只显示一部分。看到原文的，记入文书的查阅记录。
- **语言和格式**：一律 UTF-8。不用 Cookie。

## 差错

`application/problem+json`（RFC 9457），例如：

    {{"type": "urn:formsvc:problem:input-refused", "title": "没有办成", "status": 422,
     "detail": "填报内容有 1 处需要更正。请按提示逐项更正后再提交。",
     "errors": [{{"field": "hazards.0.deadline", "message": "……"}}]}}

{statuses}

## 一个完整的案件

[`api-case.py`](api-case.py) 只用 Python 标准库，从检查通知、检查记录、责令改正到复查意见，连同各件的送达回证，全部通过接口办理；一步一件文书，写在 JSON 里，增减步骤不用改脚本；最后写出案件接下来要做什么、最迟哪一天（如复查未改正的移送）。
"""


def api_page() -> str:
    """Return the page as Markdown."""
    scopes = "\n".join(
        ["| 范围 | 可以做什么 |", "|---|---|", *(f"| `{s.value}` | {n} |" for s, n in SCOPE_NAMES.items())]
    )
    statuses = "\n".join(
        [
            "| 状态码 | 何时 |",
            "|---|---|",
            *(f"| {code} | {when} |" for code, when in STATUS_DESCRIPTIONS.items()),
        ]
    )
    preface = PREFACE.format(lead=INTRODUCTION, root=ROOT, scopes=scopes, statuses=statuses)
    return "\n".join([preface, *_tags(openapi()), "## 内容的格式\n", *_schemas(openapi())]).rstrip() + "\n"


def _tags(document: dict[str, JSON]) -> Iterator[str]:
    for tag in document["tags"]:
        yield f"## {tag['name']}\n"
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                if tag["name"] in operation["tags"]:
                    yield from _operation(method.upper(), path, operation)


def _operation(method: str, path: str, operation: dict[str, JSON]) -> Iterator[str]:
    yield f"### {method} {path}\n"
    yield f"{operation['summary']}。{operation.get('description', '')}\n"
    rows = [
        f"| `{p['name']}` | {LOCATIONS[p['in']]} | {'是' if p['required'] else ''} | {p['description']} |"
        for p in operation["parameters"]
    ]
    if rows:
        yield "\n".join(["| 参数 | 位置 | 必填 | 说明 |", "|---|---|---|---|", *rows]) + "\n"
    for mime, content in operation.get("requestBody", {}).get("content", {}).items():
        yield f"请求：{_schema_link(mime, content)}\n"
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            links = [_schema_link(mime, content) for mime, content in response.get("content", {}).items()]
            yield f"答复 {status}：{'、'.join(links) or '没有内容'}\n"
    others = [status for status in operation["responses"] if not status.startswith("2")]
    yield f"其他：{'、'.join(others)}\n"


def _schema_link(mime: str, content: dict[str, JSON]) -> str:
    name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
    return f"[{name}](#{name.lower()})" if name else mime


def _schemas(document: dict[str, JSON]) -> Iterator[str]:
    for name, schema in document["components"]["schemas"].items():
        # the OpenAPI document itself is a component without properties
        if "properties" not in schema:
            continue
        yield f"### {name}\n"
        required = schema.get("required", [])
        rows = [
            f"| `{key}` | {_type(field)} | {'是' if key in required else ''} | {field.get('description', '')} |"
            for key, field in schema["properties"].items()
        ]
        yield "\n".join(["| 项 | 类型 | 必有 | 说明 |", "|---|---|---|---|", *rows]) + "\n"


def _type(schema: dict[str, JSON]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return "、".join(dict.fromkeys(_type(branch) for branch in schema["anyOf"]))
    if "enum" in schema:
        return "、".join(f"`{value}`" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"{_type(schema.get('items', {}))} 的列表"
    return TYPE_NAMES.get(str(schema.get("type", "")), "任意")


def main() -> None:
    PAGE_FILE.write_text(api_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
