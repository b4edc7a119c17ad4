"""Fontconfig file that lists our fonts only, each as a family of its own."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from xml.sax.saxutils import escape

from formsvc.docxpdf.fonts.copies import ascii_files, ascii_folder
from formsvc.docxpdf.fonts.typeface import Typeface, list_font_files

_HEAD = '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">\n<fontconfig>\n'


def write_fontconfig(faces: Iterable[Typeface], cache: Path) -> Path:
    folder = ascii_folder(cache.resolve()) / "fontconfig"
    (folder / "cache").mkdir(parents=True, exist_ok=True)
    path = folder / "fonts.conf"
    faces = list(faces)
    used = ascii_files(sorted({face.path.resolve() for face in faces}), folder / "copies")
    text = _configuration(faces, set(used), folder / "cache")
    # rewriting an equal file would make Fontconfig scan all fonts again
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        temporary = folder / f"fonts.conf.{os.getpid()}"
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    return path


def _configuration(faces: list[Typeface], used: set[Path], cache: Path) -> str:
    folders = sorted({path.parent for path in used})
    unused = [p for folder in folders for p in list_font_files(folder) if p not in used]
    lines = [_tag("dir", folder.as_posix()) for folder in folders]
    lines.append(_tag("cachedir", cache.as_posix()))
    # Fontconfig reads whole folders, so the files next to ours are rejected one by one
    if unused:
        globs = "".join(f"<glob>{escape(p.as_posix())}</glob>" for p in unused)
        lines.append(f"<selectfont><rejectfont>{globs}</rejectfont></selectfont>")
    lines += [_alias(face) for face in faces]
    return _HEAD + "\n".join(lines) + "\n</fontconfig>\n"


def _tag(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>"


def _alias(face: Typeface) -> str:
    """Return a rule that prepends the PostScript name to the families."""
    # replacing the family instead breaks Pango
    test = f'<test name="postscriptname" compare="eq"><string>{escape(face.family)}</string></test>'
    edit = f'<edit name="family" mode="prepend"><string>{escape(face.family)}</string></edit>'
    return f'<match target="scan">{test}{edit}</match>'
