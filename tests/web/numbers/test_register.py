"""号簿: what was used, what was voided, what nobody can explain."""

from __future__ import annotations

from collections.abc import Callable

from formsvc.domain.acts.act import State
from tests.support.issued_acts import ORDER_NUMBER, add_person, before_the_order, order
from tests.support.memory_office import Office
from tests.support.page_client import Visitor

Visit = Callable[[str], Visitor]


def row_of(visitor: Visitor, prefix: str) -> str:
    """The line of a series in the list."""
    page = visitor.open("/numbers")
    lines = [" ".join("".join(row.itertext()).split()) for row in page.tree.iter("tr")]
    return next(line for line in lines if prefix in line)


def test_the_list_says_what_was_used_and_what_was_voided(office: Office, visit: Visit) -> None:
    before_the_order(office)
    order(office, State.VOID)
    line = row_of(visit("reviewer"), "绥北（东）消限字")
    assert "第5号 当事人名称写错 赵刚" in line
    assert "未用" in row_of(visit("reviewer"), "东消限字")


def test_the_register_shows_who_numbered_and_who_voided(office: Office, visit: Visit) -> None:
    before_the_order(office)
    order(office, State.VOID)
    page = visit("reviewer").open("/numbers/sbd-xian/2026")
    assert page.h1 == "绥北（东）消限字 2026年文号登记簿"
    assert "在册 1 个，空缺 0 个，作废 1 个，下一个 绥北（东）消限字〔2026〕第0006号" in page.text
    assert f"{ORDER_NUMBER} 责令限期改正通知书" in page.text
    assert "2026年9月21日 14:03 孙强 作废 当事人名称写错，赵刚批准，9月21日赵刚登记" in page.text


def test_a_gap_is_shown_as_unexplained(office: Office, visit: Visit) -> None:
    before_the_order(office)
    order(office)
    with office.ports.store.write() as tx:
        row = tx.numbers.get("sbd-xian/2026/000005") or {}
        later = {**row, "n": 8, "text": "绥北（东）消限字〔2026〕第0008号"}
        tx.numbers.insert("sbd-xian/2026/000008", later)
    page = visit("reviewer").open("/numbers/sbd-xian/2026")
    assert "有 2 个号没有登记，原因不明：6–7" in page.text
    assert "绥北（东）消限字〔2026〕第0007号没有登记，原因不明" in page.text


def test_a_series_nobody_has_is_not_found(office: Office, visit: Visit) -> None:
    assert visit("reviewer").open("/numbers/no-such/2026").status == 404


def test_a_register_is_seen_by_those_who_work_for_its_authority(office: Office, visit: Visit) -> None:
    add_person(office.ports, "outsider", "孙某", {"donghe": ["staff"]})
    outsider = visit("outsider")
    assert "东政发" in outsider.open("/numbers").text
    assert "绥北" not in outsider.open("/numbers").text.replace("绥化市北林区", "")
    assert outsider.open("/numbers/sbd-xian/2026").status == 404
    assert outsider.open("/numbers/dong-fa/2026").status == 200
