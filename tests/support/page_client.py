"""A page as a visitor gets it; made only if it keeps the house rules, and a breach says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.support.page_rules import CONTROLS, HousePage


class Page(HousePage):
    """An HTML answer, parsed and checked."""

    def __init__(self, response: TestResponse) -> None:
        self.response = response
        self.status = response.status_code
        super().__init__(response.request.path, response.get_data(as_text=True))

    # What a test asks -----------------------------------------------------------------------------

    @property
    def h1(self) -> str:
        """The heading of the page."""
        return self._text(self._all("h1")[0])

    @property
    def text(self) -> str:
        """Everything that can be read in the main part, in one line."""
        return self._text(self._all("main")[0])

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

    @property
    def submit_button(self) -> str:
        """The text of the button that hands in a draft."""
        return next(self._text(b) for b in self._all("button") if b.get("data-submit") is not None)

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


class CheckedClient(FlaskClient):
    """A client no page of which gets by without keeping the house rules."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Ask, and look at the answer if it is a page."""
        response = super().open(*args, **kwargs)
        # HEAD and OPTIONS are answered with the headers of a page and no page
        is_page = response.mimetype == "text/html" and response.request.method not in ("HEAD", "OPTIONS")
        if is_page and not 300 <= response.status_code < 400:
            response.page = Page(response)  # type: ignore[attr-defined]
        return response


class Visitor:
    """Somebody with a browser without scripts: opens pages, fills fields, presses buttons."""

    def __init__(self, app: Flask) -> None:
        self.client = CheckedClient(app)
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
        self.page = getattr(response, "page", None) or Page(response)
        return self.page
