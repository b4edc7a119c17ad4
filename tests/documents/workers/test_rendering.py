"""Children with limits: a hostile file stops them, never the server."""

from __future__ import annotations

import gc
import io
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import pytest
from PIL import Image

from formsvc.documents.workers.pool import RecyclePolicy, is_long_request
from formsvc.documents.workers.renderer import RenderingWorkers
from formsvc.docxpdf import PdfProfile
from formsvc.errors import Busy, RenderingFailed
from formsvc.usecases.ports import DocumentMetadata
from tests.support.docx_samples.raw_xml import paragraph, relation, seal, table, word_file
from tests.support.pdf_text import pages, text

TAGS = DocumentMetadata("责令限期改正通知书", "北林区消防救援大队")


@pytest.fixture(scope="module")
def workers(fonts_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RenderingWorkers]:
    made = RenderingWorkers(fonts_dir, tmp_path_factory.mktemp("cache"))
    made.warm()
    yield made
    made.close()


def huge(rows: int) -> bytes:
    return word_file(
        table([[f"第{n}行", "疏散通道堵塞" * 3, "限期改正" * 3] for n in range(rows)], [1500, 3500, 3500])
    )


def with_large_picture() -> bytes:
    stream = io.BytesIO()
    Image.new("RGBA", (6300, 6300), (200, 0, 0, 128)).save(stream, "PNG", compress_level=1)
    parts = {"word/media/seal.png": stream.getvalue()}
    return word_file(
        paragraph(seal("i1", x_mm=0, y_mm=0)),
        parts=parts,
        relations=relation("i1", "image", "media/seal.png"),
    )


def test_a_word_file_becomes_a_pdf_and_pictures(workers: RenderingWorkers) -> None:
    pdf = workers.pdf(word_file(paragraph("正文" * 700)), TAGS)
    assert pages(pdf) == 3
    pictures = workers.page_images(pdf, width=300)
    assert len(pictures) == 3 and all(p.startswith(b"\x89PNG") for p in pictures)
    assert workers.page_images(pdf, width=300, pages=[2]) == [pictures[2]]


def test_notes_come_with_the_pdf(workers: RenderingWorkers) -> None:
    result = workers.pdf_result(word_file(paragraph("<w:r><w:footnoteReference/><w:t>字</w:t></w:r>")), TAGS)
    assert result.warnings == ("第1段“字”：脚注未排出。",)
    assert result.pages == 1


def test_the_same_request_is_answered_from_memory(workers: RenderingWorkers) -> None:
    document = word_file(paragraph("记住" * 300))
    first = workers.pdf(document, TAGS)
    begun = time.perf_counter()
    assert workers.pdf(document, TAGS) == first
    assert time.perf_counter() - begun < 0.02


def test_other_tags_are_another_document(workers: RenderingWorkers) -> None:
    document = word_file(paragraph("字"))
    assert workers.pdf(document, TAGS) != workers.pdf(document, DocumentMetadata("别的", "别处"))


def test_two_children_make_the_same_bytes(workers: RenderingWorkers, fonts_dir: Path, tmp_path: Path) -> None:
    document = word_file(paragraph("字节" * 50) + table([["甲", "乙"]], [2000, 2000]))
    other = RenderingWorkers(fonts_dir, tmp_path)
    assert other.pdf(document, TAGS) == workers.pdf(document, TAGS)
    other.close()


def test_a_refused_file_is_a_sentence_and_the_child_lives_on(workers: RenderingWorkers) -> None:
    with pytest.raises(RenderingFailed, match="不是完好的 Word 文档"):
        workers.pdf(b"junk", TAGS)
    assert workers.pdf(word_file(paragraph("还在")), TAGS)


@pytest.mark.skipif(sys.platform == "win32", reason="no RLIMIT_AS there")
def test_too_much_memory_ends_the_child_not_the_server(fonts_dir: Path, tmp_path: Path) -> None:
    small = RenderingWorkers(fonts_dir, tmp_path, memory_mb=350)
    with pytest.raises(RenderingFailed, match="内存|中断"):
        small.pdf(with_large_picture(), TAGS)
    assert text(small.pdf(word_file(paragraph("还在")), TAGS)) == "还在"
    small.close()


def test_too_much_time_ends_the_child_not_the_server(fonts_dir: Path, tmp_path: Path) -> None:
    hasty = RenderingWorkers(fonts_dir, tmp_path, seconds=2)
    begun = time.monotonic()
    with pytest.raises(RenderingFailed, match="超过 2 秒"):
        hasty.pdf(huge(3000), TAGS)
    assert time.monotonic() - begun < 8
    assert text(hasty.pdf(word_file(paragraph("还在")), TAGS)) == "还在"
    hasty.close()


