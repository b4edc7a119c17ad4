"""Pages say everything in the reader's language; templates import only what they use."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import Act, State
from formsvc.i18n.extract import program_texts
from formsvc.usecases.acts import search
from formsvc.usecases.acts.search import ActFilters
from tests.support.issued_acts import before_the_order, order
from tests.support.memory_office import EVERY_KIND, Office
from tests.support.page_client import Visitor
from tests.support.paths import ROOT
from tests.support.pseudo_locale import MADE_UP, OPENED, speak, untranslated

TEMPLATES = ROOT / "formsvc" / "web" / "templates"
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def filed(office: Office) -> Act:
    """An order that is numbered, in an office where more waits."""
    before_the_order(office)
    issued = order(office)
    order(office, State.SUBMITTED)
    return issued


@pytest.fixture
def stranger(
    office: Office, visit: Callable[[str], Visitor], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Visitor]:
    """Somebody of the office who reads the made-up language."""
    speak(tmp_path / "catalogues", monkeypatch)

    def arrive(name: str) -> Visitor:
        visitor = visit(name)
        with office.ports.store.write() as tx:
            record = tx.accounts.get(name)
            assert record is not None
            tx.accounts.replace(name, {**record, "preferences": {"locale": MADE_UP}})
        return visitor

    return arrive


def read(visitor: Visitor, path: str, **sent: str) -> str:
    """Everything a page says, attributes too."""
    answer = visitor.client.get(path, headers=sent)
    assert answer.status_code in (200, 403, 404), path
    page = re.sub(r'<span lang="zh-CN">([^<]*)</span>', r"\1", answer.get_data(as_text=True))
    return html.unescape(re.sub(r"<[^>]*>", " ", page))


@cache
def telling_parts() -> frozenset[str]:
    """Pieces of the texts that are long enough to be told from answers, and no word of a form."""
    forms = "".join(f.read_text(encoding="utf-8") for f in (ROOT / "form_definitions").rglob("*.json"))
    forms += json.dumps(EVERY_KIND, ensure_ascii=False)
    pieces = {piece for text in program_texts() for piece in re.split(r"\{[^}]*\}|%\([^)]*\)s", text)}
    return frozenset(
        p for p in pieces if len(re.sub(r"[^\u3400-\u9fff]", "", p)) >= 3 and p.strip() not in forms
    )


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("staff", "/"),
        ("staff", "/forms"),
        ("staff", "/acts"),
        ("staff", "/acts/{act}"),
        ("staff", "/acts/{act}/service"),
        ("staff", "/forms/T22/new"),
        ("staff", "/forms/X01/new"),
        ("staff", "/nowhere"),
        ("staff", "/acts/nowhere"),
        ("staff", "/admin"),
        ("reviewer", "/approval"),
        ("reviewer", "/approval/{waiting}"),
        ("officer", "/acts/{act}/print"),
        ("approver", "/numbers"),
        ("admin", "/admin"),
        ("admin", "/admin/people"),
        ("admin", "/admin/settings"),
        ("admin", "/admin/authorities"),
        ("admin", "/admin/authorities/new"),
    ],
)
def test_pages_say_everything_in_the_readers_language(
    office: Office, filed: Act, stranger: Callable[[str], Visitor], name: str, path: str
) -> None:
    visitor = stranger(name)
    waiting = next(
        a
        for a in search.list_acts(office.ports, sample_actor(office.ports, "reviewer"), ActFilters()).acts
        if a.state == "submitted"
    )
    if path.endswith("/new") and path.startswith("/forms"):
        path = visitor.client.get(path).headers["Location"]
    text = read(visitor, path.format(act=filed.id, waiting=waiting.id))
    assert OPENED in text
    left = untranslated(text)
    assert not {piece for piece in telling_parts() if piece in left}


def test_a_refusal_of_the_trade_is_said_on_the_page_and_to_scripts(
    stranger: Callable[[str], Visitor],
) -> None:
    visitor = stranger("staff")
    said = "⟦您没有“⟦系统管理⟧”的权限。⟧"
    assert said in read(visitor, "/admin")
    answer = visitor.client.get("/admin", headers={"Accept": "application/json"}).get_json()
    assert answer["message"] == said and answer["remedy"] == "⟦请联系本单位管理员。⟧"
    assert answer["errors"] == [{"field": "", "message": said + "⟦请联系本单位管理员。⟧"}]


def test_problems_beside_fields_are_said_in_the_readers_language(stranger: Callable[[str], Visitor]) -> None:
    visitor = stranger("staff")
    draft = visitor.client.get("/forms/X01/new").headers["Location"]
    page = visitor.client.get(draft).get_data(as_text=True)
    sent = dict(re.findall(r'name="(csrf_token|version)"[^>]*value="([^"]*)"', page))
    asked = {"Accept": "application/json"}
    answer = visitor.client.post(draft, data={**sent, "floors": "200", "day": "later"}, headers=asked)
    told = answer.get_json()["problems"]
    assert told["floors"] == "⟦层数不能超过99层，现在是200层。⟧"
    assert told["day"].startswith("⟦检查日期：⟦“later”不是日期") or told["day"].startswith("⟦检查日期：⟦")
    again = read(visitor, draft)
    assert "⟦层数不能超过99层，现在是200层。⟧" in again


@pytest.mark.parametrize("template", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_no_chinese_text_stands_outside_gettext(template: Path) -> None:
    text = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", "", template.read_text(encoding="utf-8"), flags=re.DOTALL)
    left = [line.strip() for line in text.splitlines() if CHINESE.search(line)]
    assert not left


@pytest.mark.parametrize(
    "template",
    sorted(TEMPLATES.rglob("*.html")),
    ids=lambda path: path.name,
)
def test_templates_use_what_they_import(template: Path) -> None:
    text = re.sub(r"{#.*?#}", "", template.read_text(encoding="utf-8"), flags=re.DOTALL)
    for names in re.findall(r"{% from \"[^\"]+\" import (.*?)%}", text, flags=re.DOTALL):
        for name in names.split(","):
            used = name.split(" as ")[-1].removesuffix("with context ").strip()
            assert len(re.findall(rf"\b{used}\(", text)) >= 1, (
                f"{template.name} imports {used} and does not use it"
            )
