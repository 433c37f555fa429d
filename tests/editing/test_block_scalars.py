"""What comes to stand below a block scalar stays apart from it."""

from __future__ import annotations

import pytest

from workerlib.editing import Edit, Editor, apply
from workerlib.editing.block_scalars import above_key, below_another, settled
from workerlib.text import Mapping, Sequence, Source, parse


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


def edited(before: str, *removed: str, replaced: str = "", added: str = "") -> str:
    """The text without some keys, with texts for one of them and behind the first; its twin with CRLF says the same."""
    out = []
    for newline in ("\n", "\r\n"):
        source = parse(Source("f.yaml", before.replace("\n", newline)))
        root, edit = source.root, Editor()
        if isinstance(root, Sequence):
            root = root.items[0]
        while isinstance(root, Mapping) and isinstance(root.entries[0].value, Mapping):
            root = root.entries[0].value
        assert isinstance(root, Mapping)
        if added:
            edit.add(root, "new", added, after=root.entries[0])
        if replaced:
            edit.replace(root.entries[0].value, replaced)
        for entry in root.entries:
            if entry.name in removed:
                edit.remove(entry)
        out.append(apply(source.text, edit.edits()["f.yaml"]))
        parse(Source("f.yaml", out[-1]))
    assert out[1].replace("\r\n", "\n") == out[0]
    return out[0]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: |\n  t\nb: 1\n     # d\n   \nc: 1\n", "a: |\n  t\n# d\n\nc: 1\n"),
        ("k:\n  a: |\n    t\n  b: 1\n     # d\n   # e\n # f\nc: 1\n", "k:\n  a: |\n    t\n  # d\n  # e\n # f\nc: 1\n"),
        ("- a: |\n    t\n  b: 1\n     # d\n- c\n", "- a: |\n    t\n  # d\n- c\n"),
        ("a: |\n  t\n  # no\nb: 1\n  # c\n", "a: |\n  t\n  # no\n# c\n"),
        ("a: '|'\nb: 1\n    # c\n\nc: 1\n", "a: '|'\n    # c\n\nc: 1\n"),
        ("a: |\n  t\nb: 1\n   # d", "a: |\n  t\n# d"),
        ("a: |\n  t\nb: 1\n   ", "a: |\n  t\n"),
    ],
)
def test_comments_below_a_key_that_leaves_become_no_text(before: str, after: str) -> None:
    assert edited(before, "b") == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: |+\n  t\nb: 1\n\n\nc: 1\n", "a: |+\n  t\nc: 1\n"),
        ("a: |+\n  t\n# u\nb: 1\n\n\nc: 1\n", "a: |+\n  t\n# u\n\n\nc: 1\n"),
        ("a: |+ # +\n  t\nb: 1\n# u\n\n\nc: 1\n", "a: |+ # +\n  t\n# u\n\n\nc: 1\n"),
        ("a: | # +\n  t\nb: 1\n\n   \nc: 1\n", "a: | # +\n  t\n\n\nc: 1\n"),
        ("a: |+\n  t\nb: 1\n\n", "a: |+\n  t\n"),
    ],
)
def test_empty_lines_below_a_key_that_leaves_become_no_text(before: str, after: str) -> None:
    assert edited(before, "b") == after


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("a: |+\n  t\n\nb: 1\n", "x\n\n", "a: |+\n  t\n\nnew: |+\n  x\n\nb: 1\n"),
        ("a: 1\n\n   \n     # d\nb: 1\n", "x\n\n", "a: 1\nnew: |+\n  x\n\n# d\nb: 1\n"),
        ("a: 1\n\n   \n     # d\n\nb: 1\n", "x\n", "a: 1\nnew: |\n  x\n\n\n# d\n\nb: 1\n"),
        ("a: 1  # c\n     # d\nb: 1\n", "x\n", "a: 1  # c\nnew: |\n  x\n# d\nb: 1\n"),
        ("a: 1  # c\n     # d\nb: 1\n", "x", "a: 1  # c\nnew: x\n     # d\nb: 1\n"),
    ],
)
def test_what_stands_below_a_key_becomes_no_text_of_one_that_comes(before: str, value: str, after: str) -> None:
    assert edited(before, added=value) == after


def test_neighbours_that_change_together_are_settled_up_to_the_next() -> None:
    before = "a: 1\nb: 2\n     # d\nc: 1\n     # e\nd: 1\n"
    assert edited(before, "b", "c", replaced="x\ny\n") == "a: |\n  x\n  y\n# d\n     # e\nd: 1\n"


def test_comments_below_the_first_key_that_comes_stand_at_its_column() -> None:
    source = parse(Source("f.yaml", "m:\n     # d\n  b: 1\n"))
    edit = Editor()
    assert isinstance(source.root, Mapping)
    assert isinstance(source.root.entries[0].value, Mapping)
    edit.add(source.root.entries[0].value, "new", "x\ny\n")
    assert apply(source.text, edit.edits()["f.yaml"]) == "m:\n  new: |\n    x\n    y\n  # d\n  b: 1\n"


@pytest.mark.parametrize(
    ("inserted", "after"),
    [("\n  u", "a: |\n  t\n  u\n# d\n"), ("\nc: u", "a: |\n  t\nc: u\n     # d\n"), ("  u", "a: |\n  t  u\n# d\n")],
)
def test_comments_below_lines_that_come_into_a_block(inserted: str, after: str) -> None:
    source = parse(Source("f.yaml", "a: |\n  t\nb: 1\n     # d\n"))
    edit = Editor()
    assert isinstance(source.root, Mapping)
    first, last = source.root.entries
    edit.insert(source, first.end, inserted)
    edit.remove(last)
    assert apply(source.text, edit.edits()["f.yaml"]) == after


def test_a_block_that_comes_last_has_a_line_break() -> None:
    assert edited("a: 1", replaced="x\ny") == "a: |-\n  x\n  y\n"
    assert edited("a: 1\n", replaced="x\ny") == "a: |-\n  x\n  y\n"
    assert edited("a: 1", replaced="|x") == "a: '|x'"
    assert edited("a: 1", added="x\n\n") == "a: 1\nnew: |+\n  x\n\n"


def test_a_block_without_a_last_line_break_stays_so_where_nothing_comes_below() -> None:
    assert edited("a: 1\nb: |\n  t", added="x") == "a: 1\nnew: x\nb: |\n  t"


@pytest.mark.parametrize(
    ("text", "edit", "after"),
    [
        ("a: 'x'# c\n", Edit("f.yaml", 3, 6, "2"), "a: 2 # c\n"),
        ("a: 'x'# c\n", Edit("f.yaml", 3, 6, "\n  y\n"), "a: \n  y\n# c\n"),
        ("a: 1 # c\n", Edit("f.yaml", 3, 5, "2 "), "a: 2 # c\n"),
        ("a: x#c\n", Edit("f.yaml", 3, 4, "y"), "a: y#c\n"),
    ],
)
def test_a_comment_directly_behind_stays_one(text: str, edit: Edit, after: str) -> None:
    assert apply(text, settled(parse(Source("f.yaml", text)), [edit])) == after
