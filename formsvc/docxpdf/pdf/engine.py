"""The page engine (WeasyPrint, this version and no other) with three small corrections, loaded once with our fonts."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import logging
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from formsvc.docxpdf.fonts.catalog import FontBook
from formsvc.docxpdf.html_tree import EmbeddedImage, HtmlDocument
from formsvc.docxpdf.pdf.glyph_subsets import CutFonts, GlyphFinder
from formsvc.docxpdf.pdf.pdfa import Finish, PdfForm, Tags
from formsvc.docxpdf.pdf.positioned_lines import LineSetter
from formsvc.docxpdf.pdf.run_style import share_styles
from formsvc.docxpdf.pdf.structure_tags import tagging
from formsvc.errors import FormsvcError, RenderingFailed
from formsvc.i18n.messages import msg

__all__ = ["Engine", "PdfForm", "Tags"]

_PLAIN = """
html,body,div,p{display:block}head,title,meta,style{display:none}img{display:block;image-rendering:crisp-edges}
table{display:table}colgroup{display:table-column-group}col{display:table-column}
thead{display:table-header-group}tbody{display:table-row-group}tr{display:table-row}td{display:table-cell}
br::before{content:"\\A";white-space:pre-line}
"""


class Engine:
    """WeasyPrint with one font configuration for all documents of this interpreter."""

    _loaded: Engine | None = None
    _config: str = ""

    def __init__(self, fonts: FontBook) -> None:
        import weasyprint
        from weasyprint.text.fonts import FontConfiguration

        from formsvc.docxpdf.pdf.weasyprint_patches import WEASYPRINT_VERSION, apply_patches

        if weasyprint.__version__ != WEASYPRINT_VERSION:
            raise FormsvcError(
                msg(
                    "需要 WeasyPrint {wanted}，装的是 {found}。",
                    wanted=WEASYPRINT_VERSION,
                    found=weasyprint.__version__,
                ),
                msg("请按项目的依赖重新安装。"),
            )
        apply_patches()
        self._faces = {face.family: face for face in fonts.faces}
        self._finders: dict[str, GlyphFinder] = {}
        self._cuts = CutFonts()
        self._fonts = FontConfiguration()
        _require_fonts(self._fonts)
        self._weasyprint = weasyprint
        self._plain = weasyprint.CSS(string=_PLAIN)

    @classmethod
    def load(cls, fonts: FontBook) -> Engine:
        """The engine, set up with these fonts the first time. Other fonts later are refused."""
        directory = str(fonts.directory.resolve())
        if cls._loaded is None:
            fonts.activate()
            cls._loaded, cls._config = cls(fonts), directory
        elif cls._config != directory:
            raise FormsvcError(msg("排版引擎已用另一字体目录启动。"), msg("请重新启动后再换字体目录。"))
        return cls._loaded

    def write(self, markup: HtmlDocument, tags: Tags, form: PdfForm) -> tuple[bytes, list[str]]:
        """The PDF and what the engine could not draw. Same markup and tags, same bytes."""
        from weasyprint.urls import FatalURLFetchingError

        collecting = gc.isenabled()
        gc.disable()  # a render keeps nearly all it makes until its end
        complaints = _Complaints()
        try:
            document = self._render(markup)
            identity = hashlib.sha256(repr((tags, markup.text)).encode()).hexdigest()[:32]
            with tagging(document, markup.root) if form.accessible else contextlib.nullcontext():
                content: bytes = document.write_pdf(
                    finisher=Finish(tags, form),
                    pdf_variant="pdf/a-2b" if form.archive else None,
                    pdf_tags=form.accessible,
                    pdf_identifier=identity,
                    custom_metadata=False,
                )
            return content, complaints.sentences
        except FatalURLFetchingError as error:
            raise RenderingFailed(
                msg("文档要取用自身以外的内容，已拒绝。"), msg("请把图片直接插入文档后重试。")
            ) from error
        finally:
            complaints.close()
            if collecting:
                gc.enable()

    def _render(self, markup: HtmlDocument) -> Any:
        from weasyprint.css.counters import CounterStyle

        from formsvc.docxpdf.pdf.line_boxes import placing

        setter = LineSetter(markup.style, self._faces, self._finders, self._cuts)
        lines = setter.set(markup.root)
        style = f"{markup.style}\n{share_styles(markup.root, markup.style)}"
        fetcher = _pictures_only(markup.pictures)
        counters = CounterStyle()
        sheet = self._weasyprint.CSS(
            string=style, font_config=self._fonts, counter_style=counters, url_fetcher=fetcher
        )
        page = _tree_as_html(markup.root, fetcher)
        page._ua_stylesheets = lambda forms=False: [self._plain]
        with placing(lines):
            return page.render(font_config=self._fonts, counter_style=counters, stylesheets=[sheet], cache={})


class _Complaints(logging.Handler):
    """Listens to the engine while it works."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.sentences: list[str] = []
        self._logger = logging.getLogger("weasyprint")
        self._logger.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if "image" in message.lower() and "图片无法解码，未排出。" not in self.sentences:
            self.sentences.append(msg("图片无法解码，未排出。"))
        elif ".notdef" in message:
            self.sentences.append(msg("字符没有字体能显示：{character}", character=message[-10:]))

    def close(self) -> None:
        self._logger.removeHandler(self)
        super().close()


def _tree_as_html(root: ElementTree.Element, fetcher: Any) -> Any:
    """A document from an element tree: no text is parsed, so nothing in it can become markup."""
    import cssselect2
    from weasyprint import HTML

    page = HTML.__new__(HTML)
    page.base_url, page.url_fetcher, page.media_type = None, fetcher, "print"
    page.wrapper_element = cssselect2.ElementWrapper.from_html_root(root, content_language=None)
    page.etree_element = page.wrapper_element.etree_element
    return page


def _pictures_only(pictures: Mapping[str, EmbeddedImage]) -> Any:
    """A fetcher that knows the document's own pictures and nothing else."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class PictureFetcher(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: Any = None) -> Any:
            picture = pictures.get(url)
            if picture is None:
                raise FatalURLFetchingError(url)
            return URLFetcherResponse(url, picture.content, {"Content-Type": picture.mime})

    return PictureFetcher(allowed_protocols=frozenset())


def _require_fonts(configuration: Any) -> None:
    """The engine sets pages without any font as well, many times too long: nothing is made then. Raises FormsvcError."""
    from weasyprint.text.ffi import fontconfig

    if not fontconfig.FcConfigGetFonts(configuration._config, fontconfig.FcSetSystem).nfont:
        raise FormsvcError(
            msg("排版库读不到任何字体，制成的文书会排错，已停止。"),
            msg("请把程序和字体放在路径只有英文字母和数字的文件夹里，再运行 formsvc doctor 检查。"),
        )
