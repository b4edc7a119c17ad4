"""Substitutes for the fonts of Chinese official documents."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from formsvc.docxpdf.fonts.typeface import Metrics


@dataclass(frozen=True)
class FontSubstitute:
    """Names of a typeface in Word, and the files of the pack that replace it.

    `nominal` are the metrics that Word uses for the original. `heavy` typefaces are never emboldened. `latin` draws
    ASCII. `hints` are parts of unknown names.
    """

    names: tuple[str, ...]
    pack: tuple[str, ...]
    bold: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    nominal: Metrics = Metrics(0.859, 0.141)
    heavy: bool = False
    latin: str = ""


_SONG = "NotoSerifSC-Regular"
_TIMES, _ARIAL, _COURIER = "LiberationSerif-Regular", "LiberationSans-Regular", "LiberationMono-Regular"
# tried for characters that the substitute's own fonts lack
LAST_RESORT = (_SONG, "LXGWWenKai-Regular", "DejaVuSans")
# families of the pack that have bold and italic cuts
STYLED_FAMILIES = ("LiberationSerif", "LiberationSans", "LiberationMono", "Carlito", "Caladea")

EAST_ASIAN_SUBSTITUTES = {
    "fang": FontSubstitute(
        (
            "仿宋_GB2312", "仿宋", "FangSong_GB2312", "FangSong", "仿宋体", "方正仿宋_GBK", "方正仿宋简体", "方正仿宋_GB2312",
            "方正仿宋_GB18030", "FZFangSong-Z02", "FZFangSong-Z02S", "华文仿宋", "STFangsong", "朱雀仿宋", "CESI仿宋-GB2312",
            "汉仪仿宋简", "文鼎CS仿宋体",
        ),
        ("FandolFang-Regular", "LXGWWenKai-Light"),
        latin=_TIMES,
        hints=("仿宋", "fangsong"),
    ),
    "kai": FontSubstitute(
        (
            "楷体_GB2312", "楷体", "KaiTi_GB2312", "KaiTi", "方正楷体_GBK", "方正楷体简体", "方正楷体_GB2312", "方正楷体_GB18030",
            "FZKai-Z03", "FZKai-Z03S", "华文楷体", "STKaiti", "楷体-简", "Kaiti SC", "標楷體", "DFKai-SB", "CESI楷体-GB2312",
            "霞鹜文楷", "LXGW WenKai", "华文新魏", "STXinwei", "华文行楷", "STXingkai", "华文隶书", "STLiti", "隶书", "LiSu", "方正舒体",
        ),
        ("FandolKai-Regular", "LXGWWenKai-Regular"),
        latin=_TIMES,
        hints=("楷", "kai", "隶", "魏"),
    ),
    "xbs": FontSubstitute(
        (
            "方正小标宋简体", "方正小标宋_GBK", "方正小标宋_GB18030", "FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05", "小标宋", "小标宋体",
            "方正大标宋简体", "方正大标宋_GBK", "方正粗宋简体", "方正公文小标宋", "华文中宋", "STZhongsong", "CESI小标宋-GB2312", "文星标宋",
        ),
        ("NotoSerifSC-Bold",),
        hints=("标宋", "中宋", "粗宋", "xiaobiaosong", "zhongsong"),
        heavy=True,
    ),
    "hei": FontSubstitute(
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
    "song": FontSubstitute(
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
# nominal metrics: ascent, descent and line gap in the original font's hhea table
LATIN_SUBSTITUTES = {
    "times": FontSubstitute(
        ("Times New Roman", "Times", "Liberation Serif", "Georgia", "Garamond", "Book Antiqua", "Palatino Linotype", "Century"),
        (_TIMES, "DejaVuSans"),
        hints=("",),
        nominal=Metrics(0.891, 0.216, 0.042),
    ),
    "cambria": FontSubstitute(
        ("Cambria", "Cambria Math", "Caladea"), ("Caladea-Regular", _TIMES, "DejaVuSans"), nominal=Metrics(0.95, 0.222)
    ),
    "calibri": FontSubstitute(
        ("Calibri", "Calibri Light", "Carlito"), ("Carlito-Regular", _ARIAL, _TIMES, "DejaVuSans"), nominal=Metrics(0.75, 0.25, 0.22)
    ),
    "aptos": FontSubstitute(
        ("Aptos", "Aptos Display", "Aptos Narrow"), ("Carlito-Regular", _ARIAL, _TIMES, "DejaVuSans"), nominal=Metrics(0.939, 0.282)
    ),
    "arial": FontSubstitute(
        ("Arial", "Helvetica", "Liberation Sans", "Helvetica Neue", "Verdana", "Tahoma", "Segoe UI", "Trebuchet MS", "Century Gothic"),
        (_ARIAL, _TIMES, "DejaVuSans"),
        nominal=Metrics(0.905, 0.212, 0.033),
    ),
    "consolas": FontSubstitute(
        ("Consolas", "Lucida Console", "Menlo", "Monaco", "DejaVu Sans Mono"),
        (_COURIER, _TIMES, "DejaVuSans"),
        nominal=Metrics(0.743, 0.257, 0.171),
    ),
    "courier": FontSubstitute(
        ("Courier New", "Courier", "Liberation Mono"), (_COURIER, _TIMES, "DejaVuSans"), nominal=Metrics(0.833, 0.3)
    ),
    "symbol": FontSubstitute(
        ("Symbol", "Wingdings", "Wingdings 2", "Wingdings 3", "Webdings", "Segoe UI Symbol", "Segoe UI Emoji"),
        ("DejaVuSans", _SONG),
        nominal=Metrics(0.891, 0.216, 0.042),
    ),
}  # fmt: skip


def normalize_name(name: str) -> str:
    """Return a font name for comparison: NFKC, lower case."""
    return unicodedata.normalize("NFKC", name).strip().lower()


_BY_NAME = {
    east: {normalize_name(n): substitute for substitute in substitutes.values() for n in substitute.names}
    for east, substitutes in ((True, EAST_ASIAN_SUBSTITUTES), (False, LATIN_SUBSTITUTES))
}


def substituted_names() -> frozenset[str]:
    """Return every name that has a substitute, normalized."""
    return frozenset({*_BY_NAME[True], *_BY_NAME[False]})


def find_substitute(name: str, east: bool) -> tuple[FontSubstitute, bool]:
    """Return the substitute for a font name, and whether the name is known.

    Unknown names are judged by the hints in them.
    """
    lowered = normalize_name(name)
    # documents give Latin names to East Asian text and the other way round
    for kind in (east, not east):
        if lowered in _BY_NAME[kind]:
            return _BY_NAME[kind][lowered], True
    for substitute in EAST_ASIAN_SUBSTITUTES.values():
        if any(hint in lowered for hint in substitute.hints if east or not hint.isascii()):
            return substitute, False
    return (EAST_ASIAN_SUBSTITUTES["song"] if east else LATIN_SUBSTITUTES["times"]), False
