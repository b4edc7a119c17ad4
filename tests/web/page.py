"""A page as a visitor gets it; made only if it keeps the house rules, and a breach says what to do."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

import html5lib
from flask import Flask
from html5lib.html5parser import ParseError
from werkzeug.test import TestResponse

CONTROLS = ("input", "select", "textarea")
UNLABELLED_TYPES = ("hidden", "submit", "button")
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff”》）][,;:!?()]|[,;()][\u4e00-\u9fff]|[\u4e00-\u9fff]\.(?:\s|$)")
WRONG_BRACKETS = re.compile(r"[\[［【]\d{4}[\]］】]")
POINTING = ("for", "aria-describedby", "aria-labelledby", "aria-controls", "list", "form")
AS_TYPED = ("textarea", "script", "code", "pre")


class Page:
    """An HTML answer, parsed and checked."""

    def __init__(self, response: TestResponse) -> None:
        self.response = response
        self.status = response.status_code
        self.path = response.request.path
        self.html = response.get_data(as_text=True)
        self.tree = self._parsed()
        self._check_frame()
        self._check_ids()
        self._check_labels()
        self._check_own_only()
        self._check_forms()
        self._check_words()

    def _parsed(self) -> Any:
        try:
            return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(self.html)
        except ParseError as wrong:
            parser = html5lib.HTMLParser(namespaceHTMLElements=False)
            parser.parse(self.html)
            (line, _column), code, detail = parser.errors[0]
            excerpt = "\n".join(self.html.splitlines()[max(line - 2, 0) : line + 1])
            raise AssertionError(
                f"{self.path}: not valid HTML, line {line}: {code} {detail}\n{excerpt}"
            ) from wrong

    # What a test asks -----------------------------------------------------------------------------

    @property
    def h1(self) -> str:
        """The heading of the page."""
        return self._text(self._all("h1")[0])

    @property
    def title(self) -> str:
        """What the browser's tab says."""
        return self._text(self._all("title")[0])

    @property
    def text(self) -> str:
        """Everything that can be read in the main part, in one line."""
        return self._text(self._all("main")[0])

    @property
    def errors(self) -> list[str]:
        """The lines of the error summary."""
        summary = [e for e in self._all("div") if "error-summary" in (e.get("class") or "")]
        return [self._text(line) for s in summary for line in s.iter("li")]

    def links(self) -> dict[str, str]:
        """Where each link leads, by its text."""
        return {self._text(a): a.get("href", "") for a in self._all("a")}

    def element(self, id_: str) -> Any:
        """The element of this id. Fails when there is none."""
        found = [e for e in self.tree.iter() if isinstance(e.tag, str) and e.get("id") == id_]
        assert found, f"{self.path}: nothing has the id {id_}"
        return found[0]

    def value(self, id_: str) -> str:
        """What stands in the field of this id."""
        return self._typed(self.element(id_))

    def is_hidden(self, id_: str) -> bool:
        """Whether the element, or one around it, is hidden."""
        node = self.element(id_)
        while node is not None:
            if node.get("hidden") is not None:
                return True
            node = self._parents().get(node)
        return False

    def form_with(self, button: str) -> tuple[str, list[tuple[str, str]]]:
        """Where the button of this text sends its form, and everything the form sends with it."""
        for element in self._all("button"):
            if button in (self._text(element), element.get("aria-label")):
                form = self._form_of(element)
                fields = list(self._sent_by(form))
                if element.get("name"):
                    fields.append((element.get("name"), element.get("value", "")))
                return urljoin(
                    self.path, element.get("formaction") or form.get("action") or self.path
                ), fields
        raise AssertionError(
            f"{self.path}: no button “{button}”; there are {[self._text(b) for b in self._all('button')]}"
        )

    def _form_of(self, button: Any) -> Any:
        if button.get("form"):
            return self.element(button.get("form"))
        node = button
        while node is not None and node.tag != "form":
            node = self._parents().get(node)
        assert node is not None, f"{self.path}: the button “{self._text(button)}” stands in no form"
        return node

    def _sent_by(self, form: Any) -> Iterator[tuple[str, str]]:
        for control in form.iter():
            name, kind = control.get("name"), control.get("type", "")
            if control.tag not in CONTROLS or not name or kind in ("submit", "file"):
                continue
            if kind in ("radio", "checkbox"):
                if control.get("checked") is not None:
                    yield name, control.get("value", "on")
            else:
                yield name, self._typed(control)

    @staticmethod
    def _typed(control: Any) -> str:
        if control.tag == "textarea":
            return control.text or ""
        if control.tag == "select":
            return next(
                (o.get("value", "") for o in control.iter("option") if o.get("selected") is not None), ""
            )
        return str(control.get("value", ""))

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


class Visitor:
    """Somebody with a browser without scripts: opens pages, fills fields, presses buttons."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()
        self.page: Page | None = None

    def open(self, url: str) -> Page:
        """Open an address and follow where it leads."""
        return self._arrived(self.client.get(url, follow_redirects=True))

    def press(self, button: str, fields: dict[str, Any] | None = None, **more: Any) -> Page:
        """Fill fields of the present page and press a button; every other field is sent as it stands.

        Fields go by name; a list sends several, None leaves the field out.
        """
        assert self.page is not None, "open a page first"
        action, sent = self.page.form_with(button)
        filled = {**(fields or {}), **more}
        body: dict[str, list[Any]] = {}
        for name, value in sent:
            if name not in filled:
                body.setdefault(name, []).append(value)
        for name, value in filled.items():
            if value is not None:
                body[name] = value if isinstance(value, list) else [value]
        return self._arrived(self.client.post(action, data=body, follow_redirects=True))

    def sign_in(self, name: str, password: str = "demo") -> Page:
        """Sign in by the page."""
        self.open("/sign-in")
        return self.press("登录", name=name, password=password)

    def token(self) -> str:
        """A CSRF token of the present page."""
        assert self.page is not None
        return str(
            next(e.get("value") for e in self.page.tree.iter("input") if e.get("name") == "csrf_token")
        )

    def _arrived(self, response: TestResponse) -> Page:
        self.page = Page(response)
        return self.page
