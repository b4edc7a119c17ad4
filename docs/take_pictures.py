"""The pictures of the handbooks, taken anew of the sample office: ``make pictures``."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pypdfium2
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs/pictures"
PORT = 8689
DAY = "2026-11-23"
DESK, TELEPHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 780}
COLOURS = 96
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
)


@contextmanager
def sample_office(folder: Path) -> Iterator[str]:
    """The sample office on a port of this machine."""
    environment = {
        **os.environ,
        "FORMSVC_INSTANCE": str(folder),
        "FORMSVC_TODAY": DAY,
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "formsvc", "demo", "--port", str(PORT)]
    running = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{PORT}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{address}/healthz", timeout=2).close()
                break
            except OSError:
                time.sleep(0.5)
        yield address
    finally:
        running.terminate()
        running.wait(30)


class Album:
    """Takes pictures of pages, and keeps them small."""

    def __init__(self, browser: Browser, address: str) -> None:
        self._browser = browser
        self._address = address

    def desk(self, name: str, size: dict[str, int] = DESK) -> Page:
        """Somebody's screen."""
        context = self._browser.new_context(viewport=size, locale="zh-CN", base_url=self._address)  # type: ignore[arg-type]
        page = context.new_page()
        page.goto("/sign-in")
        page.get_by_label("登录名").fill(name)
        page.get_by_label("密码").fill("demo")
        page.get_by_role("button", name="登录").click()
        page.wait_for_load_state()
        return page

    def take(self, page: Page, name: str, whole: bool = False) -> None:
        """The page as it stands, as a file of this name."""
        page.evaluate("scrollTo(0, 0)")
        page.wait_for_load_state("networkidle")
        keep(page.screenshot(full_page=whole), name)


def keep(picture: bytes, name: str) -> None:
    """A picture with few colours, which is what pages have."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.quantize(COLOURS).save(FOLDER / f"{name}.png", optimize=True)


def clerk(album: Album) -> None:
    """From the home page to the case."""
    page = album.desk("staff")
    album.take(page, "home")
    page.goto("/forms")
    album.take(page, "catalogue")
    page.goto("/acts?form=T15")
    page.locator("main table a").first.click()
    page.get_by_role("button", name="据此制作责令限期改正通知书").click()
    page.get_by_label("承办人", exact=True).fill("赵正言")
    page.keyboard.press("Control+s")
    page.wait_for_timeout(3000)
    page.mouse.click(5, 400)
    album.take(page, "form")
    page.get_by_role("button", name="提交审核").first.click()
    page.wait_for_load_state()
    album.take(page, "errors")
    page.goto("/acts?form=T22&state=served")
    page.locator("main table a").first.click()
    page.wait_for_load_state()
    document(page)
    page.get_by_role("link", name="查看整个案件").click()
    album.take(page, "case", whole=True)
    page.goto("/cases")
    album.take(page, "cases")
    page.goto("/responsibility")
    album.take(page, "responsibility")


def document(page: Page) -> None:
    """The order as it is printed, two pages side by side."""
    pdf = pypdfium2.PdfDocument(page.request.get(f"{page.url}/document.pdf").body())
    sheets = [sheet.render(scale=80 / 72).to_pil() for sheet in pdf][:2]
    wide = Image.new("RGB", (sum(s.width for s in sheets) + 60, sheets[0].height + 40), "#dfe5ec")
    left = 20
    for sheet in sheets:
        wide.paste(sheet, (left, 20))
        left += sheet.width + 20
    wide.quantize(64).save(FOLDER / "document.png", optimize=True)


def deciding(album: Album) -> None:
    """The queue and one decision."""
    page = album.desk("reviewer")
    page.goto("/approval")
    album.take(page, "queue")
    page.locator("main table a, main ul a").first.click()
    page.wait_for_load_state()
    album.take(page, "decision")
    page = album.desk("officer")
    page.goto("/acts?state=issued")
    page.locator("main table a").first.click()
    page.wait_for_load_state()
    album.take(page, "act")
    act = page.url
    page.goto(f"{act}/print")
    album.take(page, "print")
    page = album.desk("officer", TELEPHONE)
    page.goto(f"{act}/service")
    album.take(page, "service")
    page = album.desk("approver")
    page.goto("/numbers")
    page.locator('main a[href*="sbd-xian"]').first.click()
    page.wait_for_load_state()
    album.take(page, "register")


def administration(album: Album) -> None:
    """The pages of the administrator."""
    page = album.desk("admin")
    for address, name in (
        ("/admin", "administration"),
        ("/admin/people/staff", "person"),
        ("/admin/authorities", "authorities"),
        ("/admin/series", "series"),
        ("/admin/officers", "officers"),
        ("/admin/definitions", "definitions"),
        ("/admin/settings", "local-rules"),
        ("/admin/tokens/new", "token"),
        ("/admin/journal", "journal"),
    ):
        page.goto(address)
        album.take(page, name)


PARTS: tuple[Callable[[Album], None], ...] = (clerk, deciding, administration)


def main() -> None:
    """Take them all."""
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        sample_office(Path(folder)) as address,
        sync_playwright() as player,
    ):
        browser = player.chromium.launch(executable_path="/usr/bin/chromium", args=list(QUIET))
        album = Album(browser, address)
        for part in PARTS:
            part(album)
        browser.close()


if __name__ == "__main__":
    main()
