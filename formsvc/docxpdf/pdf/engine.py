"""WeasyPrint set up with our fonts and patches, one instance per process."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import logging
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree

from formsvc.docxpdf.fonts.catalog import FontCatalog
from formsvc.docxpdf.html_tree import EmbeddedImage, HtmlDocument
from formsvc.docxpdf.pdf.glyph_subsets import FontSubsetter, Shaper
from formsvc.docxpdf.pdf.line_row_cells import detach_line_cells
from formsvc.docxpdf.pdf.pdfa import PdfFinisher, PdfMetadata, PdfProfile
from formsvc.docxpdf.pdf.positioned_lines import LinePlacer
from formsvc.docxpdf.pdf.run_style import drop_unused_classes, merge_equal_styles
from formsvc.docxpdf.pdf.spaced_glyphs import fill_gaps_between_runs
from formsvc.docxpdf.pdf.structure_tags import tagging
from formsvc.errors import FormsvcError, RenderingFailed
from formsvc.i18n.messages import msg

_USER_AGENT_STYLES = """
html,body,div,p{display:block}head,title,meta,style{display:none}img{display:block;image-rendering:crisp-edges}
table{display:table}colgroup{display:table-column-group}col{display:table-column}
thead{display:table-header-group}tbody{display:table-row-group}tr{display:table-row}td{display:table-cell}
br::before{content:"\\A";white-space:pre-line}
"""


class Engine:
    """WeasyPrint with one font configuration for all documents of a process."""

    _instance: Engine | None = None
    _font_directory: str = ""
    # whether a row of placed lines is one box; the PDF has the same bytes either way
    joins_cells = True

    def __init__(self, fonts: FontCatalog) -> None:
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
        # every face has a family name of its own, see fonts/fontconfig.py
        self._faces = {face.family: face for face in fonts.faces}
        self._shapers: dict[str, Shaper] = {}
        self._subsetter = FontSubsetter()
        self._fonts = FontConfiguration()
        _require_fonts(self._fonts)
        self._weasyprint = weasyprint
        self._parse_plain_sheet = lru_cache(maxsize=64)(self._parse_sheet)
        self._user_agent_sheet = weasyprint.CSS(string=_USER_AGENT_STYLES)

    @classmethod
    def load(cls, fonts: FontCatalog) -> Engine:
        """Return the engine; the first call sets it up.

        Raise FormsvcError if it already runs with another font directory: Fontconfig reads its file once.
        """
        directory = str(fonts.directory.resolve())
        if cls._instance is None:
            fonts.activate()
            cls._instance, cls._font_directory = cls(fonts), directory
        elif cls._font_directory != directory:
            raise FormsvcError(msg("排版引擎已用另一字体目录启动。"), msg("请重新启动后再换字体目录。"))
        return cls._instance

    def write(
        self, markup: HtmlDocument, metadata: PdfMetadata, profile: PdfProfile
    ) -> tuple[bytes, list[str]]:
        """Return the PDF and the warnings of its rendering.

        Equal arguments give equal bytes. Raise RenderingFailed if the document refers to anything outside itself.
        """
        with _rendering() as collector:
            document = self._render(markup, tagged=profile.accessible)
            # the PDF's file identifier must not depend on the clock: equal documents have equal bytes.
            # It keeps the class's first name, so that a document made again keeps the identifier it had
            described = repr(metadata).replace("PdfMetadata", "Tags", 1)
            identity = hashlib.sha256(f"({described}, {markup.text!r})".encode()).hexdigest()[:32]
            with tagging(document, markup.root) if profile.accessible else contextlib.nullcontext():
                content: bytes = document.write_pdf(
                    finisher=PdfFinisher(metadata, profile),
                    pdf_variant="pdf/a-2b" if profile.archive else None,
                    pdf_tags=profile.accessible,
                    pdf_identifier=identity,
                    custom_metadata=False,
                )
            return content, collector.messages

    def lay_out(self, markup: HtmlDocument) -> list[Any]:
        """Return the box of each page, without writing a PDF."""
        with _rendering():
            return [page._page_box for page in self._render(markup, tagged=False).pages]

    def _parse_sheet(self, style: str, counters: Any = None) -> Any:
        """Return a style sheet. `counters` gains its counter styles."""
        fetcher = _embedded_images_fetcher({})
        return self._weasyprint.CSS(
            string=style, font_config=self._fonts, counter_style=counters, url_fetcher=fetcher
        )

    def _render(self, markup: HtmlDocument, *, tagged: bool) -> Any:
        from weasyprint.css.counters import CounterStyle

        from formsvc.docxpdf.pdf.line_boxes import placed_lines
        from formsvc.docxpdf.pdf.line_rows import line_rows

        placer = LinePlacer(markup.style, self._faces, self._shapers, self._subsetter)
        lines = placer.place(markup.root)
        for placed in lines.values():
            fill_gaps_between_runs(placed)
        style = f"{markup.style}\n{merge_equal_styles(markup.root, markup.style)}"
        # the structure tree reads the boxes of cells
        rows = {} if tagged or not self.joins_cells else detach_line_cells(markup.root, style, lines)
        fetcher = _embedded_images_fetcher(markup.pictures)
        counters = CounterStyle()
        # lines that are placed need no rules; what is left is the same for most documents of a template
        style = drop_unused_classes(markup.root, style)
        has_counters = "@counter-style" in style
        sheet = self._parse_sheet(style, counters) if has_counters else self._parse_plain_sheet(style)
        page = _html_from_tree(markup.root, fetcher)
        # WeasyPrint's own style sheet is for web pages; ours declares the few elements we use
        page._ua_stylesheets = lambda forms=False: [self._user_agent_sheet]
        with placed_lines(lines), line_rows(rows):
            return page.render(font_config=self._fonts, counter_style=counters, stylesheets=[sheet], cache={})


class _WarningCollector(logging.Handler):
    """Log handler that turns WeasyPrint's warnings into messages."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []
        self._logger = logging.getLogger("weasyprint")
        self._logger.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if "image" in message.lower() and "图片无法解码，未排出。" not in self.messages:
            self.messages.append(msg("图片无法解码，未排出。"))
        elif ".notdef" in message:
            self.messages.append(msg("字符没有字体能显示：{character}", character=message[-10:]))

    def close(self) -> None:
        self._logger.removeHandler(self)
        super().close()


