"""API description, the token in use, and the tasks of its person."""

from __future__ import annotations

from datetime import timedelta

from flask import g, request

from formsvc.domain.accounts.api_token import ApiToken, Scope
from formsvc.domain.json_types import JSON
from formsvc.errors import InputRefused, Problem
from formsvc.i18n.messages import format_list, msg
from formsvc.usecases.acts import search
from formsvc.usecases.approval import review
from formsvc.web.api.openapi import ROOT, openapi
from formsvc.web.api.operations import ApiResponse, Call, operation
from formsvc.web.api.request_schemas import SessionTokenRequest
from formsvc.web.api.response_schemas import OpenAPIDocument, SessionToken, TaskList, TokenDetail
from formsvc.web.api.serializers import act_summary
from formsvc.web.api.session_tokens import make_session_token
from formsvc.web.context import ports, who

TAG = msg("概况")
LOOK_AHEAD = timedelta(days=30)


@operation(
    "GET", "/openapi.json", TAG, msg("本说明（OpenAPI 3.1），不需要令牌"), None, response=OpenAPIDocument
)
def get_openapi(call: Call) -> ApiResponse:
    # under the path of the public address
    servers: list[JSON] = [{"url": f"{request.script_root}{ROOT}"}]
    return ApiResponse(OpenAPIDocument({**openapi(), "servers": servers}))


@operation("GET", "/me", TAG, msg("这个令牌是谁的、范围、到期时间"), Scope.READ, response=TokenDetail)
def get_me(call: Call) -> ApiResponse:
    account, token = who().account, g.token
    return ApiResponse(
        TokenDetail(
            account=account.id,
            display_name=account.display_name,
            office=account.office,
            roles=account.roles,
            token=token.name,
            scopes=list(token.scopes),
            expires_at=token.expires().isoformat(timespec="seconds"),
            limit=token.limit,
        )
    )


@operation(
    "POST", "/session-tokens", TAG,
    msg("用令牌换取短期令牌（缺省十五分钟，至多六十分钟），以后的请求用它；原来的令牌收回、到期，它随即失效"),
    Scope.READ, body=SessionTokenRequest, response=SessionToken, status=201, opens_session=True,
)  # fmt: skip
def create_session_token(call: Call) -> ApiResponse:
    body: SessionTokenRequest = call.body
    token: ApiToken = g.token
    asked = token.scopes if body.scopes is None else body.scopes
    beyond = sorted(set(asked) - set(token.scopes))
    if beyond:
        raise InputRefused(
            [Problem("scopes", msg("原来的令牌没有范围 {words}。", words=format_list(beyond)))]
        )
    secret, made = make_session_token(token, list(dict.fromkeys(asked)), body.minutes)
    return ApiResponse(SessionToken(token=secret, scopes=list(made.scopes), expires_at=made.expires_at))


@operation("GET", "/tasks", TAG, msg("待我办理的、我的草稿、即将到期的"), Scope.READ, response=TaskList)
def get_tasks(call: Call) -> ApiResponse:
    until = (ports().clock.today() + LOOK_AHEAD).isoformat()
    return ApiResponse(
        TaskList(
            waiting=[act_summary(act) for act in review.list_tasks(ports(), who())],
            drafts=[act_summary(act) for act in search.list_drafts(ports(), who())],
            due=[act_summary(act) for act in search.list_due_acts(ports(), who(), until)[0]],
        )
    )
