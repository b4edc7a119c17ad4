"""The page about OWASP ASVS names tests and files that exist, for each of the 153 requirements."""

from __future__ import annotations

import re
from collections import Counter

from tests.support.paths import ROOT

PAGE = (ROOT / "docs/security.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| (.+) \| (达到|\*\*未达到\*\*) \| (.+) \|$", re.MULTILINE)
PLACE = re.compile(r"`((?:tests|formsvc|docs)/[\w./-]+)(?:::(\w+))?`")
# of level 2, as they were found to apply
CHAPTERS = {2: 23, 3: 15, 4: 9, 5: 21, 6: 8, 7: 12, 8: 10, 9: 3, 10: 3, 11: 8, 12: 15, 13: 8, 14: 18}
# it may become fewer, not more
NOT_MET = 2
# that a setting or a step of the installation meets, with https
ON_CONDITION = ("3.5.2", "6.4.1", "12.4.2")


def test_each_of_the_153_requirements_stands_once() -> None:
    ids = [row[0] for row in ROW.findall(PAGE)]
    assert len(ids) == len(set(ids)) == 153
    assert Counter(int(each.split(".")[0]) for each in ids) == CHAPTERS


def test_each_test_and_file_that_is_named_exists() -> None:
    for requirement, _what, result, why in ROW.findall(PAGE):
        places = PLACE.findall(why)
        assert places or result != "达到", requirement
        for file, test in places:
            assert (ROOT / file).is_file(), f"{requirement}: {file}"
            if test:
                text = (ROOT / file).read_text(encoding="utf-8")
                assert f"\ndef {test}(" in text, f"{requirement}: {test}"


def test_what_is_not_met_is_counted_with_its_reason() -> None:
    unmet = [row for row in ROW.findall(PAGE) if row[2] != "达到"]
    assert all(len(why) > 8 for *_others, why in unmet)
    assert len(unmet) <= NOT_MET
    rows = {row[0]: row for row in ROW.findall(PAGE)}
    assert all("不达到" in rows[each][1] for each in ON_CONDITION), "the row says what is so without it"
    others = [
        r[0] for r in rows.values() if "不达到" in r[1] and r[0] not in ON_CONDITION and "https" not in r[1]
    ]
    assert others == []
    by_default = len(unmet) + len(ON_CONDITION)
    assert by_default <= 5 and f"合计 {by_default} 条没有达到" in PAGE
    encrypted = {r[0] for r in rows.values() if "用 https" in r[1] or r[0].startswith("9.1.")}
    always = {row[0] for row in unmet}
    for setting in (always, always | set(ON_CONDITION), always | set(ON_CONDITION) | encrypted):
        ids = "、".join(sorted(setting, key=lambda each: [int(part) for part in each.split(".")]))
        assert f" | {ids} | {len(setting)} |" in PAGE, "the table of settings names them"
    assert f"共 {len(unmet)} 条" in PAGE and f"| 合计 | 153 | {len(unmet)} |" in PAGE
