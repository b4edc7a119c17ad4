"""Records are written as JSON writes them, whichever library does it."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from formsvc.storage.tinydb_sqlite.values import decode, encode

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63) + 1, 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5),
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.just("a"), inner)
)


@given(VALUES)
def test_a_record_is_written_as_json_writes_it(value: object) -> None:
    text = encode({"value": value})
    assert text == json.dumps({"value": value}, ensure_ascii=False, separators=(",", ":")).encode()
    assert decode(text) == {"value": value}
