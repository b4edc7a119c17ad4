"""Chromium in front of a served application. Whatever it is sent and whatever it settles to keeps the house rules."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright
from werkzeug.serving import make_server

from tests.support.page_rules import HousePage

CHROMIUM = "/usr/bin/chromium"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESK, TELEPHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}

# A test cuts the network, or asks for what is refused: the browser says so, and that is no fault of a page
_WANTED = ("ERR_FAILED", "status of")
# What tells pages apart that the rules treat alike: tokens, words without their ASCII marks, numbers
_ALIKE = re.compile(r'name="csrf_token"[^>]*>|[^\x00-\x7f]+|[0-9a-f]{8,}|[0-9]+')
# Tells the test the page as it stands, whenever nothing has changed in it for a moment
_TELL = """(() => {
  let waiting;
  if (document.contentType !== "text/html" || location.protocol !== "http:") return;  // the viewer of PDF is no page of ours
  const tell = () => settled(location.pathname, "<!doctype html>\\n" + document.documentElement.outerHTML);
  const later = () => { clearTimeout(waiting); waiting = setTimeout(tell, 100); };
  new MutationObserver(later).observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
  addEventListener("load", later);
})()"""


class Server:
    """An application on a port of this machine, and every page it has sent since it was last asked."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app
        self._sent: list[tuple[str, str]] = []
        self._refused: list[str] = []
        self._http = make_server("127.0.0.1", 0, self._watched, threaded=True)
        self.address = f"http://127.0.0.1:{self._http.server_port}"
        # what a browser keeps of each person who signed in
        self.signed_in: dict[str, Any] = {}

    def _watched(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        kind: list[str] = []

        def begin(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            if environ["REQUEST_METHOD"] == "GET" and status[0] in "45":
                self._refused.append(f"{environ['PATH_INFO']} is asked for and answered with {status}")
            kind.extend(v for k, v in headers if k.lower() == "content-type" and not status.startswith("3"))
            return start(status, headers, *rest)

        answer = self._app(environ, begin)
        if not kind or not kind[0].startswith("text/html"):
            return answer
        try:
            body = b"".join(answer)
        finally:
            getattr(answer, "close", lambda: None)()
        if environ["REQUEST_METHOD"] != "HEAD":
            self._sent.append((environ["PATH_INFO"], body.decode()))
        return [body]

    def sent(self) -> list[tuple[str, str]]:
        """Path and text of each page sent since the last call."""
        sent, self._sent = self._sent, []
        return sent

    def refused(self) -> list[str]:
        """What was asked for since the last call and is not there."""
        refused, self._refused = self._refused, []
        return refused

    @contextmanager
    def running(self) -> Iterator[Server]:
        """Answer until left."""
        threading.Thread(target=self._http.serve_forever, daemon=True).start()
        yield self
        self._http.shutdown()
        self._http.server_close()


class Screens:
    """The screens in front of a server, and what is noted of them."""

    def __init__(self, browser: Browser, server: Server) -> None:
        self.server = server
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self._settled: list[tuple[str, str]] = []
        self._complaints: list[str] = []

    def open(self, screen: dict[str, int] = DESK, state: Any = None) -> Page:
        """A new browser of nobody, with one window; ``state`` is what it keeps from before."""
        context = self._browser.new_context(
            viewport=screen,  # type: ignore[arg-type]
            locale="zh-CN",
            base_url=self.server.address,
            storage_state=state,
        )
        self._contexts.append(context)
        context.expose_binding("settled", lambda _source, path, html: self._settled.append((path, html)))
        context.add_init_script(_TELL)
        context.on("console", self._note)
        context.on("weberror", lambda error: self._complaints.append(str(error.error)))
        return context.new_page()

    def sign_in(self, name: str, screen: dict[str, int] = DESK) -> Page:
        """The screen of somebody of the sample office."""
        page = self.open(screen, self.server.signed_in.get(name))
        page.goto("/")
        home = expect(page.get_by_role("heading", level=1))
        # nobody yet, or the session of an earlier test has ended
        if page.get_by_label("登录名").count():
            page.get_by_label("登录名").fill(name)
            page.get_by_label("密码").fill("demo")
            page.get_by_role("button", name="登录").click()
            home.to_have_text("首页")
            self.server.signed_in[name] = page.context.storage_state()
        home.to_have_text("首页")
        return page

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(wanted in message.text for wanted in _WANTED):
            self._complaints.append(message.text)

    def close(self) -> None:
        """Close all; fails if a page broke a house rule or the browser complained of anything."""
        for context in self._contexts:
            for page in context.pages:
                of_ours = page.url.startswith(self.server.address)
                a_file = page.url.partition("?")[0].endswith(
                    (".pdf", ".docx", ".png")
                )  # in the browser's own viewer
                if of_ours and not a_file and page.evaluate("document.contentType") == "text/html":
                    self._settled.append((page.url.removeprefix(self.server.address), page.content()))
            context.close()
        sent, refused = self.server.sent(), self.server.refused()
        assert sent, "the browser got no page, so nothing was looked at"
        for how, pages in (("as sent", sent), ("as it settled", self._settled)):
            for path, html in {_ALIKE.sub("", html): (path, html) for path, html in pages}.values():
                HousePage(f"{path}, {how}", html)
        assert not self._complaints + refused, self._complaints + refused


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield opened
        opened.close()


@contextmanager
def screens_of(browser: Browser, server: Server) -> Iterator[Screens]:
    """Screens for one test; what they saw is looked at when the test is over."""
    server.sent(), server.refused()
    screens = Screens(browser, server)
    try:
        yield screens
    except BaseException:
        for context in screens._contexts:
            context.close()
        raise
    screens.close()
