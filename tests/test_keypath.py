"""Key paths: text and parts are two views of one thing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workerlib.errors import UsageError
from workerlib.keypath import KeyPath


@given(st.lists(st.one_of(st.text(), st.integers(min_value=0)), max_size=5))
def test_text_and_parts_are_inverse(parts: list[str | int]) -> None:
    assert KeyPath.parse(str(KeyPath(tuple(parts)))) == KeyPath(tuple(parts))


@pytest.mark.parametrize("text", [".a", "a.", "a..b", "a b", '"a', "a[x]", "a]", ".[0]", "a.[0]", "a[\u0663]", f"a[{'9' * 5000}]"])
def test_text_that_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is not a key path"):
        KeyPath.parse(text)


def test_patterns_and_prefixes() -> None:
    path = KeyPath.parse("applications.shop.workers.queue")
    assert path.matches(KeyPath.parse("applications.*.workers.*"))
    assert not path.matches(KeyPath.parse("applications.*.workers"))
    assert path.starts_with(path.parent)
    assert not path.parent.starts_with(path)
    assert path.parent / "queue" == path


def test_text_in_place_of_parts_is_refused() -> None:
    message = r"^expected the parts of a key path, found the text `a\.b`; write `KeyPath\.parse\('a\.b'\)`$"
    with pytest.raises(UsageError, match=message):
        KeyPath("a.b")


def test_paths_are_sorted_place_by_place_numbers_first() -> None:
    paths = [KeyPath.parse(text) for text in ("b", "a.b", "a[10]", "a[2].x", "a", "a[2]")]
    assert [str(path) for path in sorted(paths)] == ["a", "a[2]", "a[2].x", "a[10]", "a.b", "b"]
