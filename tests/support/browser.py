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
        # ids of what a test took away: a closed window may have asked for its pictures
        self.removed: set[str] = set()
        self._at_work = 0
        self._changed = threading.Condition()
        self._http = make_server("127.0.0.1", 0, self._counted, threaded=True)
        self.address = f"http://127.0.0.1:{self._http.server_port}"
        # the browser of each person who signed in, by name and width; a new one takes a second
        self.browsers: dict[tuple[str, int], BrowserContext] = {}
        # who looks at what the browsers show now
        self.screens: Screens | None = None

    def _counted(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        with self._changed:
            self._at_work += 1
        try:
            return self._watched(environ, start)
        finally:
            with self._changed:
                self._at_work -= 1
                self._changed.notify_all()

    def _watched(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        kind: list[str] = []

        def begin(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            is_removed = self.removed.intersection(environ["PATH_INFO"].split("/"))
            if environ["REQUEST_METHOD"] == "GET" and status[0] in "45" and not is_removed:
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

    def wait_until_idle(self) -> None:
        """Return when every request that arrived has its answer."""
        with self._changed:
            assert self._changed.wait_for(lambda: not self._at_work, timeout=60)

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
        for context in self.browsers.values():
            context.close()
        self._http.shutdown()
        self._http.server_close()


def _screens(server: Server) -> Screens:
    assert server.screens is not None
    return server.screens


class Screens:
    """The screens in front of a server, and what is noted of them."""

    def __init__(self, browser: Browser, server: Server) -> None:
        self.server = server
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self._windows: list[Page] = []
        self._outer = server.screens
        server.screens = self
        self._settled: list[tuple[str, str]] = []
        self._complaints: list[str] = []

    def open(self, screen: dict[str, int] = DESK) -> Page:
        """A new browser of nobody, with one window."""
        context = self._new_context(screen)
        self._contexts.append(context)
        return context.new_page()

    def _new_context(self, screen: dict[str, int]) -> BrowserContext:
        context = self._browser.new_context(
            viewport=screen,  # type: ignore[arg-type]
            locale="zh-CN",
            base_url=self.server.address,
        )
        watched = self.server
        context.expose_binding("settled", lambda _source, path, html: _screens(watched).note_page(path, html))
        context.add_init_script(_TELL)
        context.on("console", lambda message: _screens(watched).note_message(message))
        context.on("weberror", lambda error: _screens(watched).note_error(str(error.error)))
        return context

    def sign_in(self, name: str, screen: dict[str, int] = DESK) -> Page:
        """A new window of somebody of the sample office, in their browser; no page is open in it yet."""
        key = name, screen["width"]
        context = self.server.browsers.get(key) or self._new_context(screen)
        self.server.browsers[key] = context
        page = context.new_page()
        self._windows.append(page)
        # nobody yet, or the session of an earlier test has ended
        if "/sign-in" in context.request.get("/").url:
            page.goto("/")
            page.get_by_label("登录名").fill(name)
            page.get_by_label("密码").fill("demo")
            page.get_by_role("button", name="登录").click()
            expect(page.get_by_role("heading", level=1)).to_have_text("今天要办")
        return page

    def note_page(self, path: str, html: str) -> None:
        self._settled.append((path, html))

    def note_error(self, complaint: str) -> None:
        self._complaints.append(complaint)

    def note_message(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(wanted in message.text for wanted in _WANTED):
            self._complaints.append(message.text)

    def _pages(self) -> list[Page]:
        """All windows of this test, those too that a page opened."""
        others = self._outer._windows if self._outer else []
        contexts = {*self._contexts, *(window.context for window in self._windows)}
        return [page for context in contexts for page in context.pages if page not in others]

    def leave(self) -> None:
        """Close the windows; people stay signed in."""
        for page in self._pages():
            page.close()
        for context in self._contexts:
            context.close()
        self.server.screens = self._outer

    def close(self) -> None:
        """Close all; fails if a page broke a house rule or the browser complained of anything."""
        for page in self._pages():
            of_ours = page.url.startswith(self.server.address)
            a_file = page.url.partition("?")[0].endswith(
                (".pdf", ".docx", ".png")
            )  # in the browser's own viewer
            if of_ours and not a_file and page.evaluate("document.contentType") == "text/html":
                self._settled.append((page.url.removeprefix(self.server.address), page.content()))
        self.leave()
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
        screens.leave()
        raise
    screens.close()
