"""Screenshots of the sample office for the handbooks (``make pictures``)."""

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
PICTURES = ROOT / "docs/pictures"
PORT = 8689
# the dates on the pictures must not change with the day they are taken
DAY = "2026-11-23"
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 780}
COLOURS = 96  # pages have few; the files stay small
# no sandbox in a container, no traffic of the browser's own
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
)


@contextmanager
def sample_office(folder: Path) -> Iterator[str]:
    """Serve the sample office and yield its address."""
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
        # the first start issues all the sample acts
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


class Camera:
    """Browser that signs in to the sample office and saves screenshots."""

    def __init__(self, browser: Browser, address: str) -> None:
        self._browser = browser
        self._address = address

    def sign_in(self, name: str, size: dict[str, int] = DESKTOP) -> Page:
        """Return the home page of a person on a screen of this size in pixels."""
        context = self._browser.new_context(viewport=size, locale="zh-CN", base_url=self._address)  # type: ignore[arg-type]  # a TypedDict
        page = context.new_page()
        page.goto("/sign-in")
        page.get_by_label("登录名").fill(name)
        page.get_by_label("密码").fill("demo")
        page.get_by_role("button", name="登录").click()
        page.wait_for_load_state()
        return page

    def take(self, page: Page, name: str, full_page: bool = False) -> None:
        """Save a screenshot of the page as `name`.png."""
        page.evaluate("scrollTo(0, 0)")
        page.wait_for_load_state("networkidle")
        save_screenshot(page.screenshot(full_page=full_page), name)


def save_screenshot(png: bytes, name: str) -> None:
    image = Image.open(io.BytesIO(png)).convert("RGB")
    image.quantize(COLOURS).save(PICTURES / f"{name}.png", optimize=True)


def take_clerk_pages(camera: Camera) -> None:
    page = camera.sign_in("staff")
    camera.take(page, "home")
    page.goto("/forms")
    camera.take(page, "catalogue")
    page.goto("/acts?form=T15")
    page.locator("main table a").first.click()
    page.get_by_role("button", name="据此制作责令限期改正通知书").click()
    page.get_by_label("承办人", exact=True).fill("赵正言")
    page.keyboard.press("Control+s")
    page.wait_for_timeout(3000)
    page.mouse.click(5, 400)
    camera.take(page, "form")
    page.locator("[data-submit]").first.click()
    page.wait_for_load_state()
    camera.take(page, "errors")
    page.goto("/acts?form=T22&state=served")
    page.locator("main table a").first.click()
    page.wait_for_load_state()
    save_document_picture(page)
    page.get_by_role("link", name="查看整个案件").click()
    camera.take(page, "case", full_page=True)
    page.goto("/cases")
    camera.take(page, "cases")
    page.goto("/responsibility")
    camera.take(page, "responsibility")


def save_document_picture(page: Page) -> None:
    """Save the first two pages of the act's PDF side by side."""
    pdf = pypdfium2.PdfDocument(page.request.get(f"{page.url}/document.pdf").body())
    sheets = [sheet.render(scale=80 / 72).to_pil() for sheet in pdf][:2]
    wide = Image.new("RGB", (sum(s.width for s in sheets) + 60, sheets[0].height + 40), "#dfe5ec")
    left = 20
    for sheet in sheets:
        wide.paste(sheet, (left, 20))
        left += sheet.width + 20
    wide.quantize(64).save(PICTURES / "document.png", optimize=True)


def take_decision_pages(camera: Camera) -> None:
    page = camera.sign_in("reviewer")
    page.goto("/approval")
    camera.take(page, "queue")
    page.locator("main table a, main ul a").first.click()
    page.wait_for_load_state()
    camera.take(page, "decision")
    page = camera.sign_in("officer")
    page.goto("/acts?state=issued")
    page.locator("main table a").first.click()
    page.wait_for_load_state()
    camera.take(page, "act")
    act = page.url
    page.goto(f"{act}/print")
    camera.take(page, "print")
    page = camera.sign_in("officer", PHONE)
    page.goto(f"{act}/service")
    camera.take(page, "service")
    page = camera.sign_in("approver")
    page.goto("/numbers")
    page.locator('main a[href*="sbd-xian"]').first.click()
    page.wait_for_load_state()
    camera.take(page, "register")


def take_administration_pages(camera: Camera) -> None:
    page = camera.sign_in("admin")
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
        camera.take(page, name)


SERIES: tuple[Callable[[Camera], None], ...] = (
    take_clerk_pages,
    take_decision_pages,
    take_administration_pages,
)


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        sample_office(Path(folder)) as address,
        sync_playwright() as player,
    ):
        browser = player.chromium.launch(executable_path="/usr/bin/chromium", args=list(CHROMIUM_FLAGS))
        camera = Camera(browser, address)
        for take in SERIES:
            take(camera)
        browser.close()


if __name__ == "__main__":
    main()
