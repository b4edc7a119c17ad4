"""Whatever an address says or somebody types, a page of ours answers; it is never a fault of the program."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, quote, urljoin, urlsplit

import lxml.html
import pytest
from werkzeug.test import TestResponse

from formsvc.storage.tinydb_store import TinyStore
from tests.support.memory_office import Office, make_office
from tests.support.page_client import Visitor

PEOPLE = ("staff", "reviewer", "approver", "officer", "admin")
STEPS = 600
ODD = (
    *(
        "",
        "0",
        "-1",
        "²",
        "٣",
        "１２",
        "½",
        "𝟙",
        "9" * 25,
        "1" * 5000,
        "1e309",
        "NaN",
        "0x10",
        "1.5",
        "1,000",
    ),
    *("2026-02-30", "0001-01-01", "9999-12-31", "10000-01-01", "2026-09-21T25:00"),
    *("\ud800", "\u202e", "\t\r\n", "中" * 3000, "a" * 300, "🔥", "<script>x</script>"),
    *("{{7*7}}", "{%", "[]", "{}", "null", "'", '"', "\\", "../../etc/passwd", "%00", "消限〔2026〕1号"),
)
LEADS_AWAY = ("sign-out", "sign-in", "/account/password", "/admin/people", "/admin/backups")


def written(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def encoded(pairs: list[tuple[str, str]]) -> str:
    return "&".join(f"{written(name)}={written(value)}" for name, value in pairs)


@dataclass
class Wanderer:
    """Somebody who follows links and sends forms at random, mostly with something odd in a field."""

    visitor: Visitor
    chance: random.Random
    addresses: list[str] = field(default_factory=lambda: ["/"])
    forms: dict[tuple[str, str, tuple[str, ...]], list[list[tuple[str, str]]]] = field(default_factory=dict)

    def step(self) -> tuple[str, TestResponse]:
        """One more request; answers what was asked, and the answer."""
        if self.forms and self.chance.random() < 0.6:
            asked, response = self._send()
        else:
            asked = self._somewhere()
            response = self.visitor.client.get(asked)
        self._look(asked, response)
        return asked, response

    def _somewhere(self) -> str:
        address = self.chance.choice(self.addresses)
        if self.chance.random() < 0.6:
            return address
        path, _, query = address.partition("?")
        pairs = parse_qsl(query, keep_blank_values=True) or [("page", "1"), ("year", "2026"), ("day", "")]
        return f"{path}?{encoded([(name, self._odd(value)) for name, value in pairs])}"

    def _send(self) -> tuple[str, TestResponse]:
        action, method, _names = key = self.chance.choice(list(self.forms))
        pairs = [
            (name, value if name == "csrf_token" else self._odd(value))
            for name, value in self.chance.choice(self.forms[key])
        ]
        if method == "GET":
            asked = f"{action.partition('?')[0]}?{encoded(pairs)}"
            return asked, self.visitor.client.get(asked)
        kind = "application/x-www-form-urlencoded"
        answer = self.visitor.client.post(action, data=encoded(pairs), content_type=kind)
        return f"{action} {[(n, v[:40]) for n, v in pairs if n != 'csrf_token']}", answer

    def _odd(self, value: str) -> str:
        return self.chance.choice(ODD) if self.chance.random() < 0.2 else value

    def _look(self, asked: str, response: TestResponse) -> None:
        if response.mimetype != "text/html" or not response.data or response.status_code == 404:
            return
        tree = lxml.html.fromstring(response.data)
        base = urljoin("http://localhost", asked.partition(" ")[0])
        links = [urljoin(base, link.get("href")) for link in tree.iter("a") if link.get("href")]
        if response.location:
            links.append(urljoin(base, response.location))
        for link in map(urlsplit, links):
            address = f"{link.path}?{link.query}" if link.query else link.path
            stays = link.netloc == "localhost" and not any(part in address for part in LEADS_AWAY)
            if stays and address not in self.addresses and len(self.addresses) < 400:
                self.addresses.append(address)
        for form in tree.forms:  # type: ignore[attr-defined]  # lxml.html's documents have it
            action = urlsplit(urljoin(base, form.action or base))
            if not any(part in action.path for part in LEADS_AWAY):
                names = tuple(sorted({control.name for control in form.inputs if control.name}))
                place = f"{action.path}?{action.query}" if action.query else action.path
                self.forms[place, form.method, names] = list(_sendings(form))


def _sendings(form: lxml.html.FormElement) -> Iterator[list[tuple[str, str]]]:
    """What a form sends, once for each of its buttons."""
    filled = [(name, str(value)) for name, value in form.form_values()]
    buttons = [button for button in form.iter("button") if button.get("name")]
    for button in buttons:
        yield [*filled, (button.get("name"), button.get("value", ""))]
    if not buttons:
        yield filled


@pytest.fixture
def stored_office(tmp_path: Path) -> Iterator[Office]:
    """An office in a file, as it is in use."""
    store = TinyStore(tmp_path / "store.db")
    yield make_office(tmp_path / "files", store=store)
    store.close()


def test_no_page_breaks_whatever_is_asked_or_typed(stored_office: Office) -> None:
    seed = random.SystemRandom().getrandbits(31)
    chance = random.Random(seed)
    wanderers = []
    for name in PEOPLE:
        visitor = Visitor(stored_office.app)
        visitor.sign_in(name)
        wanderers.append(Wanderer(visitor, chance))
    answers: dict[int, int] = {}
    for _ in range(STEPS):
        asked, response = chance.choice(wanderers).step()
        answers[response.status_code] = answers.get(response.status_code, 0) + 1
        assert response.status_code < 500, (seed, asked[:2000])
    # a form that is refused leads to a page of its own
    refused = answers.get(422, 0) + answers.get(303, 0)
    assert answers[200] > STEPS / 4 and refused > STEPS / 50, (seed, answers)


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("admin", f"/admin/journal?page={'9' * 25}"),
        ("staff", f"/acts?page={'9' * 5000}"),
        ("staff", "/cases?page=²"),
        ("staff", f"/sign-in?language={'a' * 300}"),
    ],
)
def test_an_odd_address_leads_to_a_page(visit: Callable[[str], Visitor], name: str, address: str) -> None:
    assert visit(name).client.get(address, follow_redirects=True).status_code == 200


def test_rows_asked_for_with_no_plain_number_are_none(li_ming: Visitor) -> None:
    path = li_ming.open("/forms/X01/new").path
    assert li_ming.client.get(f"{path}?more=faults-²").status_code == 200


@pytest.mark.parametrize("button", ["delete.faults.²", f"delete.faults.{'1' * 5000}", "copy.faults."])
def test_a_change_of_no_row_changes_nothing(li_ming: Visitor, button: str) -> None:
    page = li_ming.open("/forms/X01/new")
    token = li_ming.token()
    answer = li_ming.client.post(
        page.path, data={"csrf_token": token, "change": button, "story": "照旧"}, follow_redirects=True
    )
    assert answer.status_code < 500


@pytest.mark.parametrize("width", ["9" * 400, "10", "0", "²"])
def test_a_width_that_is_none_is_refused_beside_its_field(
    visit: Callable[[str], Visitor], width: str
) -> None:
    admin = visit("admin")
    admin.open("/admin/series/new")
    assert "整数" in admin.press("保存文号系列", width=width).text


@pytest.mark.parametrize("days", ["40000", "1" * 5000, "²", "-1"])
def test_a_rule_of_the_office_stays_within_reason(visit: Callable[[str], Visitor], days: str) -> None:
    admin = visit("admin")
    admin.open("/admin/settings")
    assert "0 到 999 的整数" in admin.press("保存本地口径", recheck_workdays=days).text


def filled_draft(visitor: Visitor, name: str) -> str:
    """A draft with a name in it; answers its address."""
    visitor.open("/forms/X01/new")
    return visitor.press("保存并刷新", name=name).path


def test_a_row_far_below_the_table_is_put_at_its_end(li_ming: Visitor) -> None:
    li_ming.open(filled_draft(li_ming, "甲"))
    action, sent = li_ming.page.form_with("保存并刷新")  # type: ignore[union-attr]
    sent += [("change", "paste.faults.999999999.what")]
    typed = {**dict(sent), "pasted-faults": "通道堵塞\t一层\n"}
    answer = li_ming.client.post(action, data=typed, follow_redirects=True)
    assert answer.status_code == 200 and "通道堵塞" in answer.text


@pytest.mark.parametrize("pasted", ['甲\r乙\t丙\r"丁\r戊', '"' + "己" * 150_000])
def test_cells_that_no_spreadsheet_writes_are_taken_as_they_are(li_ming: Visitor, pasted: str) -> None:
    address = filled_draft(li_ming, "甲")
    page = li_ming.open(address)
    action, sent = page.form_with("保存并刷新")
    typed = {**dict(sent), "change": "paste.faults", "pasted-faults": pasted}
    answer = li_ming.client.post(action, data=typed, follow_redirects=True)
    assert answer.status_code == 200 and pasted[-1] in answer.text


def test_more_rows_than_a_page_can_show_are_refused_and_the_rest_is_kept(li_ming: Visitor) -> None:
    address = filled_draft(li_ming, "甲公司")
    action, sent = li_ming.open(address).form_with("保存并刷新")
    typed = {**dict(sent), "name": "乙公司", "change": "paste.faults", "pasted-faults": "堵塞\n" * 5000}
    answer = li_ming.client.post(action, data=typed, follow_redirects=True)
    assert "问题：超过 200 行，请分成几件办理。" in answer.text
    assert "乙公司" in answer.text and "堵塞" not in answer.text
    flood = {f"faults-{n}-what": "堵塞" for n in range(2000)}
    answer = li_ming.client.post(action, data={**dict(sent), **flood})
    assert answer.status_code == 422 and "超过 200 行" in answer.text


def test_a_choice_that_is_not_offered_is_refused_in_chinese(visit: Callable[[str], Visitor]) -> None:
    admin = visit("admin")
    admin.open("/admin/series/new")
    assert "所选的不在可选之列，请重新选择。" in admin.press("保存文号系列", forms=["T99"]).text


@pytest.mark.parametrize("first", ["9" * 18, "²", "-3"])
def test_a_first_number_no_document_could_bear_is_refused(
    visit: Callable[[str], Visitor], first: str
) -> None:
    admin = visit("admin")
    admin.open("/admin/series/dong-fa")
    page = admin.press("保存文号系列", {"starts-0-year": "2027", "starts-0-first": first, "reason": "接着编"})
    assert "起始号没有填对" in page.text
