"""Matters of other laws than the Fire Protection Law cover their violations, too."""

from __future__ import annotations

from formsvc.domain.authorities import Matter
from formsvc.domain.authorization.matters import violations_of
from formsvc.domain.expressions.functions import entries_of
from tests.support.circumstances import read_folder

HIGH_RISE = "《高层民用建筑消防安全管理规定》"


def covered(law: str) -> frozenset[str]:
    lookups = {name: content["entries"] for name, content in read_folder("lookups").items()}
    return violations_of(Matter("WT09", "事项", law), entries_of(lookups, "violations"))


def test_a_matter_names_the_article_of_its_own_law() -> None:
    assert covered(f"{HIGH_RISE}第三十七条第一款、第四十七条第七项") == {"V21"}
    assert covered(f"{HIGH_RISE}第四十七条") == {"V21", "V25", "V26", "V27", "V28", "V29"}
    assert covered("《中华人民共和国安全生产法》第九十九条第八项") == {"V32"}
    assert covered("行政检查") == frozenset()
    assert covered("《某某省消防条例》第六十条第一款第三项") == frozenset()


def test_the_fire_law_covers_what_it_covered() -> None:
    assert covered("《中华人民共和国消防法》第二十八条、第六十条第一款第三项") == {"V04", "V22"}
    mixed = f"《中华人民共和国消防法》第二十八条、第六十条第一款第三项，{HIGH_RISE}第四十七条第七项"
    assert covered(mixed) == {"V04", "V21", "V22"}


def test_each_violation_is_covered_by_the_clause_that_punishes_it() -> None:
    known = read_folder("lookups")["violations"]["entries"]
    assert [entry["code"] for entry in known] == [f"V{n:02d}" for n in range(1, 33)]
    punished = {entry["code"]: entry["penalty"] for entry in known if entry["orderable"]}
    assert {code for code, law in punished.items() if code not in covered(law)} == set()
    # what nothing punishes is urged; no matter of an entrustment covers it
    urged = {entry["code"] for entry in known} - punished.keys()
    assert urged == {"V20", "V23", "V24", "V31"}
    assert all(not urged & covered(law) for law in punished.values())