def test_requests_of_several_threads_queue(workers: RenderingWorkers) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda n: workers.pdf(word_file(paragraph(f"第{n}份")), TAGS), range(8)))
    assert [text(pdf) for pdf in made] == [f"第{n}份" for n in range(8)]


def test_who_waits_too_long_is_told_to_come_again(fonts_dir: Path, tmp_path: Path) -> None:
    hasty = RenderingWorkers(fonts_dir, tmp_path, seconds=2)
    hasty.warm()
    hasty._pool._seconds = 0.4
    refused: list[str] = []

    def ask(number: int) -> None:
        try:
            hasty.pdf(huge(120 + number), TAGS)
        except (Busy, RenderingFailed) as error:
            refused.append(type(error).__name__)

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "Busy" in refused
    hasty.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork there")
def test_after_a_fork_each_side_has_children_of_its_own(workers: RenderingWorkers) -> None:
    before = workers.pdf(word_file(paragraph("分开前")), TAGS)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            answer = text(workers.pdf(word_file(paragraph("分开后")), TAGS))
            workers.close()
        except Exception as error:  # noqa: BLE001 — told to the parent
            answer = repr(error)
        os.write(write, answer.encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as stream:
        assert stream.read().decode() == "分开后"
    os.waitpid(child, 0)
    assert workers.pdf(word_file(paragraph("分开前")), TAGS) == before
    assert text(workers.pdf(word_file(paragraph("父")), TAGS)) == "父"


def test_a_short_act_does_not_wait_behind_a_thousand_rows(fonts_dir: Path, tmp_path: Path) -> None:
    one = RenderingWorkers(fonts_dir, tmp_path, processes=1)
    one.warm()
    one._long_pool.warm()
    ended: dict[str, float] = {}

    def ask(name: str, document: bytes) -> None:
        one.pdf(document, TAGS)
        ended[name] = time.monotonic()

    long = threading.Thread(target=ask, args=("long", huge(1000)))
    child = one._long_pool._idle.queue[-1]
    assert child is not None
    long.start()
    # the long one is at work, and stands still however fast this machine is
    deadline = time.monotonic() + 30
    while one._long_pool._idle.queue and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not one._long_pool._idle.queue
    os.kill(child.pid, signal.SIGSTOP)
    try:
        for number in range(3):
            ask(f"short {number}", word_file(paragraph(f"短文书{number}")))
        assert "long" not in ended
    finally:
        os.kill(child.pid, signal.SIGCONT)
    long.join()
    assert "long" in ended
    one.close()


def test_a_file_asked_for_by_many_at_once_is_made_once(workers: RenderingWorkers) -> None:
    document = word_file(paragraph("同一份" * 200))
    child = workers._pool._idle.queue[-1]
    assert child is not None
    before = child.requests_served
    with ThreadPoolExecutor(6) as pool:
        made = set(pool.map(lambda _: workers.pdf(document, TAGS), range(6)))
    assert len(made) == 1
    assert child.requests_served == before + 1


def test_a_killed_child_is_one_sentence_and_the_next_document_is_made(
    fonts_dir: Path, tmp_path: Path
) -> None:
    one = RenderingWorkers(fonts_dir, tmp_path)
    one.warm()
    child = one._pool._idle.queue[-1]
    assert child is not None
    # stopped, it takes the request and cannot answer before it is killed, however fast the machine
    child._process.send_signal(signal.SIGSTOP)
    threading.Timer(0.3, child._process.kill).start()
    with pytest.raises(RenderingFailed, match="制作文书的程序意外中断，没有编号。"):
        one.pdf(huge(100), TAGS)
    assert text(one.pdf(word_file(paragraph("下一份")), TAGS)) == "下一份"
    one.close()


SERVER = """
import sys
from pathlib import Path
from tests.documents.workers.test_rendering import TAGS, RenderingWorkers, huge

workers = RenderingWorkers(Path(sys.argv[1]), Path(sys.argv[2]))
workers.warm()
print("asks", flush=True)
workers.pdf(huge(3000), TAGS)
"""


def test_a_child_at_work_ends_with_its_server(fonts_dir: Path, tmp_path: Path, root: Path) -> None:
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(fonts_dir), str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert server.stdout is not None and server.stdout.readline().strip() == b"asks"
    time.sleep(1)
    server.kill()
    server.communicate(timeout=5)  # what both write errors to is closed only when the child has ended too


def test_a_child_that_nobody_can_ask_any_more_ends(fonts_dir: Path, tmp_path: Path) -> None:
    forgotten = RenderingWorkers(fonts_dir, tmp_path)
    forgotten.warm()
    process = forgotten._pool.idle_workers()[0]._process
    del forgotten
    gc.collect()
    process.wait(timeout=10)


def test_a_child_is_renewed_after_its_share(fonts_dir: Path, tmp_path: Path) -> None:
    one = RenderingWorkers(fonts_dir, tmp_path)
    one._pool._policy = RecyclePolicy(documents=3, megabytes=10_000)
    children = []
    for number in range(5):
        one.pdf(word_file(paragraph(f"第{number}份")), TAGS)
        children.append(one._pool._idle.queue[-1])
    assert [c is None for c in children] == [False, False, True, False, False]
    one._pool._policy = RecyclePolicy(documents=200, megabytes=1)
    one.pdf(word_file(paragraph("内存")), TAGS)
    assert one._pool._idle.queue[-1] is None or sys.platform == "win32"
    one.close()


@pytest.fixture
def without_harfbuzz(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Children find no HarfBuzz."""
    (tmp_path / "shadow").mkdir()
    hidden = "raise ModuleNotFoundError('hidden', name='uharfbuzz')"
    (tmp_path / "shadow" / "uharfbuzz.py").write_text(hidden, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "shadow"))


@pytest.mark.usefixtures("without_harfbuzz")
def test_nothing_starts_without_harfbuzz(fonts_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(RenderingFailed, match="没有 HarfBuzz"):
        RenderingWorkers(fonts_dir, tmp_path).warm()


def test_only_long_documents_take_the_long_lane(root: Path) -> None:
    form = (root / "doc_templates" / "T15.docx").read_bytes()
    assert not is_long_request({"call": "pdf"}, form)
    assert not is_long_request({"call": "pdf"}, huge(60))
    assert is_long_request({"call": "pdf"}, huge(400))
    assert not is_long_request({"call": "pdf"}, b"junk")
    assert not is_long_request({"call": "page_images", "pages": [0]}, b"x" * 10**6)
    assert is_long_request({"call": "page_images", "pages": None}, b"x" * 10**6)
    for rows, long in ((60, False), (400, True)):
        assert (
            is_long_request({"call": "word", "context": {"title": "试", "hazards": [{}] * rows}}, form)
            == long
        )


@pytest.mark.skipif(sys.platform == "win32", reason="no peak memory there")
def test_a_child_stays_within_its_memory_on_acts_and_on_four_hundred_rows(
    workers: RenderingWorkers, fonts_dir: Path, tmp_path: Path
) -> None:
    fresh = RenderingWorkers(fonts_dir, tmp_path)
    heads = []
    for lane, document in ((fresh._pool, huge(9)), (fresh._long_pool, huge(400))):
        head = {"call": "pdf", "tags": asdict(TAGS), "form": asdict(PdfProfile())}
        heads.append(lane.request(head, document).header["peak_mb"])
    assert 20 < heads[0] <= 250
    assert heads[1] <= 500
    fresh.close()


def test_a_child_sees_no_secrets(fonts_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from formsvc.documents.workers.process import _environment

    monkeypatch.setenv("FORMSVC_SECRET_KEY", "secret")
    monkeypatch.setenv("FORMSVC_DATABASE", "postgresql://name:word@host/base")
    assert not [name for name in _environment() if re.match("FORMSVC|.*(KEY|TOKEN|PASSWORD)", name)]


def test_sixty_rows_are_done_well_within_the_limit(workers: RenderingWorkers) -> None:
    begun = time.monotonic()
    assert pages(workers.pdf(huge(60), TAGS)) > 3
    assert time.monotonic() - begun < 10


def test_a_template_is_filled_in_the_child_and_set(workers: RenderingWorkers) -> None:
    template = word_file(paragraph("当事人：{{ party }}") + paragraph("共{{ rows | length }}处"))
    word = workers.word(template, {"party": "A & B <公司>", "rows": [{}, {}]}, TAGS)
    assert word == workers.word(template, {"party": "A & B <公司>", "rows": [{}, {}]}, TAGS)
    assert text(workers.pdf(word, TAGS)) == "当事人：A&B<公司>共2处"


def test_a_hostile_template_stops_its_child_only(fonts_dir: Path, tmp_path: Path) -> None:
    hasty = RenderingWorkers(fonts_dir, tmp_path, seconds=3)
    for tags in (
        "{{ 'a' * 10000000000 }}",
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    ):
        begun = time.monotonic()
        with pytest.raises(RenderingFailed):
            hasty.word(word_file(paragraph(tags)), {}, TAGS)
        assert time.monotonic() - begun < 10
    word = hasty.word(word_file(paragraph("还在")), {}, TAGS)
    assert text(hasty.pdf(word, TAGS)) == "还在"
    hasty.close()
