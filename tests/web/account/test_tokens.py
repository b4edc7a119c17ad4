"""Tokens: a person confirms what others make in their name, and the history says that a program did it."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import State
from formsvc.errors import InputRefused, NotFound
from formsvc.limits import Limits
from formsvc.usecases.administration import api_tokens
from formsvc.usecases.drafting import drafts
from formsvc.usecases.ports import Condition
from tests.support.issued_acts import add_person, before_the_order, have_reviewed, order
from tests.support.memory_office import Office, make_office
from tests.support.page_client import Visitor


def visitor(office: Office, name: str) -> Visitor:
    arrived = Visitor(office.app)
    arrived.sign_in(name)
    return arrived


def call(office: Office, secret: str, method: str, path: str, **more: Any) -> int:
    client = FlaskClient(office.app, office.app.response_class)
    headers = {"Authorization": f"Bearer {secret}"}
    return client.open(f"/api/v1{path}", method=method, headers=headers, **more).status_code


def made_on_page(office: Office, account: str, scopes: tuple[str, ...] = ("read", "draft")) -> str:
    admin = sample_actor(office.ports, "admin")
    return api_tokens.add_token(office.ports, "网格系统", account, actor=admin, scopes=scopes, days=90)


def picture(shade: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), (shade, shade, shade)).save(out, "PNG")
    return out.getvalue()


def notes(office: Office) -> list[str]:
    with office.ports.store.read() as tx:
        return [str(event["note"]) for event in tx.events.find(Condition("kind", "==", "Administered"))]


def test_a_token_of_an_administrator_is_dead_until_its_person_confirms_it(office: Office) -> None:
    secret = made_on_page(office, "staff")
    assert call(office, secret, "GET", "/me") == 401
    others = visitor(office, "reviewer")
    assert "网格系统" not in others.open("/account/tokens").text, "it is nobody else's to confirm"
    li_ming = visitor(office, "staff")
    assert "令牌“网格系统”待您确认" in li_ming.open("/").text
    assert "起草：新建、修改" in li_ming.open("/account/tokens").text, (
        "what it opens is said before it is confirmed"
    )
    li_ming.press("确认 网格系统")
    assert call(office, secret, "GET", "/me") == 200
    assert "待您确认" not in li_ming.open("/").text
    assert "确认令牌 网格系统" in notes(office)


def test_nobody_else_confirms_renews_or_revokes_it(office: Office) -> None:
    secret = made_on_page(office, "staff")
    token_id = api_tokens.hash_token(secret)
    for other in ("admin", "reviewer"):
        actor = sample_actor(office.ports, other)
        for step in (api_tokens.confirm_token, api_tokens.renew_token, api_tokens.revoke_own_token):
            with pytest.raises(NotFound):
                step(office.ports, actor, token_id)
    assert call(office, secret, "GET", "/me") == 401


def test_an_administrator_gives_no_scope_to_decide_or_to_number(office: Office) -> None:
    for scopes in (("decide",), ("read", "issue"), ("decide", "issue")):
        with pytest.raises(InputRefused, match="您自己没有这些权限"):
            made_on_page(office, "approver", scopes)
    for given in (("read",), ("read", "draft", "serve"), ("read", "personal")):
        assert made_on_page(office, "approver", given)
    both = add_person(office.ports, "head", "虚构负责人", {"*": ["admin", "approver"]})
    assert api_tokens.add_token(office.ports, "甲", "head", actor=both, scopes=("decide", "issue"), days=90)
    page = visitor(office, "admin").open("/admin/tokens/new")
    assert "起草：新建、修改" in page.text
    assert "审核和签发：通过" not in page.text


def test_a_token_of_a_page_lives_ninety_days_and_is_renewed_by_its_person(office: Office) -> None:
    admin = sample_actor(office.ports, "admin")
    with pytest.raises(InputRefused, match="1 到 90"):
        api_tokens.add_token(office.ports, "甲", "staff", actor=admin, scopes=("read",), days=91)
    secret = made_on_page(office, "staff")
    li_ming = visitor(office, "staff")
    li_ming.open("/account/tokens")
    li_ming.press("确认 网格系统")
    office.clock.moment += timedelta(days=89)
    assert call(office, secret, "GET", "/me") == 200
    li_ming.open("/account/tokens")
    li_ming.press("续期 网格系统")
    office.clock.moment += timedelta(days=89)
    assert call(office, secret, "GET", "/me") == 200, "renewed"
    office.clock.moment += timedelta(days=2)
    assert call(office, secret, "GET", "/me") == 401, "and not for ever"


def test_a_token_of_the_server_works_at_once_and_its_person_is_told(office: Office) -> None:
    console = api_tokens.server_operator("虚构用户")
    secret = api_tokens.add_token(
        office.ports, "采集", "staff", actor=console, scopes=("read", "decide"), days=400
    )
    assert call(office, secret, "GET", "/me") == 200
    assert "为 staff 发放令牌 采集，服务器用户 虚构用户" in notes(office)
    li_ming = visitor(office, "staff")
    assert "服务器上以您的身份发放了令牌“采集”" in li_ming.open("/").text
    assert "服务器控制台" in li_ming.open("/account/tokens").text
    li_ming.press("已核对 采集")
    assert "采集" not in li_ming.open("/").text
    li_ming.open("/account/tokens")
    li_ming.press("收回 采集")
    assert call(office, secret, "GET", "/me") == 401


def test_tokens_stored_before_go_on(office: Office) -> None:
    secret = api_tokens.add_token(office.ports, "从前的", "staff")
    token_id = api_tokens.hash_token(secret)
    with office.ports.store.write() as tx:
        record = dict(tx.tokens.get(token_id) or {})
        del record["awaits"]
        tx.tokens.replace(token_id, record)
    assert call(office, secret, "GET", "/me") == 200
    assert "从前的" not in visitor(office, "staff").open("/").text, "nobody is asked about it"


def test_the_history_says_that_a_token_decided(office: Office) -> None:
    before_the_order(office)
    have_reviewed(office.ports, "T22")
    act = order(office, State.SUBMITTED)
    secret = api_tokens.add_token(office.ports, "审批程序", "reviewer")
    assert call(office, secret, "POST", f"/acts/{act.id}/review", json={"decision": "pass"}) == 200
    page = visitor(office, "staff").open(f"/acts/{act.id}")
    assert "经接口令牌“审批程序”" in page.text
    other = order(office, State.REVIEWED)
    assert "经接口令牌" not in visitor(office, "staff").open(f"/acts/{other.id}").text


def test_the_limit_of_a_server_token_outranks_that_of_its_person(tmp_path: Path) -> None:
    office = make_office(tmp_path, limits=Limits(uploads_per_minute=1))
    own = made_on_page(office, "staff")
    api_tokens.confirm_token(office.ports, sample_actor(office.ports, "staff"), api_tokens.hash_token(own))
    server = api_tokens.add_token(office.ports, "采集", "staff", limit=60_000)
    draft = drafts.open_form(office.ports, sample_actor(office.ports, "staff"), "X01")
    # the one of a page is counted with its person, the one of the server by its own limit
    for secret, answers in ((own, [201, 429]), (server, [201, 201, 201])):
        got = [
            call(
                office,
                secret,
                "POST",
                f"/acts/{draft.id}/attachments?field=photos",
                data=picture(n),
                content_type="image/png",
            )
            for n in range(len(answers))
        ]
        assert got == answers
