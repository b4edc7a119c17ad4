"""Words that a document must not contain, and where they are looked for.

What disposes (measures, reasons, the words of the template) is looked at; facts, titles 《…》 and quoted provisions may
contain any word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from formsvc.domain import laws
from formsvc.domain.authorities import AuthorityMode
from formsvc.domain.chinese import NUMERAL
from formsvc.domain.definitions.form_definition import WORD_LISTS, FormDefinition
from formsvc.domain.expressions.functions import entries_of
from formsvc.domain.fields.tables.inner import inner_cells
from formsvc.domain.json_types import JSON
from formsvc.domain.safe_regex import search
from formsvc.errors import Problem
from formsvc.i18n.messages import DefinitionText, msg

_PRINTED_KINDS = frozenset({"text", "long_text", "choice", "choices"})
# A title, with the article and the words that it is quoted with.
_QUOTED = re.compile(
    rf"《[^《》]*》(?:（[^（）]*）)?(?:第{NUMERAL}[条款项]|[、和])*(?:[的规定：:]*“[^“”]*”)?"
)
_CLAUSE_ENDS = re.compile(r"[，,。；;\n]")
_VILLAGE_COMMITTEE = "村民委员会"


@dataclass(frozen=True)
class PrintedText:
    """A text and its field; "" for words of the template."""

    path: str
    words: str


@dataclass(frozen=True)
class _WordRule:
    """Words, where they are looked for, and what is said of them.

    ``fields`` is None for every answer. A clause that ``unless`` matches is lawful.
    """

    words: Sequence[str]
    message: Callable[[str], str]
    remedy: str
    law: str
    fields: frozenset[str] | None = None
    in_template: bool = True
    unless: str = ""

    def word_in(self, text: str) -> str | None:
        """Return the first of the words that a clause of the text contains."""
        plain = _QUOTED.sub("", text)
        if not any(word in plain for word in self.words):
            return None
        clauses = [c for c in _CLAUSE_ENDS.split(plain) if not (self.unless and search(self.unless, c))]
        return next((word for clause in clauses for word in self.words if word in clause), None)

    def problem(self, path: str, word: str) -> Problem:
        return Problem(path, self.message(word), self.remedy, self.law)


def _sentence_of(form: str, text: str) -> Callable[[str], str]:
    """Return the function that fills a word into a text of a definition."""
    return lambda word: DefinitionText(form, text, {"word": word})


def answer_word_problems(
    definition: FormDefinition, values: Mapping[str, JSON], texts: Sequence[PrintedText]
) -> Iterator[Problem]:
    """Yield the answers that contain a word forbidden at their field."""
    for rule in _rules_of(definition, values):
        for text in texts:
            if rule.fields is None or _place_of(text.path) in rule.fields:
                word = rule.word_in(text.words)
                if word:
                    yield rule.problem(text.path, word)


def document_word_problems(
    definition: FormDefinition, values: Mapping[str, JSON], paragraphs: Sequence[PrintedText]
) -> Iterator[Problem]:
    """Yield paragraphs with forbidden words, answers of other fields aside."""
    for rule in _rules_of(definition, values):
        if not rule.in_template:
            continue
        elsewhere = _texts_elsewhere(rule, values)
        for paragraph in paragraphs:
            if not any(word in paragraph.words for word in rule.words):
                continue
            words = paragraph.words
            for text in elsewhere:
                words = words.replace(text, "")
            word = rule.word_in(words)
            if word:
                yield rule.problem(paragraph.path, word)


def texts_of(definition: FormDefinition, values: Mapping[str, JSON]) -> Iterator[PrintedText]:
    """Yield typed or chosen texts, those in tables too."""
    for entry in definition.fields:
        value = values.get(entry.key)
        if entry.columns:
            for index, row in enumerate(value or []):
                for column in entry.columns:
                    if column.kind in _PRINTED_KINDS and not column.computed:
                        yield from _texts(f"{entry.key}.{index}.{column.key}", row.get(column.key))
                for path, column, cell in inner_cells(entry, f"{entry.key}.{index}", row):
                    if column.kind in _PRINTED_KINDS:
                        yield from _texts(path, cell)
        elif entry.kind in _PRINTED_KINDS and not entry.computed:
            yield from _texts(entry.key, value)


def _texts(path: str, value: JSON) -> Iterator[PrintedText]:
    for words in value if isinstance(value, list) else [value]:
        if isinstance(words, str):
            yield PrintedText(path, words)


def _place_of(path: str) -> str:
    """Return the field of a path, of a cell its table and column."""
    key, _, inner = path.partition(".")
    return f"{key}.{inner.rpartition('.')[2]}" if inner else key


def _texts_elsewhere(rule: _WordRule, values: Mapping[str, JSON]) -> list[str]:
    """Return the lines of other fields' answers that have a rule's words.

    Longest first: a short text may be part of a longer one.
    """
    if rule.fields is None:
        return []
    lines = {
        line.strip("。；;，,、. ")
        for path, text in _all_texts(values, "")
        if _place_of(path) not in rule.fields
        for line in text.splitlines()
        if any(word in line for word in rule.words)
    }
    return sorted(lines, key=len, reverse=True)


def _all_texts(value: JSON, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from _all_texts(part, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list | tuple):
        for index, part in enumerate(value):
            # texts of a list of choices stand under their field
            yield from _all_texts(part, path if isinstance(part, str) else f"{path}.{index}")


def _rules_of(definition: FormDefinition, values: Mapping[str, JSON]) -> Iterator[_WordRule]:
    """Yield the rules that the answers are under, by their mode and party."""
    for own in definition.forbidden_words:
        remedy = DefinitionText(definition.id, own.remedy)
        yield _WordRule(own.words, _sentence_of(definition.id, own.message), remedy, own.law)
    entries = {str(entry["code"]): entry for entry in entries_of(definition.lookups, WORD_LISTS)}
    mode = definition.mode_of(values)
    subject = str(values.get(definition.subject) or "") if definition.subject else ""
    is_mode_covered = False
    for listed in definition.word_lists:
        entry = entries.get(listed.name, {})
        modes = entry.get("modes") or ()
        is_mode_covered |= AuthorityMode.OWN_DUTY in modes
        is_spared = subject.endswith(tuple(entry.get("except_subjects") or ("\0",)))
        if entry and (not modes or mode in modes) and not is_spared:
            yield _listed_rule(entry, frozenset(listed.fields), in_template=listed.template)
    if mode == AuthorityMode.OWN_DUTY and not is_mode_covered:
        yield _rule_of_own_duty(is_committee=subject.endswith(_VILLAGE_COMMITTEE))


def _listed_rule(entry: Mapping[str, JSON], fields: frozenset[str], *, in_template: bool) -> _WordRule:
    message = _sentence_of(WORD_LISTS, str(entry.get("message") or ""))
    remedy = DefinitionText(WORD_LISTS, str(entry.get("remedy") or ""))
    law, unless = str(entry.get("law") or ""), str(entry.get("unless") or "")
    return _WordRule(tuple(entry["words"]), message, remedy, law, fields, in_template, unless)


def _rule_of_own_duty(*, is_committee: bool) -> _WordRule:
    """Return the rule of own duty (M0) for definitions without a list."""
    # 村民委员会组织法 41(2): the township orders a committee to remedy what it omits.
    words = ("处罚",) if is_committee else ("责令", "处罚")
    remedy = msg("请改用“督促整改”等表述；应当责令改正、给予处罚的，移送消防救援机构。")
    return _WordRule(
        words,
        lambda word: msg("属地职责（M0）的文书不得出现“{word}”字样。", word=word),
        remedy,
        laws.OWN_DUTY_ARTICLE,
    )
