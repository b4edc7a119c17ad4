"""Rules for the words of a document: laws, numbers, dates, banned words.

Applied to each answer while the form is filled in, and to the whole finished document, because a template has words
of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from formsvc.domain.authorities import Circumstances
from formsvc.domain.chinese import NUMERAL
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.evaluation.forbidden_words import (
    PrintedText,
    answer_word_problems,
    document_word_problems,
    texts_of,
)
from formsvc.domain.expressions.functions import entries_of, setting
from formsvc.domain.json_types import JSON
from formsvc.errors import Problem
from formsvc.i18n.messages import msg

_LAWS = "laws"
_ARTICLES_SETTING = "verified_articles"
_STATE_LAW = "中华人民共和国"
_ARTICLE_AFTER = re.compile(rf"》?(?:（[^（）]{{2,40}}）)?\s*(第{NUMERAL}条)")
# 7.2.5 of GB/T 9704—2012: the year of a number stands in 〔〕.
_YEAR_IN_BRACKETS = re.compile(r"[\[［(（【]((?:19|20)\d\d)[\]］)）】](?=\s*(?:第?\s*\d+\s*号))")
# 7.3.5 of GB/T 9704—2012: years in full, months and days without leading zeros.
_DAY_IN_FIGURES = re.compile(r"(?<![\w./\-])(?:19|20)\d\d([-./])\d{1,2}\1\d{1,2}(?![\w/\-])", re.ASCII)
_DAY_WITH_ZEROS = re.compile(r"(?:19|20)\d\d年(?:0\d月\d{1,2}日|\d{1,2}月0\d日)")
_ADDRESS = re.compile(r"https?://\S+")
# 消防法规 and the like are words of their own and no short form of a law's name.
_LONGER_WORD = re.compile(r"[律规治制定]")


def wording_problems(
    definition: FormDefinition, values: Mapping[str, JSON], circumstances: Circumstances
) -> list[Problem]:
    """Return problems with the words of the answers, each at its field."""
    texts = [text for text in texts_of(definition, values) if text.words]
    return [
        *answer_word_problems(definition, values, texts),
        *_article_problems(texts, definition, circumstances),
        *(problem for text in texts for problem in _format_problems(text)),
    ]


def finished_document_problems(
    definition: FormDefinition,
    values: Mapping[str, JSON],
    circumstances: Circumstances,
    paragraphs: Sequence[str],
) -> list[Problem]:
    """Return problems with the words of the finished document."""
    printed = [PrintedText("", paragraph) for paragraph in paragraphs if paragraph]
    problems = [
        *document_word_problems(definition, values, printed),
        *_article_problems(printed, definition, circumstances),
        *(problem for text in printed for problem in _format_problems(text)),
        *_short_name_problems(printed, definition, circumstances),
    ]
    return list(dict.fromkeys(problems))


def _article_problems(
    texts: Sequence[PrintedText], definition: FormDefinition, circumstances: Circumstances
) -> Iterator[Problem]:
    """Yield articles of renumbered regulations that are not verified."""
    known = {**circumstances.lookups, **definition.lookups}
    verified = str(setting(circumstances, known, _ARTICLES_SETTING) or "")
    for law in entries_of(known, _LAWS):
        if law.get("articles") != "check":
            continue
        for text in texts:
            for article in _articles_cited(str(law["name"]), text.words):
                if f"《{law['name']}》{article}" not in verified:
                    yield _article_problem(text, law, article)


def _articles_cited(name: str, words: str) -> Iterator[str]:
    for place in re.finditer(re.escape(name), words):
        article = _ARTICLE_AFTER.match(words, place.end())
        if article:
            yield article.group(1)


def _article_problem(text: PrintedText, law: Mapping[str, JSON], article: str) -> Problem:
    sentence = msg(
        "《{name}》{version}，条号已变，{article}还没有核定，不能写进文书。",
        name=law["name"],
        version=law["version"],
        article=article,
    )
    remedy = msg("请只写条例名称；条号经消防、法制部门核定后，由管理员记入“本地口径”的已核定条号。")
    return Problem(text.path, sentence, remedy, msg("《{name}》", name=law["name"]))


def _format_problems(text: PrintedText) -> Iterator[Problem]:
    # Addresses may hold dates in any form.
    words = _ADDRESS.sub("", text.words)
    year = _YEAR_IN_BRACKETS.search(words)
    if year:
        sentence = msg(
            "文号的年份“{typed}”应当用六角括号，写作“〔{year}〕”。", typed=year.group(), year=year.group(1)
        )
        yield Problem(text.path, sentence, msg("请更正。"), "GB/T 9704—2012 7.2.5")
    day = _DAY_IN_FIGURES.search(words) or _DAY_WITH_ZEROS.search(words)
    if day:
        sentence = msg("日期“{day}”应写成“2026年9月8日”的样子：年份全称，月、日不编虚位。", day=day.group())
        yield Problem(text.path, sentence, msg("请更正。"), "GB/T 9704—2012 7.3.5")


def _short_name_problems(
    texts: Sequence[PrintedText], definition: FormDefinition, circumstances: Circumstances
) -> Iterator[Problem]:
    """Yield laws abbreviated before their full name was given."""
    known = {**circumstances.lookups, **definition.lookups}
    whole = "\n".join(text.words for text in texts)
    for law in entries_of(known, _LAWS):
        full = str(law["name"])
        short = full.removeprefix(_STATE_LAW)
        if short == full:
            continue
        first = whole.find(f"《{full}》")
        for place in re.finditer(re.escape(short), whole[: first if first >= 0 else len(whole)]):
            before, after = whole[: place.start()], whole[place.end() : place.end() + 1]
            if before.endswith(f"《{_STATE_LAW}") or _LONGER_WORD.match(after):
                continue
            sentence = msg(
                "法律第一次出现应写全称并加书名号：“{short}”应写作“《{full}》”。", short=short, full=full
            )
            yield Problem("", sentence, msg("请更正引用该法律的内容。"))
            break
