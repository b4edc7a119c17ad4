"""What is personal goes when its time is over, everywhere; the number, its row and the chain stay."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from formsvc.bootstrap import build_ports
from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import Act, ServiceRecord
from formsvc.domain.privacy import erasure
from formsvc.errors import FormsvcError, InputRefused, NotFound, RightMissing
from formsvc.maintenance import verify_instance
from formsvc.usecases.acts.issued_files import issued_document
from formsvc.usecases.acts.serving import record_service
from formsvc.usecases.administration import retention
from formsvc.usecases.context import Ports
from formsvc.usecases.operator import issue_at_once
from tests.support.sample_office import CASES, TODAY, furnished, settings_in

PERSONS = {"receiver": "尉迟不识"}


def issued(ports: Ports, name: str, **changes: object) -> Act:
    case = CASES[name]
    return issue_at_once(
        ports,
        sample_actor(ports, "staff"),
        sample_actor(ports, "approver"),
        case["act"],
        {**case["fields"], **changes},
    )


@pytest.fixture
def served(tmp_path: Path) -> tuple[Path, Act]:
    """An office with one notice that was served to somebody, closed."""
    ports = furnished(tmp_path)
    act = issued(ports, "EX03")
    record_service(
        ports,
        sample_actor(ports, "officer"),
        act.id,
        ServiceRecord(
            "直接送达",
            f"{TODAY}T00:00",
            PERSONS["receiver"],
            place="东津镇不识路99号",
            servers=("赵磊", "孙伟"),
        ),
    )
    ports.store.close()  # type: ignore[attr-defined]
    return tmp_path, act


def later(folder: Path, years: int) -> Ports:
    """The same office so many years later."""
    return build_ports(replace(settings_in(folder), today=date(TODAY.year + years, 12, 1)))


def everything_on_disk(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("**/formsvc.sqlite*"))


def age_files(ports: Ports) -> None:
    for place in ports.files.root.glob("??/??/*"):  # type: ignore[attr-defined]
        os.utime(place, (time.time() - 7200,) * 2)


def test_without_a_rule_everything_is_kept_for_ever(served: tuple[Path, Act]) -> None:
    ports = later(served[0], 50)
    assert retention.list_due(ports, sample_actor(ports, "admin")) == []


def test_the_rule_takes_years_and_administrators(served: tuple[Path, Act]) -> None:
    ports = later(served[0], 1)
    with pytest.raises(InputRefused):
        retention.save_retention_rule(ports, sample_actor(ports, "admin"), {"B": "ten"})
    with pytest.raises(RightMissing):
        retention.save_retention_rule(ports, sample_actor(ports, "staff"), {"B": "10"})
    assert retention.save_retention_rule(ports, sample_actor(ports, "admin"), {"A": "", "B": " 10 "}) == {
        "B": 10
    }
    assert retention.retention_years(ports) == {"B": 10}


def ruled(folder: Path, years: int) -> tuple[Ports, object]:
    ports = later(folder, years)
    admin = sample_actor(ports, "admin")
    retention.save_retention_rule(ports, admin, dict.fromkeys("ABCD", "10"))
    return ports, admin


def test_an_act_is_due_when_its_years_have_gone_by_since_anything_happened(served: tuple[Path, Act]) -> None:
    ports, admin = ruled(served[0], 9)
    assert retention.list_due(ports, admin) == []  # type: ignore[arg-type]
    ports = later(served[0], 10)
    (found,) = retention.list_due(ports, sample_actor(ports, "admin"))
    assert found.act.id == served[1].id and found.since <= date(TODAY.year + 10, 12, 1)
    with pytest.raises(RightMissing):
        retention.list_due(ports, sample_actor(ports, "staff"))


def test_erasing_wants_a_reason_and_an_act_that_is_due(served: tuple[Path, Act]) -> None:
    ports, admin = ruled(served[0], 10)
    with pytest.raises(InputRefused):
        retention.erase(ports, admin, [served[1].id], reason=" ")  # type: ignore[arg-type]
    young = later(served[0], 2)
    with pytest.raises(FormsvcError, match="没有到删除的时候"):
        retention.erase(young, sample_actor(young, "admin"), [served[1].id], reason="档案鉴定")


def test_what_was_erased_is_nowhere_and_the_chain_holds(served: tuple[Path, Act]) -> None:
    folder, before = served
    personal = [PERSONS["receiver"], "东津镇不识路99号"]
    assert all(text.encode() in everything_on_disk(folder) for text in personal)
    ports, admin = ruled(folder, 10)
    age_files(ports)
    printed = ports.store.head()
    (erased,) = retention.erase(ports, admin, [before.id], reason="档案鉴定 2036 年第 3 批，王局长批准")  # type: ignore[arg-type]
    assert (erased.number, erased.title, erased.state) == (before.number, before.title, "served")
    assert erased.erased["pdf"] == before.pdf and erased.pdf == ""
    with pytest.raises(NotFound, match="按保存期限删除"):
        issued_document(ports, sample_actor(ports, "approver"), before.id, "pdf")
    with pytest.raises(FormsvcError):
        ports.files.read(before.pdf)
    with ports.store.read() as tx:
        events = [event["kind"] for event in tx.events.find() if event["act_id"] == before.id]
    assert events[-1] == "Erased" and "Served" in events
    assert ports.store.verify(printed) == []
    ports.store.close()  # type: ignore[attr-defined]
    left = everything_on_disk(folder)
    assert [text for text in personal if text.encode() in left] == []
    found = verify_instance(replace(settings_in(folder), instance=folder / "demo"))
    assert found.findings == [] and found.is_sound
    ports = later(folder, 30)
    assert retention.list_due(ports, sample_actor(ports, "admin")) == []
    with pytest.raises(FormsvcError):
        retention.erase(ports, sample_actor(ports, "admin"), [before.id], reason="再来一次")


def test_an_act_is_kept_while_one_made_from_it_is(tmp_path: Path) -> None:
    ports = furnished(tmp_path)
    first = issued(ports, "EX03")
    with ports.store.write() as tx:
        tx.acts.insert(
            "later",
            {
                **first.to_record(),
                "id": "later",
                "source_act": first.id,
                "dated": "2031-01-01",
                "number": "x",
            },
        )
    ports.store.close()  # type: ignore[attr-defined]
    ports, admin = ruled(tmp_path, 10)
    assert retention.list_due(ports, admin) == []  # type: ignore[arg-type]


def test_answers_that_tell_nobody_are_kept(tmp_path: Path) -> None:
    ports = furnished(tmp_path)
    act = issued(ports, "EX03")
    definition = ports.definitions.revision(act.revision).definition
    kept = erasure.retained_answers(definition, act.answers)
    assert set(kept) == set(act.answers)
    dates = [f.key for f in definition.fields if f.kind == "date" and act.answers.get(f.key)]
    persons = [f.key for f in definition.fields if f.kind == "person" and act.answers.get(f.key)]
    assert dates and all(kept[key] == act.answers[key] for key in dates)
    assert all(kept[key] == erasure.ERASED for key in persons)
