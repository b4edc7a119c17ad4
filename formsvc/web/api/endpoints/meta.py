"""What the API is, and who asks."""

from __future__ import annotations

from datetime import timedelta

from flask import g

from formsvc.domain.accounts.api_token import Scope
from formsvc.i18n.messages import msg
from formsvc.usecases.acts import search as registers
from formsvc.usecases.approval import review as reviewing
from formsvc.web.api.openapi import openapi
from formsvc.web.api.operations import Answer, Call, operation
from formsvc.web.api.schemas import Described, MeTold, TaskTold
from formsvc.web.api.serializers import told
from formsvc.web.context import ports, who

PART = msg("概况")
LOOK_AHEAD = timedelta(days=30)


@operation("GET", "/openapi.json", PART, msg("本说明（OpenAPI 3.1），不需要令牌"), None, answer=Described)
def get_openapi(call: Call) -> Answer:
    """The description of the API."""
    return Answer(Described(openapi()))


@operation("GET", "/me", PART, msg("这个令牌是谁的、范围、到期时间"), Scope.READ, answer=MeTold)
def get_me(call: Call) -> Answer:
    """The token and its account."""
    account, token = who().account, g.token
    return Answer(
        MeTold(
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


@operation("GET", "/tasks", PART, msg("待我办理的、我的草稿、即将到期的"), Scope.READ, answer=TaskTold)
def get_tasks(call: Call) -> Answer:
    """What waits for the account."""
    until = (ports().clock.today() + LOOK_AHEAD).isoformat()
    return Answer(
        TaskTold(
            waiting=[told(act) for act in reviewing.waiting_for(ports(), who())],
            drafts=[told(act) for act in registers.drafts_of(ports(), who())],
            due=[told(act) for act in registers.due_acts(ports(), who(), until)[0]],
        )
    )
