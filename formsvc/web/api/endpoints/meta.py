"""API description, the token in use, and the tasks of its person."""

from __future__ import annotations

from datetime import timedelta

from flask import g, request

from formsvc.domain.accounts.api_token import Scope
from formsvc.domain.json_types import JSON
from formsvc.i18n.messages import msg
from formsvc.usecases.acts import search
from formsvc.usecases.approval import review
from formsvc.web.api.openapi import ROOT, openapi
from formsvc.web.api.operations import ApiResponse, Call, operation
from formsvc.web.api.response_schemas import OpenAPIDocument, TaskList, TokenDetail
from formsvc.web.api.serializers import act_summary
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