@contextlib.contextmanager
def _rendering() -> Iterator[_WarningCollector]:
    """Collect the warnings of a rendering; turn faults into RenderingFailed."""
    from weasyprint.urls import FatalURLFetchingError

    collecting = gc.isenabled()
    # nearly every object lives until the end of the render, so collecting only costs time
    gc.disable()
    collector = _WarningCollector()
    try:
        yield collector
    except FatalURLFetchingError as error:
        raise RenderingFailed(
            msg("文档要取用自身以外的内容，已拒绝。"), msg("请把图片直接插入文档后重试。")
        ) from error
    finally:
        collector.close()
        if collecting:
            gc.enable()


def _html_from_tree(root: ElementTree.Element, fetcher: Any) -> Any:
    """Return a document around an element tree.

    No text is parsed, so nothing in it can become markup.
    """
    import cssselect2
    from weasyprint import HTML

    # HTML() parses source text; this fills the attributes that its render() reads
    page = HTML.__new__(HTML)
    page.base_url, page.url_fetcher, page.media_type = None, fetcher, "print"
    page.wrapper_element = cssselect2.ElementWrapper.from_html_root(root, content_language=None)
    page.etree_element = page.wrapper_element.etree_element
    return page


def _embedded_images_fetcher(pictures: Mapping[str, EmbeddedImage]) -> Any:
    """Return a URL fetcher that knows the document's own images only."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class PictureFetcher(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: Any = None) -> Any:
            picture = pictures.get(url)
            if picture is None:
                raise FatalURLFetchingError(url)
            return URLFetcherResponse(url, picture.content, {"Content-Type": picture.mime})

    return PictureFetcher(allowed_protocols=frozenset())


def _require_fonts(configuration: Any) -> None:
    """Raise FormsvcError if Fontconfig lists no font."""
    from weasyprint.text.ffi import fontconfig

    # without any font Pango still lays out pages, many times too long, and reports nothing
    if not fontconfig.FcConfigGetFonts(configuration._config, fontconfig.FcSetSystem).nfont:
        raise FormsvcError(
            msg("排版库读不到任何字体，制成的文书会排错，已停止。"),
            msg("请把程序和字体放在路径只有英文字母和数字的文件夹里，再运行 formsvc doctor 检查。"),
        )
