"""Photographs of a phone and signatures drawn on a screen, from the form to the printed page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from formsvc.documents.filling.fill import fill
from formsvc.docxpdf import PdfResult
from formsvc.domain.fields import FIELD_TYPES
from tests.documents.filling.test_pictures import PHOTOS, TAGS, images, in_pairs
from tests.support.browser import Server, screens_of
from tests.support.memory_office import Office
from tests.support.pdfa_rules import archive_faults
from tests.support.photographs import photograph

MEGABYTE = 2**20


@pytest.fixture
def trial(browser: Browser, served: tuple[Office, Server], remove_acts: Callable[[], None]) -> Iterator[Page]:
    """The trial form with every kind of field, fresh."""
    remove_acts()
    with screens_of(browser, served[1]) as screens:
        page = screens.sign_in("staff")
        page.goto("/forms/X01/new")
        yield page


def stored(office: Office) -> dict[str, Any]:
    with office.ports.store.read() as tx:
        return dict(tx.acts.find()[0]["answers"])


def taken(folder: Path, count: int) -> list[Path]:
    """Write photographs of 12 megapixels, each held another way."""
    files = []
    for number in range(count):
        files.append(folder / f"IMG_{number + 1:04}.jpg")
        files[-1].write_bytes(photograph(str(number + 1), orientation=(1, 6, 3, 8)[number % 4]))
    return files


def upload(page: Page, files: list[Path]) -> None:
    page.locator("#f-scene").set_input_files(files)
    expect(page.locator(".photographs li")).to_have_count(len(files), timeout=120_000)


@pytest.mark.parametrize("count", [3, pytest.param(20, marks=pytest.mark.slow)])
def test_photographs_go_up_in_one_go_are_ordered_and_printed_in_pairs(
    trial: Page,
    served: tuple[Office, Server],
    tmp_path: Path,
    to_pdf: Callable[[bytes], PdfResult],
    count: int,
) -> None:
    upload(trial, taken(tmp_path, count))
    # turned upright although each was held another way
    sizes = trial.locator(".photograph img").evaluate_all(
        "all => Promise.all(all.map(async i => { i.loading = 'eager'; await i.decode(); return [i.naturalWidth, i.naturalHeight]; }))"
    )
    assert sizes == [[2000, 1500]] * count
    caption = trial.get_by_label("第 2 张的说明")
    caption.fill("疏散通道堆放货物")
    with trial.expect_response(lambda answer: answer.request.method == "POST"):
        caption.press("Tab")
    trial.get_by_role("button", name="上移第 2 张").click()
    expect(trial.get_by_label("第 1 张的说明")).to_have_value("疏散通道堆放货物")
    records = stored(served[0])["scene"]
    assert [record["name"] for record in records[:3]] == ["IMG_0002.jpg", "IMG_0001.jpg", "IMG_0003.jpg"]
    assert {record["taken"] for record in records} == {"2026-11-20T09:30"}
    assert {record["place"] for record in records} == {""}, "the place is kept on purpose only"
    pictures = {record["sha256"]: served[0].ports.files.read(record["sha256"]) for record in records}
    printed = {"scene": FIELD_TYPES["photographs"].display(PHOTOS, records)[""], "signed": ""}
    result = to_pdf(fill(in_pairs(), printed, TAGS, {}, pictures))
    assert images(result.pdf) == [(583, 437)] * count
    assert archive_faults(result.pdf) == [] and len(result.pdf) < 5 * MEGABYTE
    trial.get_by_role("button", name="删除第 1 张").click()
    expect(trial.locator(".photographs li")).to_have_count(count - 1)
    assert "疏散通道堆放货物" not in str(stored(served[0])["scene"])


def test_a_refused_photograph_is_named_and_the_others_are_kept(trial: Page, tmp_path: Path) -> None:
    good, apple, last = (tmp_path / name for name in ("1.jpg", "苹果.jpg", "3.jpg"))
    good.write_bytes(photograph("1", size=(400, 300)))
    apple.write_bytes(b"\0\0\0\x18ftypheic" + bytes(100))
    last.write_bytes(photograph("3", size=(400, 300)))
    trial.locator("#f-scene").set_input_files([good, apple, last])
    expect(trial.locator(".photographs li")).to_have_count(2, timeout=30_000)
    expect(trial.get_by_text(re.compile("“苹果.jpg”没有上传：.*HEIC.*兼容性最佳"))).to_be_visible()


def test_a_signature_is_drawn_kept_and_cleared(trial: Page, served: tuple[Office, Server]) -> None:
    pad = trial.locator("[data-signature] canvas")
    keep = trial.get_by_role("button", name="用这个签名")
    expect(keep).to_be_disabled()
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    trial.mouse.move(box["x"] + 60, box["y"] + 60)
    trial.mouse.down()
    for across, down in ((120, 140), (180, 50), (260, 150)):
        trial.mouse.move(box["x"] + across, box["y"] + down, steps=4)
    trial.mouse.up()
    keep.click()
    drawn = trial.get_by_alt_text("签收：已签名")
    expect(drawn).to_be_visible()
    (record,) = stored(served[0])["receipt"]
    assert record["mime"] == "image/png"
    trial.reload()
    expect(drawn).to_be_visible()
    trial.get_by_role("button", name="清除签收，重新签").click()
    expect(pad).to_be_visible()
    assert stored(served[0])["receipt"] == []
