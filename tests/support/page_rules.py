"""The house rules of a page, whoever opened it; a breach says what to do."""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import markupever

CONTROLS = ("input", "select", "textarea")
UNLABELLED_TYPES = ("hidden", "submit", "button")
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff”》）][,;:!?()]|[,;()][\u4e00-\u9fff]|[\u4e00-\u9fff]\.(?:\s|$)")
WRONG_BRACKETS = re.compile(r"[\[［【]\d{4}[\]］】]")
POINTING = ("for", "aria-describedby", "aria-labelledby", "aria-controls", "list", "form")
AS_TYPED = ("textarea", "script", "code", "pre")
STRICT = markupever.HtmlOptions(full_document=True, exact_errors=True)
XHTML = "{http://www.w3.org/1999/xhtml}"
START_TAG = re.compile(r'<[a-zA-Z][^\s>]*(?:\s+[^\s=>]+="[^"]*")+')
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
TOKEN = re.compile(r'(name="csrf_token" value=")([^"]*)')
# Parsing takes most of the time of a page, and every test begins with the same ones. The tree of each that kept the
# rules, by its text without tokens.
_SOUND: dict[str, Any] = {}
_SOUND_LIMIT = 500


class HousePage:
    """A page of HTML, parsed and checked; ``path`` is what a breach calls it."""

    def __init__(self, path: str, html: str) -> None:
        self.path = path
        self.html = html
        text = TOKEN.sub(r"\1", html)
        if text in _SOUND:
            self.tree = self._with_tokens(_SOUND[text])
            return
        self.tree = self._parsed()
        self._check_frame()
        self._check_ids()
        self._check_labels()
        self._check_own_only()
        self._check_forms()
        self._check_words()
        if len(_SOUND) < _SOUND_LIMIT:
            _SOUND[text] = self.tree

    def _with_tokens(self, sound: Any) -> Any:
        """Return a tree like another, with the tokens of this page."""
        tree = copy.deepcopy(sound)
        fields = [e for e in tree.iter("input") if e.get("name") == "csrf_token"]
        for element, (_name, token) in zip(fields, TOKEN.findall(self.html), strict=True):
            element.set("value", token)
        return tree

    def _parsed(self) -> Any:
        parser = markupever.Parser(STRICT)
        parser.process(self.html)
        parser.finish()
        errors = parser.errors()
        assert not errors, f"{self.path}: not valid HTML: {'; '.join(errors)}"
        text = parser.into_dom().serialize(is_html=False)
        tree = ElementTree.fromstring(NOT_IN_XML.sub("\ufffd", START_TAG.sub(_with_escapes, text)))
        for element in tree.iter():
            element.tag = element.tag.removeprefix(XHTML)
        return tree

    @property
    def title(self) -> str:
        """What the browser's tab says."""
        return self._text(self._all("title")[0])

    @property
    def errors(self) -> list[str]:
        """The lines of the error summary."""
        summary = [e for e in self._all("div") if "error-summary" in (e.get("class") or "")]
        return [self._text(line) for s in summary for line in s.iter("li")]

    # The house rules ------------------------------------------------------------------------------

    def _check_frame(self) -> None:
        headings = [self._text(h) for h in self._all("h1")]
        assert len(headings) == 1, f"{self.path}: one h1 a page, here {headings}"
        assert headings[0], f"{self.path}: the h1 is empty"
        assert headings[0] in self.title, (
            f"{self.path}: the title “{self.title}” must contain the h1 “{headings[0]}”"
        )
        assert self._all("html")[0].get("lang"), f"{self.path}: say the language: lang="
        assert len(self._all("main")) == 1, f"{self.path}: one main a page"
        if self.errors:
            assert self.title.startswith("错误："), (
                f"{self.path}: a title of a page with errors begins with “错误：”"
            )

    def _check_ids(self) -> None:
        ids = [e.get("id") for e in self._elements() if e.get("id") is not None]
        doubled = [i for i, n in Counter(ids).items() if n > 1]
        assert not doubled, f"{self.path}: ids used twice: {doubled}"
        for element in self._elements():
            for attribute in POINTING:
                for target in (element.get(attribute) or "").split():
                    assert target in ids, f"{self.path}: {attribute}={target} points at nothing"
            if element.tag == "a" and (element.get("href") or "").startswith("#"):
                assert element.get("href")[1:] in ids, (
                    f"{self.path}: the link {element.get('href')} leads nowhere"
                )

    def _check_labels(self) -> None:
        labelled = {label.get("for") for label in self._all("label")}
        wrapped = {c for label in self._all("label") for c in label.iter() if c.tag in CONTROLS}
        for control in self._elements():
            if control.tag == "button":
                assert self._text(control) or control.get("aria-label"), (
                    f"{self.path}: a button without words"
                )
            if control.tag not in CONTROLS or control.get("type") in UNLABELLED_TYPES:
                continue
            named = control.get("id") in labelled or control in wrapped
            named = named or control.get("aria-label") or control.get("aria-labelledby")
            assert named, f"{self.path}: the field {control.get('name')} has no label"
        for fieldset in self._all("fieldset"):
            assert fieldset.find("legend") is not None, f"{self.path}: a fieldset begins with its legend"

    def _check_own_only(self) -> None:
        for element in self._elements():
            assert element.get("style") is None, (
                f"{self.path}: no style attribute, use a class: {element.attrib}"
            )
            assert element.tag != "style", f"{self.path}: no inline style, use a file under static/"
            if element.tag == "script":
                assert element.get("src"), f"{self.path}: no inline script, use a file under static/"
            handlers = [name for name in element.attrib if str(name).lower().startswith("on")]
            assert not handlers, f"{self.path}: no {handlers}, attach it in a file under static/"
            for attribute in ("src", "href", "action"):
                target = urlsplit(element.get(attribute) or "")
                assert not target.netloc, f"{self.path}: nothing from another host: {element.get(attribute)}"
                assert target.scheme in ("", "mailto", "tel"), f"{self.path}: {element.get(attribute)}"

    def _check_forms(self) -> None:
        for form in self._all("form"):
            if (form.get("method") or "get").lower() == "post":
                names = [c.get("name") for c in form.iter("input")]
                assert "csrf_token" in names, (
                    f"{self.path}: a POST form needs {{{{ csrf() }}}}: {form.get('action')}"
                )

    def _check_words(self) -> None:
        for text in self._said():
            half = HALF_WIDTH.search(text)
            assert not half, f"{self.path}: full-width punctuation in Chinese text: “{text.strip()}”"
            assert not WRONG_BRACKETS.search(text), f"{self.path}: 〔〕 in document numbers: “{text.strip()}”"

    def _said(self) -> Iterator[str]:
        for element in self._elements():
            if element.tag not in AS_TYPED and element.text:
                yield element.text
            if element.tail:
                yield element.tail
            yield from (
                element.get(a) for a in ("aria-label", "title", "placeholder", "alt") if element.get(a)
            )

    # Walking the tree -----------------------------------------------------------------------------

    def _elements(self) -> list[Any]:
        return [e for e in self.tree.iter() if isinstance(e.tag, str)]

    def _all(self, tag: str) -> list[Any]:
        return list(self.tree.iter(tag))

    def _parents(self) -> dict[Any, Any]:
        return {child: parent for parent in self.tree.iter() for child in parent}

    @staticmethod
    def _text(element: Any) -> str:
        return " ".join("".join(element.itertext()).split())


def _with_escapes(tag: re.Match[str]) -> str:
    """Return a start tag with each "<" in its attributes escaped, as XML wants."""
    return "<" + tag[0][1:].replace("<", "&lt;")
