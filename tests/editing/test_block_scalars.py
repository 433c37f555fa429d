"""What comes to stand below a block scalar stays apart from it."""

from __future__ import annotations

import pytest

from workerlib.editing import apply
from workerlib.editing.block_scalars import above_key, below_another
from workerlib.text import Source, parse


@pytest.mark.parametrize(
    ("lines", "keeps", "after"),
    [
        ("    # c\n  k: 1\n", False, "  # c\n  k: 1\n"),
        ("      # c\n    # d\n  k: 1\n", True, "  # c\n  # d\n  k: 1\n"),
        ("  # c\n    # d\n  k: 1\n", False, "  # c\n    # d\n  k: 1\n"),
        ("# c\n", False, "# c\n"),
        ("\n   \n  # c\n", False, "\n\n  # c\n"),
        ("\n   \n  # c\n", True, "  # c\n"),
        ("    # c\n\n  k: 1\n", True, "  # c\n\n  k: 1\n"),
        ("  k: 1\n    # c\n", True, "  k: 1\n    # c\n"),
        ("", True, ""),
    ],
)
def test_lines_above_a_key_below_what_may_go_on(lines: str, keeps: bool, after: str) -> None:
    assert above_key(lines, 2, keeps=keeps) == after


@pytest.mark.parametrize(
    ("text", "keeps", "after"),
    [
        ("   # c\na: 1\n", False, "# c\na: 1\n"),
        ("   # c\n   # d\n   \na: 1\n   # e\n", False, "# c\n# d\n\na: 1\n   # e\n"),
        ("\n  \n# c\n\na: 1\n", True, "# c\n\na: 1\n"),
        ("\n  \na: 1\n", False, "\n\na: 1\n"),
        ("   # c\n  # d\n  a: 1\n", False, "  # c\n  # d\n  a: 1\n"),
        ("# c\n---  # d\n   # e\na: 1\n", False, "# c\n---  # d\n# e\na: 1\n"),
        ("   # c\n", True, "# c\n"),
    ],
)
def test_the_head_of_a_file_below_another(text: str, keeps: bool, after: str) -> None:
    for newline in ("\n", "\r\n"):
        source = parse(Source("f.yaml", text.replace("\n", newline)))
        edits = below_another(source, keeps=keeps)
        assert apply(source.text, edits) == after.replace("\n", newline)
