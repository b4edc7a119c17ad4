"""Responses of the server itself, to requests no application has seen."""

from __future__ import annotations

import json
from html import escape
from http import HTTPStatus

from formsvc.i18n.messages import Lookup, Message, join_messages, msg, translate
from formsvc.limits import Limits

PROBLEM_TYPES = {408: "timeout", 413: "too-large", 429: "throttled", 431: "too-large", 503: "busy"}
_PAGE = (
    '<!doctype html><html lang="zh"><meta charset="utf-8"><title>{title}</title><h1>{title}</h1><p>{text}</p>'
)


def message_for(status: int, limits: Limits, body_bytes: int) -> tuple[Message, Message]:
    """Return what is wrong and what to do, for a status of this module."""
    if status == 408:
        return (
            msg("请求没有在规定的时间内发完，连接已断开。"),
            msg(
                "请检查网络后重试；网络确实很慢的，请管理员调高 FORMSVC_HEADER_SECONDS、FORMSVC_BODY_SECONDS。"
            ),
        )
    if status == 413:
        return (
            msg("一次上传的内容超过 {n} MB，没有接收。", n=body_bytes // 2**20),
            msg("请压缩照片或者分几次上传。"),
        )
    if status == 429:
        return (
            msg("从这台电脑同时打开的连接超过 {n} 个。", n=limits.connections_per_address),
            msg("请关闭一些窗口；经反向代理访问的，请管理员设置 FORMSVC_PUBLIC_URL。"),
        )
    if status == 431:
        return msg("浏览器发来的请求头过长，没有接收。"), msg("请清除本站的 Cookie，或者缩短网址后重试。")
    if status == 503:
        return msg("同时上传的内容太多，没有接收。"), msg("请稍后重试。")
    if status == 500:
        return msg("系统出了意料之外的差错，已经记录下来。"), msg("请稍后再试。")
    return msg("浏览器发来的内容不完整或者不被接受。"), msg("请返回上一页重试。")


def response_body(
    status: int, message: tuple[Message, Message], lookup: Lookup, *, as_json: bool
) -> tuple[str, bytes]:
    """Return media type and content of the response."""
    wrong, remedy = (translate(part, lookup) for part in message)
    title = translate(msg("请求没有接收"), lookup)
    text = translate(join_messages(*message), lookup)
    if not as_json:
        return "text/html; charset=utf-8", _PAGE.format(title=escape(title), text=escape(text)).encode()
    document = {
        "type": f"urn:formsvc:problem:{PROBLEM_TYPES.get(status, 'malformed')}",
        "title": title,
        "status": status,
        "detail": text,
        "message": wrong,
        "remedy": remedy,
        "errors": [{"field": "", "message": text}],
    }
    return "application/problem+json", json.dumps(document, ensure_ascii=False).encode()


def raw_response(status: int, media_type: str, body: bytes) -> bytes:
    """Return a whole HTTP response that ends the connection."""
    head = (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Type: {media_type}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode("ascii") + body
