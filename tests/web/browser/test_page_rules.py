"""What a browser shows is looked at as strictly as what the test client fetches; each breach is found."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response
from playwright.sync_api import Browser

from formsvc.web.security import CONTENT_SECURITY_POLICY
from tests.support.browser import Server, screens_of
from tests.support.page_rules import HousePage
from tests.support.paths import ROOT

GOOD = '<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8"><title>首页</title><link rel="icon" href="/icon.svg"></head><body><main><h1>首页</h1>{main}</main></body></html>'
ROW = '<button type="button" id="more">添一行</button><script src="/act.js"></script>'

SENT = {
    "two headings": ('<h1>第二个</h1>', "one h1 a page"),
    "a field without a label": ('<input name="a">', "has no label"),
    "an id used twice": ('<p id="a"></p><p id="a"></p>', "used twice"),
    "an error link that leads nowhere": ('<a href="#f-name">请填写名称</a>', "leads nowhere"),
    "a form without a token": ('<form method="post" action="/a"></form>', "csrf"),
    "half-width punctuation": ("<p>已保存,请继续</p>", "full-width punctuation"),
    "square brackets in a number": ("<p>绥北消限字[2026]第0001号</p>", "document numbers"),
    "markup that is not closed": ("<p><b>粗</p>", "not valid HTML"),
    "an inline script": ("<script>1</script>", "no inline script"),
    "a picture of another host": ('<img src="https://example.org/a.png" alt="图">', "nothing from another host"),
}  # fmt: skip
SETTLED = {
    "a second heading": ('main.append(Object.assign(document.createElement("h1"), {textContent: "又一个"}))', "one h1 a page"),
    "an id once more": ('main.append(Object.assign(document.createElement("p"), {id: "more"}))', "used twice"),
    "a field without a label": ('main.append(document.createElement("input"))', "has no label"),
    "half-width punctuation": ('main.append("已保存,请继续")', "full-width punctuation"),
}  # fmt: skip
COMPLAINTS = {
    "an error nobody caught": 'throw new Error("坏了")',
    "an error on the console": 'console.error("坏了")',
    "a script the policy forbids": 'const s = document.createElement("script"); s.textContent = "1"; document.head.append(s); s.remove()',
    "a picture that is not there": 'new Image().src = "/none.png"',
    "a picture the policy forbids": 'new Image().src = "http://127.0.0.1:9/a.png"',
}  # fmt: skip


def visit(browser: Browser, main: str, script: str = "") -> None:
    """Open a page of this main part, press its button if there is one, go on to another page."""
    app = Flask("rules")

    @app.get("/")
    def page() -> Response:
        return Response(GOOD.format(main=main), headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY})

    @app.get("/next")
    def following() -> str:
        return GOOD.format(main="")

    @app.get("/icon.svg")
    def icon() -> Response:
        return Response("<svg xmlns='http://www.w3.org/2000/svg'/>", mimetype="image/svg+xml")

    @app.get("/act.js")
    def act() -> Response:
        code = f'document.querySelector("#more").onclick = () => {{ const main = document.querySelector("main"); {script}; }};'
        return Response(code, mimetype="text/javascript")

    with Server(app).running() as server, screens_of(browser, server) as screens:
        window = screens.open()
        window.goto("/")
        if script:
            window.get_by_role("button").click()
            window.wait_for_timeout(300)
        window.goto("/next")


def _first_fast(breaches: Iterable[str]) -> list[Any]:
    """Return the breaches as parameters, of which the suite tries two; each takes a second of a browser."""
    return [
        pytest.param(what, marks=[pytest.mark.slow] if number > 1 else [])
        for number, what in enumerate(breaches)
    ]


def test_a_page_that_keeps_the_rules_passes(browser: Browser) -> None:
    visit(browser, ROW, 'main.append("共一行")')


@pytest.mark.parametrize("what", SENT)
def test_a_breach_is_found(what: str) -> None:
    main, said = SENT[what]
    HousePage("/", GOOD.format(main="<p>已保存，请继续</p>"))
    with pytest.raises(AssertionError, match=said):
        HousePage("/", GOOD.format(main=main))


@pytest.mark.parametrize("what", ["two headings", "an inline script"])
def test_a_breach_in_what_a_browser_is_sent_is_found(browser: Browser, what: str) -> None:
    main, said = SENT[what]
    with pytest.raises(AssertionError, match=f"as sent.*{said}"):
        visit(browser, main)


@pytest.mark.parametrize("what", ["two headings", "markup that is not closed"])
def test_a_breach_in_what_the_test_client_fetches_is_found(what: str) -> None:
    app = Flask("rules")
    app.add_url_rule("/", view_func=lambda: GOOD.format(main=SENT[what][0]))
    with pytest.raises(AssertionError, match=SENT[what][1]):
        app.test_client().get("/")


@pytest.mark.parametrize("what", _first_fast(SETTLED))
def test_a_breach_that_a_script_makes_is_found_though_one_goes_on(browser: Browser, what: str) -> None:
    script, said = SETTLED[what]
    with pytest.raises(AssertionError, match=f"as it settled.*{said}"):
        visit(browser, ROW, script)


@pytest.mark.parametrize("what", _first_fast(COMPLAINTS))
def test_what_the_browser_complains_of_is_found(browser: Browser, what: str) -> None:
    with pytest.raises(AssertionError, match="坏了|Content Security Policy|/none.png"):
        visit(browser, ROW, COMPLAINTS[what])


def test_no_test_opens_a_browser_or_a_client_of_its_own() -> None:
    """Pages are opened by support/browser.py, or by the client of support/page_client.py that the folder's conftest gives every application."""
    for file in (ROOT / "tests").rglob("test_*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        names = {
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom | ast.Import)
            for alias in node.names
        }
        assert not names & {
            "sync_playwright",
            "async_playwright",
            "urlopen",
            "requests",
            "httpx",
            "Client",
        }, file.name
        if "test_client" in file.read_text(encoding="utf-8") and file != Path(__file__).resolve():
            assert ROOT / "tests/web" in file.parents, f"{file.name}: fetch pages in tests/web"
