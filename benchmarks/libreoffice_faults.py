"""Known deviations of LibreOffice from Word, which are not imitated."""

from __future__ import annotations

import io
import re
import zipfile

_FAULTS = {
    "字符网格（linesAndChars）每字占两格": re.compile(
        r'<w:docGrid[^>]*w:type="(?:linesAndChars|snapToChars)"'
    ),
    "固定值行距被对齐到行网格": re.compile(
        r'w:lineRule="exact"(?=.*<w:docGrid[^>]*w:type="lines")', re.DOTALL
    ),
    "页底浮动表格（tblpYSpec=bottom）按正文排": re.compile(r'w:tblpYSpec="bottom"'),
    "破折号、省略号拆到两行": re.compile(r"——|……"),
    "首行缩进取长度不取字符数": re.compile(
        r'w:firstLineChars="[1-9]\d*" w:firstLine="[1-9]|w:firstLine="[1-9]\d*" w:firstLineChars="[1-9]'
    ),
    "左、右缩进只有字符数时不缩进": re.compile(
        r'<w:ind (?![^>]*w:(?:left|start)=)[^>]*w:(?:left|start)Chars="[1-9]'
        r'|<w:ind (?![^>]*w:(?:right|end)=)[^>]*w:(?:right|end)Chars="[1-9]'
    ),
    "浮动表格里的行不对齐行网格": re.compile(r'<w:tblpPr(?=.*<w:docGrid[^>]*w:type="lines")', re.DOTALL),
    "VML 文本框的零边距不生效": re.compile(r'<v:textbox[^>]*inset="0(?:mm|pt)?,0'),
    "旧式复选框画成图形，不是文字": re.compile(r"FORMCHECKBOX"),
    "尾注另起一页，不接正文之后": re.compile(r"<w:endnoteReference"),
    "对齐制表位（ptab）当作普通制表位": re.compile(r"<w:ptab"),
    "拼音指南不按所写的高度（hpsRaise）": re.compile(r"<w:ruby>"),
}
_LARGEST = 30_000_000


def known_faults(docx: bytes) -> list[str]:
    """Return the known faults that may show in a file."""
    try:
        with zipfile.ZipFile(io.BytesIO(docx)) as package:
            if package.getinfo("word/document.xml").file_size > _LARGEST:
                return []
            text = package.read("word/document.xml").decode("utf-8", "replace")
    except (KeyError, zipfile.BadZipFile):
        return []
    return [name for name, found in _FAULTS.items() if found.search(text)]
