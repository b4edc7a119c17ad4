"""Pictures kept for all workers: made once by one of many processes, bounded, and never a reason to fail."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import State
from formsvc.usecases.drafting import drafts
from formsvc.web import disk_cache, page_images
from formsvc.web.disk_cache import DiskCache
from tests.support.issued_acts import before_the_order, order
from tests.support.memory_office import Office, make_office
from tests.support.page_client import Visitor

ASKING = """
import sys, time
from pathlib import Path
from formsvc.web.disk_cache import DiskCache
folder, log = Path(sys.argv[1]), Path(sys.argv[2])
cache = DiskCache(folder)
def make(n):
    with log.open("a") as told:
        told.write(f"{n}\\n")
    time.sleep(0.2)
    return bytes([n]) * 5000
for n in range(6):
    assert cache.get(f"page/{n}", lambda: make(n)) == bytes([n]) * 5000
"""


def test_several_processes_make_each_picture_once(tmp_path: Path) -> None:
    log = tmp_path / "log"
    words = [sys.executable, "-c", ASKING, str(tmp_path / "kept"), str(log)]
    asking = [subprocess.Popen(words) for _ in range(4)]
    assert [each.wait(60) for each in asking] == [0] * 4
    assert sorted(log.read_text().split()) == [str(n) for n in range(6)]
    left = [f.name for f in (tmp_path / "kept").glob("*/*") if f.suffix]
    assert left == []


def test_several_threads_make_a_picture_once() -> None:
    cache, made = DiskCache(), list[int]()

    def make() -> bytes:
        made.append(1)
        time.sleep(0.05)
        return b"drawn"

    threads = [threading.Thread(target=lambda: cache.get("page", make)) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert made == [1]


def test_an_entry_finished_between_read_and_claim_is_not_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    acquire = disk_cache._acquire_claim
    made: list[str] = []

    def make_as(maker: str) -> Callable[[], bytes]:
        def make() -> bytes:
            made.append(maker)
            return b"drawn"

        return make

    def acquire_late(file: Path) -> Path | None:
        monkeypatch.setattr(disk_cache, "_acquire_claim", acquire)
        other_process = threading.Thread(target=lambda: DiskCache(tmp_path).get("page", make_as("other")))
        other_process.start()
        other_process.join()
        return acquire(file)

    monkeypatch.setattr(disk_cache, "_acquire_claim", acquire_late)
    assert DiskCache(tmp_path).get("page", make_as("late")) == b"drawn"
    assert made == ["other"]
    assert not list(tmp_path.glob("*/*.making"))


def test_a_failure_is_told_and_tried_again(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path)

    def fail() -> bytes:
        raise ValueError("no page")

    with pytest.raises(ValueError, match="no page"):
        cache.get("page", fail)
    assert cache.get("page", lambda: b"drawn") == b"drawn"
    assert DiskCache(tmp_path).get("page", fail) == b"drawn"


def test_a_file_cut_off_is_made_anew(tmp_path: Path) -> None:
    DiskCache(tmp_path).get("page", lambda: b"drawn" * 100)
    (file,) = tmp_path.glob("*/*")
    for broken in (b"", file.read_bytes()[:60], bytes(516)):
        file.write_bytes(broken)
        assert DiskCache(tmp_path).get("page", lambda: b"again") == b"again"


def test_a_mark_left_by_a_killed_process_does_not_last(tmp_path: Path) -> None:
    DiskCache(tmp_path).get("page", lambda: b"drawn")
    (file,) = tmp_path.glob("*/*")
    file.unlink()
    mark = file.with_name(f"{file.name}.making")
    mark.touch()
    os.utime(mark, (time.time() - 120,) * 2)
    began = time.monotonic()
    assert DiskCache(tmp_path).get("page", lambda: b"drawn") == b"drawn"
    assert time.monotonic() - began < 5
    assert not mark.exists()


def test_there_are_never_many_more_bytes_than_allowed(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path, memory_limit=1, disk_limit=10_000)
    for n in range(200):
        cache.get(f"page/{n}", lambda: bytes(1_000))
    cache.sweep()
    kept = sum(file.stat().st_size for file in tmp_path.glob("*/*"))
    assert 0 < kept <= 10_000


def test_what_nobody_asked_for_lately_is_given_up_first(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path)
    cache.get("old", lambda: b"old")
    (old,) = tmp_path.glob("*/*")
    cache.get("new", lambda: b"new")
    os.utime(old, (time.time() - 15 * 86_400,) * 2)
    cache.sweep()
    assert not old.exists()
    assert len(list(tmp_path.glob("*/*"))) == 1


def test_without_a_folder_to_write_in_everything_is_still_shown(tmp_path: Path) -> None:
    in_the_way = tmp_path / "kept"
    in_the_way.write_text("not a folder")
    assert DiskCache(in_the_way).get("page", lambda: b"drawn") == b"drawn"


@pytest.mark.skipif(sys.platform == "win32", reason="files have other rights there")
def test_nobody_else_on_the_machine_may_read_what_is_kept(tmp_path: Path) -> None:
    DiskCache(tmp_path / "kept").get("page", lambda: b"drawn")
    (file,) = (tmp_path / "kept").glob("*/*")
    assert file.stat().st_mode & 0o077 == file.parent.stat().st_mode & 0o077 == 0


# On the pages ------------------------------------------------------------------------------------------


def drawing(office: Office, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Every PDF made and every page drawn from now on."""
    done: list[tuple[str, ...]] = []
    renderer = office.ports.renderer
    pdf, images = renderer.pdf, renderer.page_images

    def noted_pdf(*given: object, **more: object) -> bytes:
        done.append(("pdf",))
        return pdf(*given, **more)  # type: ignore[arg-type]

    def noted_images(*given: object, **more: object) -> list[bytes]:
        done.append(("page", str(more.get("pages"))))
        return images(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(renderer, "pdf", noted_pdf)
    monkeypatch.setattr(renderer, "page_images", noted_images)
    return done


def test_the_page_of_an_act_waits_for_no_drawing(
    office: Office, li_ming: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    before_the_order(office)
    act = order(office)
    done = drawing(office, monkeypatch)
    assert "第 1 页，共 2 页" in li_ming.open(f"/acts/{act.id}").text
    assert done == []
    for _ in range(3):
        assert li_ming.client.get(f"/acts/{act.id}/pages/2.png").status_code == 200
    assert done == [("page", "[1]")]
    assert li_ming.client.get(f"/acts/{act.id}/pages/3.png").status_code == 404


def test_reviewer_and_approver_see_the_sample_the_drafter_looked_at(
    office: Office, li_ming: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    before_the_order(office)
    act = order(office, State.DRAFT)
    done = drawing(office, monkeypatch)
    li_ming.client.get(f"/drafts/{act.id}/preview/1.png")
    li_ming.open(f"/drafts/{act.id}")
    assert li_ming.press("提交审核").status == 200
    reviewer = Visitor(office.app)
    reviewer.sign_in("reviewer")
    reviewer.open(f"/approval/{act.id}")
    reviewer.client.get(f"/acts/{act.id}/pages/1.png")
    assert done.count(("pdf",)) == 1


def test_the_pages_of_what_was_submitted_are_drawn_before_anybody_opens_it(
    office: Office, li_ming: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    before_the_order(office)
    act = order(office, State.DRAFT)
    done = drawing(office, monkeypatch)
    li_ming.open(f"/drafts/{act.id}")
    li_ming.press("提交审核")
    with office.app.app_context():
        page_images.page_renderer().wait_until_drawn()
    assert [each for each in done if each[0] == "page"] == [("page", "[0]"), ("page", "[1]")]


def test_a_sample_is_made_anew_when_its_words_change(
    office: Office, li_ming: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    before_the_order(office)
    act = order(office, State.DRAFT)
    done = drawing(office, monkeypatch)
    for _ in range(3):
        li_ming.client.get(f"/drafts/{act.id}/preview.pdf")
    assert done == [("pdf",)]
    staff = sample_actor(office.ports, "staff")
    drafts.save_answers(
        office.ports, staff, act.id, {**act.answers, "party_addr": "东河镇中心街20号"}, version=act.version
    )
    li_ming.client.get(f"/drafts/{act.id}/preview.pdf")
    assert done == [("pdf",), ("pdf",)]


def test_workers_share_what_they_draw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    office = make_office(tmp_path / "office", PICTURES=str(tmp_path / "kept"))
    before_the_order(office)
    act = order(office)
    other = make_office(tmp_path / "office", furnished=False, PICTURES=str(tmp_path / "kept"))
    other.app.extensions["formsvc"] = office.ports  # another worker of the same service
    done = drawing(office, monkeypatch)
    for app in (office.app, other.app):
        visitor = Visitor(app)
        visitor.sign_in("staff")
        assert visitor.client.get(f"/acts/{act.id}/pages/1.png").status_code == 200
    assert done == [("page", "[0]")]
