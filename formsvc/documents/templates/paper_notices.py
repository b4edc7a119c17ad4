"""Notices on a template's paper: page size and Chinese font."""

from __future__ import annotations

from collections.abc import Iterator

from formsvc.documents.templates.docx_file import WordFile, parse_part
from formsvc.docxpdf.opc.xml import W, whole
from formsvc.errors import Fault
from formsvc.i18n.messages import msg

# ISO 216 in twentieths of a point
_A4 = (11906, 16838)
_TOLERANCE = 60
_MM = 25.4 / 1440


def paper_notices(word: WordFile, name: str) -> Iterator[Fault]:
    """Yield what an office's paper would make look odd, as notices."""
    root = parse_part(word.parts[word.main])
    sizes = {
        tuple(sorted((whole(page.get(f"{W}w")), whole(page.get(f"{W}h"))))) for page in root.iter(f"{W}pgSz")
    }
    for short, long in sorted(size for size in sizes if not _is_a4(size)):
        sentence = msg(
            "纸张是 {width}×{height} 毫米，不是 A4（210×297 毫米）。请在 Word 的“布局”→“纸张大小”里核对。",
            width=round(short * _MM),
            height=round(long * _MM),
        )
        yield Fault(name, msg("正文"), sentence, "notice")
    fonts = (b"eastAsia", b"eastAsiaTheme")
    if not any(
        mark in content for mark in fonts for part, content in word.parts.items() if part.endswith(".xml")
    ):
        sentence = msg("没有写明中文字体，印出来是什么字体由各台电脑决定。请在 Word 里选好中文字体。")
        yield Fault(name, msg("正文"), sentence, "notice")


def _is_a4(size: tuple[int, ...]) -> bool:
    return all(abs(side - wanted) <= _TOLERANCE for side, wanted in zip(size, _A4, strict=True))
