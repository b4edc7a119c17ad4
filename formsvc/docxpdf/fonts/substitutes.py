"""The letter designs of Chinese official documents: the names they go by in Word, and what stands in for each."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from formsvc.docxpdf.fonts.typeface import Metrics


@dataclass(frozen=True)
class Design:
    """A letter design: the names it goes by in Word, the pack's files for it, and the height Word gives it."""

    names: tuple[str, ...]
    pack: tuple[str, ...]
    bold: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    nominal: Metrics = Metrics(0.859, 0.141)
    heavy: bool = False
    latin: str = ""


_SONG = "NotoSerifSC-Regular"
_TIMES, _ARIAL, _COURIER = "LiberationSerif-Regular", "LiberationSans-Regular", "LiberationMono-Regular"
LAST = (_SONG, "LXGWWenKai-Regular", "DejaVuSans")
"""What draws a character that the design's own fonts lack."""
STYLED_FAMILIES = ("LiberationSerif", "LiberationSans", "LiberationMono", "Carlito", "Caladea")
"""Families of the pack with cuts of their own for bold and italic."""

EAST_DESIGNS = {
    "fang": Design(
        (
            "仿宋_GB2312", "仿宋", "FangSong_GB2312", "FangSong", "仿宋体", "方正仿宋_GBK", "方正仿宋简体", "方正仿宋_GB2312",
            "方正仿宋_GB18030", "FZFangSong-Z02", "FZFangSong-Z02S", "华文仿宋", "STFangsong", "朱雀仿宋", "CESI仿宋-GB2312",
            "汉仪仿宋简", "文鼎CS仿宋体",
        ),
        ("FandolFang-Regular", "LXGWWenKai-Light"),
        latin=_TIMES,
        hints=("仿宋", "fangsong"),
    ),
    "kai": Design(
        (
            "楷体_GB2312", "楷体", "KaiTi_GB2312", "KaiTi", "方正楷体_GBK", "方正楷体简体", "方正楷体_GB2312", "方正楷体_GB18030",
            "FZKai-Z03", "FZKai-Z03S", "华文楷体", "STKaiti", "楷体-简", "Kaiti SC", "標楷體", "DFKai-SB", "CESI楷体-GB2312",
            "霞鹜文楷", "LXGW WenKai", "华文新魏", "STXinwei", "华文行楷", "STXingkai", "华文隶书", "STLiti", "隶书", "LiSu", "方正舒体",
        ),
        ("FandolKai-Regular", "LXGWWenKai-Regular"),
        latin=_TIMES,
        hints=("楷", "kai", "隶", "魏"),
    ),
    "xbs": Design(
        (
            "方正小标宋简体", "方正小标宋_GBK", "方正小标宋_GB18030", "FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05", "小标宋", "小标宋体",
            "方正大标宋简体", "方正大标宋_GBK", "方正粗宋简体", "方正公文小标宋", "华文中宋", "STZhongsong", "CESI小标宋-GB2312", "文星标宋",
        ),
        ("NotoSerifSC-Bold",),
        hints=("标宋", "中宋", "粗宋", "xiaobiaosong", "zhongsong"),
        heavy=True,
    ),
    "hei": Design(
        (
            "黑体", "SimHei", "方正黑体_GBK", "方正黑体简体", "方正黑体_GB18030", "FZHei-B01", "FZHei-B01S", "华文黑体", "STHeiti",
            "华文细黑", "STXihei", "微软雅黑", "Microsoft YaHei", "微软雅黑 Light", "Microsoft YaHei Light", "Microsoft YaHei UI",
            "微软雅黑 UI", "等线", "DengXian", "等线 Light", "DengXian Light", "幼圆", "YouYuan", "思源黑体", "思源黑体 CN",
            "Source Han Sans SC", "Source Han Sans CN", "Noto Sans CJK SC", "Noto Sans SC", "苹方-简", "PingFang SC",
            "Hiragino Sans GB", "冬青黑体简体中文", "文泉驿正黑", "WenQuanYi Zen Hei", "文泉驿微米黑", "WenQuanYi Micro Hei",
            "CESI黑体-GB2312", "方正姚体", "FZYaoTi", "MS Gothic", "MS PGothic", "MS ゴシック", "MS Pゴシック", "Yu Gothic", "游ゴシック",
            "Yu Gothic Light", "Meiryo", "メイリオ", "Malgun Gothic", "맑은 고딕", "Microsoft JhengHei", "微軟正黑體", "Hei", "Arial Unicode MS",
        ),
        ("NotoSansSC-Regular",),
        hints=("黑", "hei", "gothic", "ゴシック", "等线", "圆"),
    ),
    "song": Design(
        (
            "宋体", "SimSun", "新宋体", "NSimSun", "宋体-简", "Songti SC", "方正书宋_GBK", "方正书宋简体", "方正书宋_GB18030",
            "FZShuSong-Z01", "FZShuSong-Z01S", "方正宋三简体", "华文宋体", "STSong", "宋体-方正超大字符集", "SimSun (Founder Extended)",
            "SimSun-ExtB", "SimSun-ExtG", "思源宋体", "思源宋体 CN", "Source Han Serif SC", "Source Han Serif CN", "Noto Serif CJK SC",
            "Noto Serif SC", "CESI宋体-GB2312", "MS Mincho", "MS PMincho", "MS 明朝", "MS P明朝", "Yu Mincho", "游明朝", "Batang", "바탕",
            "PMingLiU", "新細明體", "MingLiU", "細明體", "SimSun-18030", "AR PL UMing CN",
        ),
        (_SONG,),
        bold=("NotoSerifSC-Bold",),
        hints=("宋", "song", "sun", "ming", "明"),
    ),
}  # fmt: skip
# Heights from the horizontal header of each typeface: above the baseline, below it, between lines
LATIN_DESIGNS = {
    "times": Design(
        ("Times New Roman", "Times", "Liberation Serif", "Georgia", "Garamond", "Book Antiqua", "Palatino Linotype", "Century"),
        (_TIMES, "DejaVuSans"),
        hints=("",),
        nominal=Metrics(0.891, 0.216, 0.042),
    ),
    "cambria": Design(
        ("Cambria", "Cambria Math", "Caladea"), ("Caladea-Regular", _TIMES, "DejaVuSans"), nominal=Metrics(0.95, 0.222)
    ),
    "calibri": Design(
        ("Calibri", "Calibri Light", "Carlito"), ("Carlito-Regular", _ARIAL, _TIMES, "DejaVuSans"), nominal=Metrics(0.75, 0.25, 0.22)
    ),
    "aptos": Design(
        ("Aptos", "Aptos Display", "Aptos Narrow"), ("Carlito-Regular", _ARIAL, _TIMES, "DejaVuSans"), nominal=Metrics(0.939, 0.282)
    ),
    "arial": Design(
        ("Arial", "Helvetica", "Liberation Sans", "Helvetica Neue", "Verdana", "Tahoma", "Segoe UI", "Trebuchet MS", "Century Gothic"),
        (_ARIAL, _TIMES, "DejaVuSans"),
        nominal=Metrics(0.905, 0.212, 0.033),
    ),
    "consolas": Design(
        ("Consolas", "Lucida Console", "Menlo", "Monaco", "DejaVu Sans Mono"),
        (_COURIER, _TIMES, "DejaVuSans"),
        nominal=Metrics(0.743, 0.257, 0.171),
    ),
    "courier": Design(
        ("Courier New", "Courier", "Liberation Mono"), (_COURIER, _TIMES, "DejaVuSans"), nominal=Metrics(0.833, 0.3)
    ),
    "symbol": Design(
        ("Symbol", "Wingdings", "Wingdings 2", "Segoe UI Symbol", "Segoe UI Emoji"),
        ("DejaVuSans", _SONG),
        nominal=Metrics(0.891, 0.216, 0.042),
    ),
}  # fmt: skip


def plain_name(name: str) -> str:
    """A font name as names are compared: full-width letters as plain ones, capitals as small ones."""
    return unicodedata.normalize("NFKC", name).strip().lower()


_BY_NAME = {
    east: {plain_name(n): design for design in designs.values() for n in design.names}
    for east, designs in ((True, EAST_DESIGNS), (False, LATIN_DESIGNS))
}


def names_of_designs() -> frozenset[str]:
    """Every name that a document may give, as names are compared."""
    return frozenset({*_BY_NAME[True], *_BY_NAME[False]})


def design_of(name: str, east: bool) -> tuple[Design, bool]:
    """The design a name means, and whether the name is known; for others what the name hints at."""
    lowered = plain_name(name)
    for kind in (east, not east):
        if lowered in _BY_NAME[kind]:
            return _BY_NAME[kind][lowered], True
    for design in EAST_DESIGNS.values():
        if any(hint in lowered for hint in design.hints if east or not hint.isascii()):
            return design, False
    return (EAST_DESIGNS["song"] if east else LATIN_DESIGNS["times"]), False
