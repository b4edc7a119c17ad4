"""Worker process: requests on stdin, responses on stdout."""

from __future__ import annotations

import argparse
import gc
import io
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from formsvc.documents.workers.messages import (
    RequestQueue,
    WorkerMessage,
    detach_stdin,
    detach_stdout,
    write_message,
)
from formsvc.documents.workers.process import (
    NICENESS,
    limit_cpu,
    limit_memory,
    lower_priority,
    peak_memory_mb,
)
from formsvc.documents.workers.process_limits import add_limits_option
from formsvc.docxpdf.fonts.subsetter import require_subsetting
from formsvc.errors import FormsvcError
from formsvc.i18n.messages import msg, to_json

MAX_IMAGE_SIDE = 4000
# how hard pictures are packed: harder takes longer and, for pages of text, gives no smaller files
PNG_COMPRESSION = 3
# objects made and not given back: an act leaves some fifteen thousand. Collected late they are out of the
# processor's caches and cost three times as much
_GC_THRESHOLD = 10_000
Response = tuple[dict[str, Any], list[bytes]]


class Worker:
    """Handler of requests, one by one."""

    def __init__(self, fonts: Path, cache: Path) -> None:
        from formsvc.docxpdf import Engine, FontCatalog

        self._fonts = FontCatalog(fonts, cache)
        Engine.load(self._fonts)
        self._calls: dict[str, Callable[[WorkerMessage], Response]] = {
            "word": self._word,
            "paragraphs": self._paragraphs,
            "metadata": self._metadata,
            "pdf": self._pdf,
            "page_images": self._page_images,
            "ready": lambda _: ({}, []),
        }

    def handle(self, request: WorkerMessage) -> Response:
        return self._calls[request.header["call"]](request)

    def _word(self, request: WorkerMessage) -> Response:
        from formsvc.documents.filling.fill import fill
        from formsvc.documents.typesetting.finished_pages import finish_pages
        from formsvc.docxpdf import collect_names
        from formsvc.usecases.ports import DocumentMetadata

        context = request.header["context"]
        tags = DocumentMetadata(**request.header["tags"])
        template, *contents = request.bodies
        pictures = dict(zip(request.header.get("pictures", ()), contents, strict=True))
        word = fill(template, context, tags, request.header.get("answers", {}), pictures)
        return {}, [finish_pages(word, self._fonts, collect_names(context.values()))]

    def _paragraphs(self, request: WorkerMessage) -> Response:
        from formsvc.documents.templates.docx_file import WordFile
        from formsvc.documents.templates.tags import read_paragraphs

        return {"paragraphs": [p.text for p in read_paragraphs(WordFile.from_bytes(request.bodies[0]))]}, []

    def _metadata(self, request: WorkerMessage) -> Response:
        from formsvc.documents.filling.core_properties import read_metadata

        return {"metadata": asdict(read_metadata(request.bodies[0], request.header["name"]))}, []

    def _pdf(self, request: WorkerMessage) -> Response:
        from formsvc.docxpdf import PdfMetadata, PdfProfile, convert

        metadata = PdfMetadata(**request.header["tags"])
        profile = PdfProfile(**request.header["form"])
        result = convert(request.bodies[0], self._fonts, metadata, profile=profile)
        warnings = [to_json(one) for one in result.warnings]
        cut = [to_json(one) for one in result.cut]
        header = {"warnings": warnings, "pages": result.pages, "missing": list(result.missing), "cut": cut}
        return header, [result.pdf]

    def _page_images(self, request: WorkerMessage) -> Response:
        return {}, render_pages(request.bodies[0], request.header["width"], request.header["pages"])


def render_pages(pdf: bytes, width: int, pages: list[int] | None) -> list[bytes]:
    """Return PNG images of pages (from 0), each ``width`` pixels wide."""
    import pypdfium2

    pictures = []
    with pypdfium2.PdfDocument(pdf) as document:
        for number in range(len(document)) if pages is None else pages:
            page = document[number]
            # a page of an unusual size must not become an image of gigabytes
            scale = min(width / page.get_width(), MAX_IMAGE_SIDE / max(page.get_size()))
            pictures.append(_png(page.render(scale=scale).to_pil()))
    return pictures


def _png(picture: Any) -> bytes:
    from PIL import ImageChops

    red, green, blue = picture.convert("RGB").split()
    # grey takes a third of the time and half the bytes
    is_grey = not any(ImageChops.difference(red, other).getbbox() for other in (green, blue))
    stream = io.BytesIO()
    (red if is_grey else picture).save(stream, "PNG", compress_level=PNG_COMPRESSION)
    return stream.getvalue()


def serve(requests: RequestQueue, answers: IO[bytes], worker: Worker, seconds: int) -> None:
    """Handle requests until the pipe closes or memory runs out."""
    # what was loaded at the start is never garbage; collecting between documents keeps pauses out of them
    gc.collect()
    gc.freeze()
    gc.disable()
    while (request := requests.get()) is not None:
        limit_cpu(seconds)
        try:
            header, bodies = worker.handle(request)
        except MemoryError:
            write_message(
                answers,
                {
                    "failed": to_json(msg("制作文书所需的内存超过限额，已停止。")),
                    "remedy": to_json(msg("请减少表格行数或图片大小后重试。")),
                    "last": True,
                },
            )
            return
        except FormsvcError as error:
            write_message(answers, {"failed": to_json(error.message), "remedy": to_json(error.remedy)})
        except Exception as error:  # noqa: BLE001 — the border of the process: every failure becomes an answer
            sys.excepthook(type(error), error, error.__traceback__)
            sentence = msg("制作文书时出错（{kind}）。", kind=type(error).__name__)
            remedy = msg("请管理员检查模板；详细原因在服务日志里。")
            write_message(answers, {"failed": to_json(sentence), "remedy": to_json(remedy)})
        else:
            write_message(answers, {"failed": "", "peak_mb": peak_memory_mb(), **header}, bodies)
        if gc.get_count()[0] > _GC_THRESHOLD:
            gc.collect()


def main() -> None:
    arguments = argparse.ArgumentParser()
    add_limits_option(arguments)
    for name in ("fonts", "cache"):
        arguments.add_argument(f"--{name}", type=Path, required=True)
    for name in ("memory", "seconds"):
        arguments.add_argument(f"--{name}", type=int, required=True)
    arguments.add_argument("--nice", type=int, default=NICENESS)
    options = arguments.parse_args()
    answers = detach_stdout()
    requests = RequestQueue(detach_stdin())
    limit_memory(options.memory)
    lower_priority(options.nice)
    try:
        require_subsetting()
        worker = Worker(options.fonts, options.cache)
    except (FormsvcError, ImportError, OSError) as error:
        refuse_first_request(requests, answers, error)
    else:
        serve(requests, answers, worker, options.seconds)


def refuse_first_request(requests: RequestQueue, answers: IO[bytes], error: Exception) -> None:
    if requests.get() is None:
        return
    if isinstance(error, FormsvcError):
        failed, remedy = error.message, error.remedy
    else:
        sys.excepthook(type(error), error, error.__traceback__)
        failed = msg("排版引擎不能启动：{cause}。", cause=str(error).splitlines()[0])
        remedy = msg("请运行 formsvc doctor 查看缺少什么。")
    write_message(answers, {"failed": to_json(failed), "remedy": to_json(remedy), "last": True})


if __name__ == "__main__":
    main()
