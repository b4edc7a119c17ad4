"""Numbers as Word writes them, format by format."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from formsvc.docxpdf import PdfResult
from formsvc.docxpdf.characters.number_formats import FORMATS, format_number, is_supported
from tests.support.docx_samples.raw_xml import GB_PAGE, page_field, paragraph, part, relation, word_file
from tests.support.pdf_text import lines

ToPdf = Callable[[bytes], PdfResult]


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ("chineseCountingThousand", {1: "一", 10: "十", 11: "十一", 20: "二十", 101: "一百零一", 110: "一百一十", 1005: "一千零五", 10500: "一万零五百"}),
        ("chineseCounting", {10: "十", 21: "二十一", 99: "九十九", 100: "一○○", 123: "一二三"}),
        ("chineseLegalSimplified", {1: "壹", 10: "壹拾", 205: "贰佰零伍", 1000: "壹仟"}),
        ("ideographLegalTraditional", {2: "貳", 36: "參拾陸"}),
        ("ideographDigital", {10: "一〇", 2026: "二〇二六"}),
        ("taiwaneseDigital", {10: "一○"}),
        ("japaneseCounting", {10: "十", 100: "百", 112: "百十二", 1001: "千一"}),
        ("ideographTraditional", {1: "甲", 10: "癸", 11: "11"}),
        ("ideographZodiac", {1: "子", 12: "亥", 13: "13"}),
        ("ideographZodiacTraditional", {1: "甲子", 60: "癸亥", 61: "61"}),
        ("ideographEnclosedCircle", {1: "㊀", 10: "㊉", 11: "11"}),
        ("decimalEnclosedCircle", {1: "①", 20: "⑳", 21: "21"}),
        ("decimalEnclosedCircleChinese", {10: "⑩", 11: "11"}),
        ("decimalEnclosedParen", {1: "⑴", 20: "⒇", 21: "21"}),
        ("decimalEnclosedFullstop", {1: "⒈", 20: "⒛"}),
        ("decimalFullWidth", {12: "１２"}),
        ("decimalZero", {9: "09", 10: "10", 100: "100"}),
        ("numberInDash", {3: "- 3 -"}),
        ("upperRoman", {4: "IV", 1999: "MCMXCIX"}),
        ("lowerRoman", {9: "ix"}),
        ("upperLetter", {26: "Z", 27: "AA", 53: "AAA"}),
        ("lowerLetter", {28: "bb"}),
        ("ordinal", {1: "1st", 2: "2nd", 3: "3rd", 11: "11th", 112: "112th", 23: "23rd"}),
        ("cardinalText", {1: "One", 21: "Twenty-one", 105: "One hundred five"}),
        ("ordinalText", {1: "First", 12: "Twelfth", 20: "Twentieth", 21: "Twenty-first"}),
        ("hex", {255: "FF"}),
        ("chicago", {1: "*", 2: "†", 5: "**"}),
        ("none", {7: ""}),
    ],
)  # fmt: skip
def test_a_format_is_written_as_word_writes_it(shape: str, expected: dict[int, str]) -> None:
    assert {n: format_number(n, shape) for n in expected} == expected


def test_every_format_writes_every_number_up_to_a_thousand() -> None:
    for shape in FORMATS:
        assert all(isinstance(format_number(n, shape), str) for n in range(1001))


def test_leading_zeros_of_one_s_own_and_formats_not_known() -> None:
    assert format_number(7, "custom", "001, 002, 003, ...") == "007"
    assert not is_supported("custom", "Ⅰ, Ⅱ")
    assert not is_supported("hindiVowels")
    assert format_number(7, "hindiVowels") == "7"


def level(shape: str) -> str:
    return (
        '<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="11"/>'
        f'{shape}<w:suff w:val="nothing"/><w:lvlText w:val="%1、"/></w:lvl></w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    )


@pytest.mark.parametrize(
    ("shape", "label", "told"),
    [
        ('<w:numFmt w:val="chineseLegalSimplified"/>', "壹拾壹、", False),
        ('<w:numFmt w:val="hebrew1"/>', "11、", True),
        (
            '<mc:AlternateContent><mc:Choice Requires="w14"><w:numFmt w:val="custom" w:format="001, 002"/></mc:Choice>'
            '<mc:Fallback><w:numFmt w:val="decimal"/></mc:Fallback></mc:AlternateContent>',
            "011、",
            False,
        ),
    ],
)
def test_a_list_number_says_when_its_format_is_not_known(
    to_pdf: ToPdf, shape: str, label: str, told: bool
) -> None:
    word = word_file(
        paragraph("条款", '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'),
        parts={"word/numbering.xml": part("numbering", level(shape))},
        relations=relation("n1", "numbering", "numbering.xml"),
    )
    made = to_pdf(word)
    assert lines(made.pdf) == [label + "条款"]
    assert any("hebrew1" in w for w in made.warnings) == told


@pytest.mark.parametrize(
    ("shape", "field", "shown"),
    [
        ("chineseCountingThousand", "PAGE", "十一"),
        ("decimal", "PAGE \\* CHINESENUM2", "壹拾壹"),
        ("upperRoman", "PAGE \\* MERGEFORMAT", "XI"),
        ("decimalEnclosedCircle", "PAGE", "⑪"),
        ("numberInDash", "PAGE", "-11-"),
        ("lowerRoman", "PAGE \\* Arabic", "11"),
    ],
)
def test_page_numbers_are_written_in_the_format_of_their_section_or_field(
    to_pdf: ToPdf, shape: str, field: str, shown: str
) -> None:
    section = (
        f'<w:footerReference w:type="default" r:id="f1"/>{GB_PAGE}<w:pgNumType w:fmt="{shape}" w:start="11"/>'
    )
    word = word_file(
        paragraph("正文"),
        section=section,
        parts={"word/footer1.xml": part("ftr", paragraph(page_field(field)))},
        relations=relation("f1", "footer", "footer1.xml"),
    )
    made = to_pdf(word)
    assert lines(made.pdf) == ["正文", shown]
    assert made.warnings == ()
