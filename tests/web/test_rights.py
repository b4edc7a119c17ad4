"""Role by route: who gets a page, who lacks the right (403), and who may not even know of the act (404)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from formsvc.domain.acts.act import State
from tests.support.issued_acts import add_person, before_the_order, order
from tests.support.memory_office import Office, make_office
from tests.support.page_client import Visitor

PEOPLE = ("staff", "reviewer", "approver", "officer", "admin", "outsider")
OK, NO_RIGHT, UNKNOWN = 200, 403, 404

# state of the act, address, and what each of PEOPLE gets
READING = [
    (State.SUBMITTED, "/acts/{id}", (OK, OK, OK, OK, OK, UNKNOWN)),
    (State.SUBMITTED, "/acts/{id}/preview.pdf", (OK, OK, OK, OK, OK, UNKNOWN)),
    (State.SUBMITTED, "/approval/{id}", (OK, OK, OK, OK, OK, UNKNOWN)),
    (State.APPROVED, "/acts/{id}/issue", (NO_RIGHT, NO_RIGHT, OK, OK, NO_RIGHT, UNKNOWN)),
    (State.ISSUED, "/acts/{id}", (OK, OK, OK, OK, OK, UNKNOWN)),
    (State.ISSUED, "/acts/{id}/document.pdf", (OK, OK, OK, OK, OK, UNKNOWN)),
    (State.ISSUED, "/acts/{id}/document-with-word.pdf", (OK, OK, OK, OK, OK, UNKNOWN)),
    (State.ISSUED, "/acts/{id}/document.docx", (OK, OK, OK, OK, OK, UNKNOWN)),
    (State.ISSUED, "/acts/{id}/pages/1.png", (OK, OK, OK, OK, OK, UNKNOWN)),
    (State.ISSUED, "/acts/{id}/print", (OK, NO_RIGHT, OK, OK, NO_RIGHT, UNKNOWN)),
    (State.ISSUED, "/acts/{id}/service", (OK, NO_RIGHT, NO_RIGHT, OK, NO_RIGHT, UNKNOWN)),
    (State.ISSUED, "/acts/{id}/void", (NO_RIGHT, NO_RIGHT, OK, NO_RIGHT, NO_RIGHT, UNKNOWN)),
    (State.ISSUED, "/numbers/sbd-xian/2026", (OK, OK, OK, OK, OK, UNKNOWN)),
    *((State.ISSUED, address, (NO_RIGHT, NO_RIGHT, NO_RIGHT, NO_RIGHT, OK, NO_RIGHT)) for address in (
        "/admin",
        "/admin/people",
        "/admin/people/new",
        "/admin/people/staff",
        "/admin/offices",
        "/admin/authorities/new",
        "/admin/authorities/brigade",
        "/admin/officers",
        "/admin/series",
        "/admin/entrustments",
        "/admin/definitions",
        "/admin/definitions/T22",
        "/admin/settings",
    )),
]  # fmt: skip

DOING = [
    (State.SUBMITTED, "/acts/{id}/review", (NO_RIGHT, OK, OK, NO_RIGHT, NO_RIGHT, UNKNOWN)),
    (State.REVIEWED, "/acts/{id}/approve", (NO_RIGHT, NO_RIGHT, OK, NO_RIGHT, NO_RIGHT, UNKNOWN)),
    (State.APPROVED, "/acts/{id}/issue", (NO_RIGHT, NO_RIGHT, OK, OK, NO_RIGHT, UNKNOWN)),
    (State.ISSUED, "/acts/{id}/print", (OK, NO_RIGHT, OK, OK, NO_RIGHT, UNKNOWN)),
    (State.ISSUED, "/acts/{id}/service", (OK, NO_RIGHT, NO_RIGHT, OK, NO_RIGHT, UNKNOWN)),
    (State.ISSUED, "/acts/{id}/void", (NO_RIGHT, NO_RIGHT, OK, NO_RIGHT, NO_RIGHT, UNKNOWN)),
    (State.ISSUED, "/acts/{id}/copy", (OK, NO_RIGHT, NO_RIGHT, NO_RIGHT, NO_RIGHT, UNKNOWN)),
    (State.SUBMITTED, "/acts/{id}/withdraw", (OK, 422, 422, 422, 422, UNKNOWN)),
    (State.ISSUED, "/admin/people/spare/password", (NO_RIGHT, NO_RIGHT, NO_RIGHT, NO_RIGHT, OK, NO_RIGHT)),
    (State.ISSUED, "/admin/settings", (NO_RIGHT, NO_RIGHT, NO_RIGHT, NO_RIGHT, 422, NO_RIGHT)),
]
SENT = {
    "stage": "未用印",
    "decision": "pass",
    "copies": "1",
    "reason": "当事人名称写错",
    "method": "直接送达",
    "receiver": "褚安",
    "servers": "赵正言",
    "served_at": "2026-09-21T10:00",
    "new_password": "long-enough-lantern-2026",
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """One office for all reading, with an outsider who works for another authority."""
    return prepared(make_office(tmp_path_factory.mktemp("office")))


def prepared(office: Office) -> Office:
    """With what comes before an order, and the outsider."""
    before_the_order(office)
    add_person(office.ports, "outsider", "孙某", {"donghe-committee": ["staff", "approver", "officer"]})
    add_person(office.ports, "spare", "钱某", {})
    return office


@pytest.fixture(scope="module")
def visitors(place: Office) -> dict[str, Visitor]:
    """Everybody, signed in."""
    found = {name: Visitor(place.app) for name in PEOPLE}
    for name, visitor in found.items():
        visitor.sign_in(name)
    return found


@pytest.fixture(scope="module")
def kept(place: Office) -> Callable[[State], str]:
    """An order in a state, made once."""
    ids: dict[State, str] = {}

    def find(state: State) -> str:
        if state not in ids:
            ids[state] = order(place, state).id
        return ids[state]

    return find


@pytest.mark.parametrize(
    ("state", "address", "answers"), READING, ids=[f"{s.value} {a}" for s, a, _ in READING]
)
def test_who_may_read(
    kept: Callable[[State], str],
    visitors: dict[str, Visitor],
    state: State,
    address: str,
    answers: tuple[int, ...],
) -> None:
    url = address.format(id=kept(state))
    got = tuple(visitors[name].client.get(url, follow_redirects=True).status_code for name in PEOPLE)
    assert dict(zip(PEOPLE, got, strict=True)) == dict(zip(PEOPLE, answers, strict=True))


@pytest.mark.parametrize(("state", "address", "answers"), DOING, ids=[f"{s.value} {a}" for s, a, _ in DOING])
def test_who_may_act(
    place: Office, visitors: dict[str, Visitor], state: State, address: str, answers: tuple[int, ...]
) -> None:
    got = {}
    for name in PEOPLE:
        visitor = visitors[name]
        sent = {**SENT, "csrf_token": visitor.token()}
        url = address.format(id=order(place, state).id if "{id}" in address else "")
        got[name] = visitor.client.post(url, data=sent, follow_redirects=True).status_code
    assert got == dict(zip(PEOPLE, answers, strict=True))


def test_nothing_is_done_without_the_token_of_the_page(place: Office, visitors: dict[str, Visitor]) -> None:
    act = order(place, State.ISSUED)
    answer = visitors["approver"].client.post(
        f"/acts/{act.id}/void", data={"reason": "当事人名称写错", "stage": "未用印", "approver": "赵刚"}
    )
    assert answer.status_code == 400
    with place.ports.store.read() as tx:
        assert (tx.acts.get(act.id) or {})["state"] == "issued"
