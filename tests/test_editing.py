"""Editing: what is asked of nodes, and the text that comes of it."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent

import pytest
from tests.support import steps

from workerlib.editing import (
    Edit,
    EditConflictError,
    Editor,
    SharedValueError,
    Value,
    Written,
    anchors,
    apply,
    block,
    flow,
    parent_entry,
    quoted,
    reindent,
    scalar,
)
from workerlib.editing.edits import shifted
from workerlib.editing.gathering import has_comments
from workerlib.editing.surroundings import alias_of
from workerlib.errors import UsageError
from workerlib.text import Alias, Entry, Mapping, Node, Scalar, Sequence, Source, parse, read

Act = Callable[[Source, Editor], None]


def edited(text: str, act: Act) -> str:
    """The text after an edit; it parses, and its twin with CRLF becomes the twin of the answer."""
    out = []
    for newline in ("\n", "\r\n"):
        source = parse(Source("f.yaml", text.replace("\n", newline)))
        edit = Editor("test")
        act(source, edit)
        out.append(apply(source.text, edit.edits().get("f.yaml", ())))
        parse(Source("f.yaml", out[-1]))
    assert "\n" not in text or out[1] == out[0].replace("\n", "\r\n")
    return out[0]


def entry(source: Source, path: str) -> Entry:
    node: Node | None = source.root
    found: Entry | None = None
    for part in path.split("."):
        if isinstance(node, Mapping):
            found = node.get(part)
            assert found is not None
            node = found.value
        else:
            node = getattr(node, "items")[int(part)]  # noqa: B009 - only sequences have items
    assert found is not None
    return found


def root(source: Source) -> Mapping:
    assert isinstance(source.root, Mapping)
    return source.root


def remove(*paths: str) -> Act:
    def act(source: Source, edit: Editor) -> None:
        for path in paths:
            edit.remove(entry(source, path))

    return act


def replace(path: str, value: Value) -> Act:
    return lambda source, edit: edit.replace(entry(source, path).value, value)


# ---- removing


@pytest.mark.parametrize(
    ("before", "paths", "after"),
    [
        ("a: 1\nb: 2  # c\nd: 3\n", ["b"], "a: 1\nd: 3\n"),
        ("# above\na: 1\n# below\n", ["a"], "# above\n{}\n# below\n"),
        ("a:\n  b: 1\n", ["a.b"], "a: {}\n"),
        ("a:  # c\n  # d\n  b: 1\n  # e\n", ["a.b"], "a: {}  # c\n  # d\n  # e\n"),
        ("a: &x !t  # c\n  b: 1\n", ["a.b"], "a: &x !t {}  # c\n"),
        ("- b: 1\n  c: 2\n", ["0.b"], "- c: 2\n"),
        ("- b: 1\n  # c\n  c: 2\n", ["0.b"], "-\n  # c\n  c: 2\n"),
        ("- b: 1\n  c: 2\n  d: 3\n", ["0.b", "0.c"], "- d: 3\n"),
        ("- b: 1  # c\n", ["0.b"], "- {}\n"),
        ("-  # a-b\n  b: 1\n", ["0.b"], "- {}  # a-b\n"),
        ("? a\n: 1\nb: 2\n", ["a"], "b: 2\n"),
        ("{a: 1, b: 2, c: 3}\n", ["b"], "{a: 1, c: 3}\n"),
        ("{a: 1, b: 2, c: 3}\n", ["a", "b"], "{c: 3}\n"),
        ("{a: 1, b: 2}\n", ["b"], "{a: 1}\n"),
        ("{a: 1, b: 2, }\n", ["b"], "{a: 1, }\n"),
        ("{\n  a: 1,\n  b: 2,\n}\n", ["a"], "{\n  b: 2,\n}\n"),
        ("{\n  a: 1, b: 2,\n  c: 3}\n", ["a"], "{\n  b: 2,\n  c: 3}\n"),
        ("{a: 1, b: 2, c: 3}\n", ["b", "c"], "{a: 1}\n"),
        ("{ a: 1 }\n", ["a"], "{}\n"),
        ("{a: 1, # c\n  b: 2}\n", ["a"], "{ # c\n  b: 2}\n"),
        ("{\n  a: 1, # c\n  # d\n  b: 2\n}\n", ["a"], "{\n  # d\n  b: 2\n}\n"),
        ("[a: 1]\n", ["0.a"], "[{}]\n"),
    ],
)
def test_removed(before: str, paths: list[str], after: str) -> None:
    assert edited(before, remove(*paths)) == after


def test_comment_below_a_removed_key_does_not_become_text_of_the_scalar_above() -> None:
    before = """\
        hooks:
          build: |
            make
          deploy: x
            # about all

          # the end
        """
    after = "hooks:\n  build: |\n    make\n  # about all\n\n  # the end\n"
    assert edited(dedent(before), remove("hooks.deploy")) == after


def test_empty_lines_below_a_removed_key_do_not_become_text_of_the_scalar_above() -> None:
    assert edited("a: |+\n  x\nb: 1\n\nc: 2\n", remove("b")) == "a: |+\n  x\nc: 2\n"
    assert edited("a: |\n  x\nb: 1\n     \nc: 2\n", remove("b")) == "a: |\n  x\n\nc: 2\n"


def test_neighbours_that_leave_together_do_not_join_the_scalar_above_with_what_is_below() -> None:
    before = "a:\n  b: |\n    x\n  c: 1\nd: |\n\n      \nf: 1\n"
    assert edited(before, remove("a.c", "d")) == "a:\n  b: |\n    x\n\n\nf: 1\n"


def test_anchor_of_a_removed_key_moves_to_the_first_alias_that_stays() -> None:
    before = "a: &x\n  k: |\n    t\nb: *x  # c\nc: {d: *x}\n"
    assert edited(before, remove("a")) == "b: &x  # c\n  k: |\n    t\nc: {d: *x}\n"
    assert edited("a: &x\n  k: |\n    t\nc: {d: *x}\n", remove("a")) == 'c: {d: &x {k: "t\\n"}}\n'
    assert edited("a: &x {k: &y 1}\nb: *y\nc: *x\n", remove("a")) == "b: &y 1\nc: &x {k: *y}\n"
    assert edited("a: &x 1\nb: &y [*x]\nc: *y\n", remove("a", "b")) == "c: &y [&x 1]\n"


def test_keys_inside_a_removed_key_leave_its_copy_too() -> None:
    assert edited("a: &x\n  b: 1\n  c: 2\nd: *x\n", remove("a", "a.b")) == "d: &x\n  c: 2\n"
    assert edited("a: &x\n  b: 1\nd: *x\n", remove("a", "a.b")) == "d: &x {}\n"


def test_a_key_comes_behind_an_alias_that_becomes_its_anchor() -> None:
    def act(source: Source, edit: Editor) -> None:
        edit.remove(entry(source, "a"))
        edit.add(root(source), "c", "1", after=entry(source, "b"))

    assert edited("a: &x\n  k: v\nb: *x\n", act) == "b: &x\n  k: v\nc: '1'\n"
    assert edited("a: &x\n  k: v\nb: *x  # d\n", act) == "b: &x  # d\n  k: v\nc: '1'\n"


def test_comment_below_a_removed_key_does_not_become_text_of_an_empty_scalar_above() -> None:
    assert edited("a: |  # c\nb: x\n  # d\n", remove("b")) == "a: |  # c\n# d\n"


def test_a_comment_far_to_the_right_does_not_become_text_of_an_anchor_that_moved_above_it() -> None:
    assert edited("a: &x |  # c\n  t\nb: *x  # d\nc: 1\n     # e\n", remove("a", "c")) == "b: &x |  # d\n  t\n# e\n"


def test_anchors_inside_of_what_leaves_are_written_once_and_before_their_aliases() -> None:
    before = "a: &x\n  b: &y\n    c: 1\n    d: 2\n  e: *y\nf: [*y, *x]\n"
    assert edited(before, remove("a", "a.b.c")) == "f: [&y {d: 2}, &x {b: *y , e: *y }]\n"
    before = "a: &x\n  b: &y 1\n  c: 2\nd: *x\ne: *y\n"
    assert edited(before, remove("a", "a.b")) == "d: &x\n  c: 2\ne: &y 1\n"
    assert edited("a: &x\n  c: 2\n  b: &y 1\nd: *x\ne: *y\n", remove("a", "a.b")) == "d: &x\n  c: 2\ne: &y 1\n"
    before = "a: &x\n  b: &y 1\n  c: &z 2\nd: *x\ne: *y\nf: *z\n"
    assert edited(before, remove("a", "a.b")) == "d: &x\n  c: &z 2\ne: &y 1\nf: *z\n"
    assert edited("w: &w 0\na: &x\n  b: &y 1\nf: [*y, *x]\n", remove("a")) == "w: &w 0\nf: [&y 1, &x {b: *y }]\n"
    before = "a: &x {t: 1}\nb: &y\n  <<: *x  # c\nd: [*y]\n"
    assert edited(before, remove("a", "b")) == "d: [&y {<<: &x {t: 1}}]\n"


def test_a_copy_of_what_leaves_ends_where_its_last_line_did() -> None:
    assert edited("a: &x\n  b: >+\n  c: 1\nd: *x\ne: 1\n", remove("a", "a.c")) == "d: &x\n  b: >+\ne: 1\n"
    assert edited("a: &x |+\n\nb: 1\nc: *x", remove("a")) == "b: 1\nc: &x |+\n\n"
    assert edited("a: &x\n  b: 1\n  # c\n  e: 1\nd: *x\n", remove("a", "a.b", "a.e")) == "d: &x {}\n  # c\n"


@pytest.mark.parametrize(
    ("before", "act", "after"),
    [
        ("a: &x\n  k: 1\nd: *x\n", lambda source, edit: edit.add(entry(source, "a").value, "z", "1"), "d: &x\n  z: '1'\n  k: 1\n"),
        (
            "a: &x\n  k: 1\nd: *x\n",
            lambda source, edit: edit.add(entry(source, "a").value, "z", "1", after=entry(source, "a.k")),
            "d: &x\n  k: 1\n  z: '1'\n",
        ),
        ("a: &x\n  - b\nd: *x\n", lambda source, edit: edit.add_item(items_at(source, "a"), 1, "z"), "d: &x\n  - b\n  - z\n"),
        ("a: &x\n  - b\n  - c\nd: *x\n", lambda source, edit: edit.remove_item(items_at(source, "a"), 1), "d: &x\n  - b\n"),
        ("a: &x\n  - b\nd: *x\n", lambda source, edit: edit.remove_item(items_at(source, "a"), 0), "d: &x []\n"),
        (
            "a: &x\n  k: *y\nd: *x\n",
            lambda source, edit: edit.expand(entry(source, "a.k").value),
            "d: &x\n  k:\n    m: 1\n    n: 2\n",
        ),
        ("a: &x\n  <<: *y\nd: *x\n", lambda source, edit: edit.expand(entry(source, "a.<<")), "d: &x\n  m: 1\n  n: 2\n"),
        (
            "a: &x\n  <<: *y\nd: *x\n",
            lambda source, edit: edit.add_merged(entry(source, "a.<<"), entry(source, "w.m")),
            "d: &x\n  <<: *y\n  m: 1\n",
        ),
        (
            "a: &x\n  k: &z 1\nd: [*z, *x]\n",
            lambda source, edit: edit.add(entry(source, "a").value, "l", "1", after=entry(source, "a.k")),
            "d: [&z 1, &x {k: *z , l: '1'}]\n",
        ),
        ("a: &x\n  k: 1\n  l: {m: 2}\nd: *x\n", lambda *of: [remove("a.l")(*of), replace("a.l.m", "3")(*of)], "d: &x\n  k: 1\n"),
        ("a: &x !t\n  k: 1\n  l: |+\n    t\n\nd: *x\n", remove("a.k"), "d: &x !t\n  l: |+\n    t\n\n"),
    ],
)
def test_what_changes_at_the_edge_of_a_removed_value_changes_in_its_copy(before: str, act: Act, after: str) -> None:
    def both(source: Source, edit: Editor) -> None:
        edit.remove(entry(source, "a"))
        act(source, edit)

    other = "w: &y\n  m: 1\n  n: 2\n"
    assert edited(other + before, both) == other + after


def test_anchors_inside_a_replaced_collection_move_to_the_first_alias_that_stays() -> None:
    before = "a:\n  b: &x\n    k: v\nc: *x\n"
    assert edited(before, replace("a", "y")) == "a: 'y'\nc: &x\n  k: v\n"
    assert edited("a: &x {b: &y 1}\nc: [*x, *y]\n", replace("a", "z")) == "a: &x z\nc: [*x, &y 1]\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: [&x 1, *x]\n", "a: [&x 1]\n"),
        ("a: [&x 1]  # c\nb: *x\n", "a: []  # c\nb: &x 1\n"),
        ("a: [&x {i: [1], p: &p [80]}, *x, {i: *p}]\n", "a: [&x {i: [1], p: &p [80]}, {i: *p}]\n"),
        ("a:\n- &x\n  k: 1\n  l: 2  # c\n- *x\n", "a:\n- &x\n  k: 1\n  l: 2\n"),
        ("a:\n- &x\n  k: &y [1]\n- *y\n- *x\n", "a:\n- &y [1]\n- &x\n  k: *y\n"),
        ("a:\n- &x |\n  t\nb: [*x]\n", 'a: []\nb: [&x "t\\n"]\n'),
    ],
)
def test_anchor_of_a_removed_item_moves_to_the_first_alias_that_stays(before: str, after: str) -> None:
    def act(source: Source, edit: Editor) -> None:
        items = entry(source, "a").value
        assert isinstance(items, Sequence)
        edit.remove_item(items, 0)

    assert edited(before, act) == after


def test_keys_inside_a_removed_key_are_no_conflict() -> None:
    assert edited("a:\n  b: 1\nc: 2\n", remove("a", "a.b")) == "c: 2\n"


def test_a_key_that_is_renamed_and_removed_leaves() -> None:
    def act(source: Source, edit: Editor) -> None:
        edit.rename(entry(source, "a"), "b")
        edit.remove(entry(source, "a"))

    assert edited("a: 1\nc: 2\n", act) == "c: 2\n"
    assert edited("{a: 1, c: 2}\n", act) == "{c: 2}\n"


# ---- renaming and nesting


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("cmd: x  # c\n", "commands:\n  start: x  # c\n"),
        ("cmd: |2-\n    x\n\n     \n", "commands:\n  start: |2-\n      x\n\n       \n"),
        ("cmd:\n- a\n- b\n", "commands:\n  start:\n  - a\n  - b\n"),
        ("cmd: 'a\n\n  b'\n", "commands:\n  start: 'a\n\n    b'\n"),
        ("{cmd: x, b: 1}\n", "{commands: {start: x}, b: 1}\n"),
        ('{"cmd":"x"}\n', '{commands: {start: "x"}}\n'),
        ("? cmd  # c\n: x\n", "commands:\n  ? start  # c\n  : x\n"),
        ("cmd:\n", "commands:\n  start:\n"),
    ],
)
def test_nested(before: str, after: str) -> None:
    assert edited(before, lambda source, edit: edit.nest(entry(source, "cmd"), "commands", "start")) == after


def test_nested_beside_a_dash() -> None:
    after = "- commands:\n    start: |\n      x\n  b: 1\n"
    assert edited("- cmd: |\n    x\n  b: 1\n", lambda source, edit: edit.nest(entry(source, "0.cmd"), "commands", "start")) == after


def test_an_empty_value_in_braces_is_nested() -> None:
    act = lambda source, edit: edit.nest(entry(source, "cmd"), "commands", "start")  # noqa: E731
    assert edited("{b: 1, cmd: }\n", act) == "{b: 1, commands: {start: } }\n"


def test_nested_twice() -> None:
    assert edited("cmd: x\n", lambda source, edit: edit.nest(entry(source, "cmd"), "a", "b", "c")) == "a:\n  b:\n    c: x\n"
    assert edited("{cmd: x}\n", lambda source, edit: edit.nest(entry(source, "cmd"), "a", "b:c", "d")) == "{a: {'b:c': {d: x}}}\n"


def test_a_key_of_nothing_is_renamed() -> None:
    def act(source: Source, edit: Editor) -> None:
        edit.rename(root(source).entries[0], "a")

    assert edited("? # c\n: 1\nb: 2\n", act) == "? a # c\n: 1\nb: 2\n"
    assert edited("&x : 1\nb: 2\n", act) == "&x a : 1\nb: 2\n"


def test_renamed() -> None:
    assert edited("&x a : 1\n", lambda source, edit: edit.rename(entry(source, "a"), "b: c")) == "&x 'b: c' : 1\n"
    assert edited('{"a":1}\n', lambda source, edit: edit.rename(entry(source, "a"), "b")) == "{b: 1}\n"


def test_renamed_anchor() -> None:
    def act(source: Source, edit: Editor) -> None:
        edit.rename_anchor(source.anchors[0], "y")

    assert edited("a: !t &x 1\nb: *x\nc: {<<: [*x ]}\n", act) == "a: !t &y 1\nb: *y\nc: {<<: [*y ]}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: &x 1\nb: *x\nc: [*x]\n", "b: &y 1\nc: [*y]\n"),
        ("a: &x\n  k: v\nb: [*x]\nc: *x\n", "b: [&y {k: v}]\nc: *y\n"),
        ("a: &w\n  k: &x 1\n  l: *x\nb: *w\nc: *x\n", "b: &w\n  k: &y 1\n  l: *y\nc: *y\n"),
        ("a: &w\n  k: &x 1\nb: *x\nc: *w\n", "b: &y 1\nc: &w\n  k: *y\n"),
    ],
)
def test_an_anchor_that_is_renamed_while_its_key_leaves(before: str, after: str) -> None:
    def act(source: Source, edit: Editor) -> None:
        edit.rename_anchor(next(node for node in source.anchors if node.anchor == "x"), "y")
        edit.remove(entry(source, "a"))

    assert edited(before, act) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: !t 1\n", "a: 1\n"),
        ("a: &x !t {k: 1}\n", "a: &x {k: 1}\n"),
        ("a: !t &x |\n  t\n", "a: &x |\n  t\n"),
        ("a: !t\nb: 1\n", "a:\nb: 1\n"),
    ],
)
def test_untagged(before: str, after: str) -> None:
    def act(source: Source, edit: Editor) -> None:
        node = entry(source, "a").value
        assert not isinstance(node, Alias)
        edit.untag(node)

    assert edited(before, act) == after


# ---- values


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("a: 1  # c\n", "x", "a: x  # c\n"),
        ("a:   # c\n", "x", "a: x   # c\n"),
        ("a:\n", "x", "a: x\n"),
        ("a: |  # c\n  t\n  u\nb: 1\n", "x", "a: x  # c\nb: 1\n"),
        ("a: 1  # c\n", {"k": ["v"]}, "a:  # c\n  k:\n    - v\n"),
        ("a:\n  1\nb: 2\n", {"k": "v"}, "a:\n  k: v\nb: 2\n"),
        ("a: &x 1\n", {"k": "v"}, "a: &x\n  k: v\n"),
        ("{a: 1}\n", {"k": "a:b"}, "{a: {k: 'a:b'}}\n"),
        ('{"a":1}\n', "x", '{"a": x}\n'),
        ("? a\n", "x", "? a\n: x\n"),
        ("{a, b: 1}\n", "x", "{a: x, b: 1}\n"),
        ("a: 1\n", {}, "a: {}\n"),
        ("a:\n- b\n", "x", "a: x\n"),
        ("a:  # c\n  b: 1\n", "x", "a: x  # c\n"),
        ("? a\n# c\n", "x", "? a\n: x\n# c\n"),
        ("a:  # c\n  'x'  # d\nb: 1\n", {"k": "v"}, "a:  # c\n    # d\n  k: v\nb: 1\n"),
        ("a:\n  'x'  # d\nb: 1\n", {"k": "v"}, "a:  # d\n  k: v\nb: 1\n"),
        ("a:  # c\n  [x]\nb: 1\n", {"k": "v"}, "a:  # c\n  k: v\nb: 1\n"),
        ("a:\n  # c\n  - x  # d\nb: 1\n", "y", "a: 'y'\n  # c\n    # d\nb: 1\n"),
    ],
)
def test_replaced(before: str, value: Value, after: str) -> None:
    assert edited(before, replace("a", value)) == after


def test_an_empty_item_is_replaced() -> None:
    def act(source: Source, edit: Editor) -> None:
        assert isinstance(source.root, Sequence)
        edit.replace(source.root.items[0], "x")

    assert edited("-\n- b\n", act) == "- x\n- b\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("- a\n-\n  k: v\n", "- a\n- x\n"),
        ("-  # c\n  k: v\n-  # d\n  k: v\n", "-  # c\n  k: v\n- x  # d\n"),
    ],
)
def test_an_item_below_its_dash_is_replaced_by_a_scalar_beside_it(before: str, after: str) -> None:
    assert edited(before, lambda source, edit: edit.replace(items_at(source, "").items[1], "x")) == after


def test_the_value_of_a_long_key_further_in_is_replaced() -> None:
    assert edited("b:\n  ? a\n", replace("b.a", "x")) == "b:\n  ? a\n  : x\n"


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ('a: "x"# c\n', "new", "a: new # c\n"),
        ('a: "x"# c\n', {"b": 1}, "a: # c\n  b: 1\n"),
        ("a: [x]# c\n", ["new"], "a: # c\n  - new\n"),
        ('z: {a: "x"# c\n  }\n', "new", "z: {a: new # c\n  }\n"),
    ],
)
def test_a_comment_directly_behind_what_is_replaced_stays_one(before: str, value: Value, after: str) -> None:
    assert edited(before, replace("z.a" if before.startswith("z") else "a", value)) == after


def test_an_item_is_replaced_by_a_mapping() -> None:
    def act(source: Source, edit: Editor) -> None:
        edit.replace(getattr(entry(source, "a").value, "items")[0], {"k": "v", "l": "w"})  # noqa: B009

    assert edited("a:\n  - x  # c\n  - y\n", act) == "a:\n  - k: v  # c\n    l: w\n  - y\n"


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("a:\n- &x 1  # c\n- *x\n", {"k": "v", "l": "w"}, "a:\n- &x  # c\n  k: v\n  l: w\n- *x\n"),
        ("a:\n- !t |2+  # c\n    x\n", {"k": "v"}, "a:\n- !t  # c\n  k: v\n"),
        ("a:\n-\n  # c\n  k: v\n", {"k": "two\nlines"}, "a:\n-\n  # c\n  k: |-\n    two\n    lines\n"),
        ("a:\n-\n    'x'\n", {"k": "two\nlines"}, "a:\n-\n  k: |-\n    two\n    lines\n"),
    ],
)
def test_an_item_with_an_anchor_or_below_its_dash_is_replaced_by_a_mapping_below(before: str, value: Value, after: str) -> None:
    assert edited(before, lambda source, edit: edit.replace(getattr(entry(source, "a").value, "items")[0], value)) == after  # noqa: B009


def test_a_comment_above_a_replaced_mapping_does_not_become_text_of_the_new_value() -> None:
    before = "a: &x  # c\n  # d\n  k: v\nb: 1\n"
    assert edited(before, replace("a", "two\nlines\n")) == 'a: &x "two\\nlines\\n"  # c\n  # d\nb: 1\n'


@pytest.mark.parametrize(
    ("before", "path", "value", "after"),
    [
        ("a: {}\n", ["a", "b", "c"], "x", "a: {b: {c: x}}\n"),
        ("a:\n", ["a", "b"], "x", "a:\n  b: x\n"),
        ("a:\n    b: 1\n", ["a", "c", "d"], "x", "a:\n    b: 1\n    c:\n        d: x\n"),
        ("a: 1", ["b"], "x", "a: 1\nb: x"),
        ("a: |\n  t", ["b"], "x", "a: |-\n  t\nb: x"),
        ("a: |\n  t", ["b"], "x\ny\n", "a: |-\n  t\nb: |\n  x\n  y\n"),
        ("a: 1\n# end\n", ["b"], "x", "a: 1\nb: x\n# end\n"),
        ("a: {b: 1}\n", ["a", "b"], "x", "a: {b: x}\n"),
    ],
)
def test_set(before: str, path: list[str], value: Value, after: str) -> None:
    def act(source: Source, edit: Editor) -> None:
        assert isinstance(source.root, Mapping)
        edit.set(source.root, path, value)

    assert edited(before, act) == after
    assert edited(after, act) == after


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: &x {b: 1}\nc: *x\n", "f.yaml:2:4: `c` is an alias of `&x`; expand it first"),
        ("a: &x {c: {b: 1}}\n<<: *x\n", "f.yaml:1:1: `c` is merged from another mapping; expand the merge key first"),
    ],
)
def test_set_does_not_change_what_is_shared(text: str, said: str) -> None:
    with pytest.raises(SharedValueError) as caught:
        Editor().set(root(parse(Source("f.yaml", text))), ["c", "b"], "2")
    assert str(caught.value) == said


@pytest.mark.parametrize("length", [40, 41])
def test_set_does_not_lead_through_a_scalar(length: int) -> None:
    with pytest.raises(UsageError) as caught:
        Editor().set(root(parse(Source("f.yaml", f"a: {'x' * length}\n"))), ["a", "b"], "2")
    assert str(caught.value) == f"f.yaml:1:4: expected a mapping as `a`, found '{'x' * 40}'"


def test_set_twice_in_an_empty_mapping() -> None:
    def act(source: Source, edit: Editor) -> None:
        assert isinstance(source.root, Mapping)
        edit.set(source.root, ["a", "b"], "1")
        edit.set(source.root, ["a", "c"], "2")

    assert edited("a: {}\n", act) == "a: {b: '1', c: '2'}\n"


def test_key_swapped_for_another() -> None:
    def act(source: Source, edit: Editor) -> None:
        found = entry(source, "a.b")
        edit.remove(found)
        edit.add(found.mapping, "c", "x", after=found)

    assert edited("a:\n  b: 1\n", act) == "a:\n  c: x\n"
    assert edited("a: {b: 1}\n", act) == "a: {c: x}\n"


def test_what_is_below_a_key_does_not_become_text_of_the_one_that_takes_its_place() -> None:
    def act(source: Source, edit: Editor) -> None:
        edit.remove(entry(source, "a"))
        edit.add(root(source), "b", "x\ny\n")

    assert edited("a: 1", act) == "b: |\n  x\n  y\n"
    assert edited("a: 1\n   \n    # c\n", act) == "b: |\n  x\n  y\n\n# c\n"


def test_added_first_and_after() -> None:
    def act(source: Source, edit: Editor) -> None:
        found = entry(source, "a")
        assert isinstance(found.value, Mapping)
        edit.add(found.value, "z", "1")
        edit.add(found.value, "w", "2", after=found.value.entries[0])

    assert edited("a:  # c\n  # about b\n  b: x  # d\n  # e\n", act) == "a:  # c\n  z: '1'\n  # about b\n  b: x  # d\n  w: '2'\n  # e\n"
    assert edited("\n# about a\na: {b: x}\n", lambda source, edit: edit.add(root(source), "c", "1")) == "\nc: '1'\n# about a\na: {b: x}\n"
    assert edited("# head\na: {b: x}\n", lambda source, edit: edit.add(root(source), "c", "1")) == "# head\nc: '1'\na: {b: x}\n"
    assert edited("a: {b: x}\n", act) == "a: {z: '1', b: x, w: '2'}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a:\n  x: 1\n  b: 2\nz: 3\n", "a:\n  x: 1\nk: '4'\nz: 3\n"),
        ("a:\n  b: 2  # c\n# d\nz: 3\n", "a: {}\nk: '4'\n# d\nz: 3\n"),
        ("a:\n  b:\n    - |\n      t\n\nz: 3\n", "a: {}\nk: '4'\n\nz: 3\n"),
        ("a: {b: 2}\nz: 3\n", "a: {}\nk: '4'\nz: 3\n"),
        ("a:\n  x: 1\n  b: 2", "a:\n  x: 1\nk: '4'"),
        ("a:\n  b: 2  # c", "a: {}\nk: '4'"),
        ("a: {b: 2}", "a: {}\nk: '4'"),
    ],
    ids=["the last of several", "the only one", "a block of text", "in braces", *("no line end: " + w for w in ("last", "only", "braces"))],
)
def test_added_behind_an_entry_whose_last_line_leaves(before: str, after: str) -> None:
    def act(source: Source, edit: Editor) -> None:
        edit.remove(entry(source, "a.b"))
        edit.add(root(source), "k", "4", after=entry(source, "a"))

    assert edited(before, act) == after


# ---- moving and expanding


def test_moved_with_its_comments() -> None:
    def act(source: Source, edit: Editor) -> None:
        goal = entry(source, "z").value
        assert isinstance(goal, Mapping)
        edit.move(entry(source, "a.b"), goal, "c", after=goal.entries[0])

    before = "a:\n    # about b\n    b: |  # beside\n        t\n          u\n    # below\n    k: 1\nz:\n  y: 1\n"
    after = "a:\n    # below\n    k: 1\nz:\n  y: 1\n  # about b\n  c: |  # beside\n      t\n        u\n"
    assert edited(before, act) == after
    assert edited("a: {b: [x,\n  y], k: 1}\nz:\n  y: 1\n", act) == "a: {k: 1}\nz:\n  y: 1\n  c: [x,\n    y]\n"
    assert edited("a: {'b':x}\nz:\n  y: 1\n", act) == "a: {}\nz:\n  y: 1\n  c: x\n"
    assert edited("a:\n  b: x, y\nz: {y: 1}\n", act) == "a: {}\nz: {y: 1, c: 'x, y'}\n"


def test_what_changes_inside_of_a_moved_key_changes_where_it_goes() -> None:
    def act(source: Source, edit: Editor) -> None:
        goal = entry(source, "z").value
        assert isinstance(goal, Mapping)
        edit.by = "one"
        edit.move(entry(source, "a"), goal, after=goal.entries[0])
        edit.by = "other"
        edit.remove(entry(source, "a.b"))
        edit.replace(entry(source, "a.c").value, {"d": "1"})

    assert edited("a:\n  b: 1\n  c: 2  # c\nz:\n  y: 1\n", act) == "z:\n  y: 1\n  a:\n    c:  # c\n      d: '1'\n"
    assert edited("{a: {b: 1, c: 2}, z: {y: 1}}\n", act) == "{z: {y: 1, a: {c: {d: '1'}}}}\n"


def test_a_move_leaves_no_comment_in_the_scalar_above_its_place() -> None:
    def act(source: Source, edit: Editor) -> None:
        goal = entry(source, "z").value
        assert isinstance(goal, Mapping)
        edit.move(entry(source, "a"), goal, after=goal.entries[-1])

    assert edited("z:\n  y: |\n    t\n     # c\na: 1\n", act) == "z:\n  y: |\n    t\n     # c\n  a: 1\n"
    assert edited("z:\n  y: 1\n     # c\na: |\n  t\n", act) == "z:\n  y: 1\n  # c\n  a: |\n    t\n"
    assert edited("z:\n  y: &x 1\n\na: &w |+\n  t\n\nb: *w\n", act) == "z:\n  y: &x 1\n  a: &w |+\n    t\n\nb: *w\n"


def move(path: str, goal: str, name: str | None = None, *, first: bool = False) -> Act:
    """Move a key behind the last one of another mapping, or before all."""

    def act(source: Source, edit: Editor) -> None:
        found = entry(source, goal).value if goal else source.root
        assert isinstance(found, Mapping)
        edit.move(entry(source, path), found, name, after=None if first else found.entries[-1])

    return act


@pytest.mark.parametrize(
    ("before", "act", "after"),
    [
        ("a: {b: 1, c: 2}\nz: {y: 1}\n", move("a.b", "z"), "a: {c: 2}\nz: {y: 1, b: 1}\n"),
        ("a: {b: 1, c: 2}\nz: {y: 1}\n", move("a.b", "z", "n:m", first=True), "a: {c: 2}\nz: {'n:m': 1, y: 1}\n"),
        ("a: {b: [1,\n  2], c: 2}\nz: {y: 1}\n", move("a.b", "z"), "a: {c: 2}\nz: {y: 1, b: [1, 2]}\n"),
        ("a: {b: [1,\n  2], c: 2}\nz: {y: 1}\n", move("a.b", "z", "n:m"), "a: {c: 2}\nz: {y: 1, 'n:m': [1, 2]}\n"),
        ("a:\n  b: |\n    t\nz: {y: 1}\n", move("a.b", "z"), 'a: {}\nz: {y: 1, b: "t\\n"}\n'),
        ("a:\n  &k b: &x 'q'\nz: {y: 1}\n", move("a.b", "z"), "a: {}\nz: {y: 1, &k b: &x 'q'}\n"),
        ("k:\n  a: {b: 1, c: 2}\n  z: {y: 1}\n", move("k.a.b", "k.z"), "k:\n  a: {c: 2}\n  z: {y: 1, b: 1}\n"),
        ("z: {y: 1}\n? a\n: b\n  c\n", move("a", "z"), "z: {y: 1, a: b c}\n"),
    ],
)
def test_moved_into_braces(before: str, act: Act, after: str) -> None:
    assert edited(before, act) == after


@pytest.mark.parametrize(
    ("before", "act", "after"),
    [
        ("a: {b, c: 2}\nz:\n  y: 1\n", move("a.b", "z"), "a: {c: 2}\nz:\n  y: 1\n  b:\n"),
        ("a: {b , c: 2}\nz:\n  y: 1\n", move("a.b", "z", "n:"), "a: {c: 2}\nz:\n  y: 1\n  'n:':\n"),
        (
            "a:\n    k: {b: [1, # c\n      2], c: 2}\nz:\n  y: 1\n",
            move("a.k.b", "z"),
            "a:\n    k: {c: 2}\nz:\n  y: 1\n  b: [1, # c\n    2]\n",
        ),
        ("a:\n  &k b: &x 'q'\nz:\n  y: 1\n", move("a.b", "z", "n:"), "a: {}\nz:\n  y: 1\n  &k 'n:': &x 'q'\n"),
        ("- b: 1  # c\n  # d\n  z:\n    y: 1\n", move("0.b", "0.z"), "-\n  # d\n  z:\n    y: 1\n    b: 1  # c\n"),
        ("# head\n\n# c\nb: 1\nz:\n  y: 1\n", move("b", "z"), "# head\n\nz:\n  y: 1\n  # c\n  b: 1\n"),
        ("a: {\n  # c\n  b: 1,\n  d: 2}\nz:\n  y: 1\n", move("a.b", "z"), "a: {\n  # c\n  d: 2}\nz:\n  y: 1\n  b: 1\n"),
        ("# c\n- b: 1\n  z:\n    y: 1\n", move("0.b", "0.z"), "# c\n- z:\n    y: 1\n    b: 1\n"),
        ("# c\n# d\n# e\nb: 1\nz:\n  y: 1\n", move("b", "z"), "z:\n  y: 1\n  # c\n  # d\n  # e\n  b: 1\n"),
        ("a: 1\nz:\n  y: 1", move("a", "z"), "z:\n  y: 1\n  a: 1"),
        ("z:\n  y: 1\na: |-\n  t", move("a", "z"), "z:\n  y: 1\n  a: |-\n    t\n"),
        ("z:\n  y: 1\na: |2+\n    t", move("a", "z"), "z:\n  y: 1\n  a: |2-\n      t\n"),
        ("z:\n  y: 1\na: >1\n  t", move("a", "z"), "z:\n  y: 1\n  a: >1-\n    t\n"),
        ("z:\n  y: 1\na: |\n  t\n  ", move("a", "z"), "z:\n  y: 1\n  a: |\n    t\n"),
        ("z:\n  y: 1\na: |  # c\n  t", move("a", "z", first=True), "z:\n  a: |-  # c\n    t\n  y: 1\n"),
        ("z:\n    y: 1\na: 'b\n\n  c'\n", move("a", "z"), "z:\n    y: 1\n    a: 'b\n\n      c'\n"),
        ("z:\n  y: 1\n? a\n", move("a", "z", "n"), "z:\n  y: 1\n  ? 'n'\n"),
    ],
)
def test_moved_to_lines_of_its_own(before: str, act: Act, after: str) -> None:
    assert edited(before, act) == after


@pytest.mark.parametrize(
    ("before", "act", "said"),
    [
        ("a: {b: 1 # c\n  }\nz:\n  y: 1\n", move("a.b", "z"), "1:5: the comment behind `b` cannot be moved out of braces"),
        ("a: {b: 1, # c\n  d: 2}\nz: {y: 1}\n", move("a.b", "z"), "1:5: the comment behind `b` cannot be moved out of braces"),
        ("a: {? b : 1}\nz:\n  y: 1\n", move("a.b", "z"), "1:7: the explicit key `b` cannot be moved out of braces as it is written"),
        ("a: {b: [1, # c\n  2]}\nz: {y: 1}\n", move("a.b", "z"), "1:5: `b` cannot be moved into braces as it is written"),
        ("a:\n  b:\n    c: 1\nz: {y: 1}\n", move("a.b", "z"), "2:3: `b` cannot be moved into braces as it is written"),
        ("a:\n  # c\n  b: 1\nz: {y: 1}\n", move("a.b", "z"), "3:3: `b` cannot be moved into braces as it is written"),
        ("a: 12:30\nz: {y: 1}\n", move("a", "z"), "1:4: `12:30` cannot be written inside braces; put it in quotes if it is text"),
    ],
)
def test_not_moved(before: str, act: Act, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        act(parse(Source("f.yaml", before)), Editor())
    assert str(caught.value) == f"f.yaml:{said}"


def test_a_moved_key_leaves_what_looks_like_a_comment_in_the_scalar_above() -> None:
    def act(source: Source, edit: Editor) -> None:
        goal = entry(source, "z").value
        assert isinstance(goal, Mapping)
        edit.move(entry(source, "b"), goal)

    assert edited("a: |\n  make\n  # clean\nb: 1\nz:\n  y: 1\n", act) == "a: |\n  make\n  # clean\nz:\n  b: 1\n  y: 1\n"


@pytest.mark.parametrize(
    ("text", "act", "place"),
    [
        ("a: {x: 1}\nb: &x 2\nc: *x\n", move("c", "a"), "3:4: `c`"),
        ("a: &x {y: 1}\nb: *x\n", move("b", "a"), "2:4: `b`"),
        ("a: &x\n  y: 1\nb: *x\n", move("b", "a"), "3:4: `b`"),
        ("a: &x\n  y: 2\nb: *x\n", move("b", "a", first=True), "3:4: `b`"),
        ("a: &x 1\nb: *x\nz:\n  y: 1\n", move("a", "z"), "2:4: `a`"),
        ("&x a: 1\nb: *x\nz:\n  y: 1\n", move("a", "z"), "2:4: `a`"),
        ("k: &w 1\nl: *w\na: &x 1\nb: *x\nz:\n  y: 1\n", move("a", "z"), "4:4: `a`"),
        ("a: {k: &x 1}\nb: {l: *x}\nz:\n  y: 1\n", move("a", "z", first=True), "2:8: `a`"),
    ],
)
def test_a_move_does_not_put_an_alias_before_its_anchor(text: str, act: Act, place: str) -> None:
    with pytest.raises(UsageError) as caught:
        edited(text, act)
    assert str(caught.value) == f"f.yaml:{place} cannot be moved, since `*x` would stand before its anchor"


@pytest.mark.parametrize(
    ("before", "act", "after"),
    [
        ("a: &x 1\nb: *x\nz:\n  y: 1\n", move("b", "z"), "a: &x 1\nz:\n  y: 1\n  b: *x\n"),
        ("z:\n  y: 1\na: &x 1\nb: *x\n", move("a", "z"), "z:\n  y: 1\n  a: &x 1\nb: *x\n"),
        ("z:\n  y: 1\na: [&x 1, *x]\n", move("a", "z"), "z:\n  y: 1\n  a: [&x 1, *x]\n"),
        ("a: &x k\nz:\n  *x : y\n", move("a", "z", first=True), "z:\n  a: &x k\n  *x : y\n"),
        ("z:\n  y: &x 1\na: *x\n", move("a", "z"), "z:\n  y: &x 1\n  a: *x\n"),
    ],
)
def test_aliases_and_anchors_that_may_move(before: str, act: Act, after: str) -> None:
    assert edited(before, act) == after


def test_an_alias_does_not_move_to_another_file_without_its_anchor() -> None:
    source, other = parse(Source("f.yaml", "a: &x 1\nb: *x\n")), parse(Source("g.yaml", "z: 1\n"))
    for name in ("a", "b"):
        with pytest.raises(UsageError, match=f"^f.yaml:2:4: `{name}` cannot be moved"):
            Editor().move(entry(source, name), root(other))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: &x\n  k: &y 1\n  l: *y\nb: *x  # c\n", "a: &x\n  k: &y 1\n  l: *y\nb:  # c\n  k: 1\n  l: *y\n"),
        ("a: &x [1,\n  2]\nb: *x\n", "a: &x [1,\n  2]\nb: [1,\n  2]\n"),
        ("a: &x |\nb: *x\n  # c\n", "a: &x |\nb: ''\n  # c\n"),
        ("a: &x 'y'\nb: *x\n", "a: &x 'y'\nb: 'y'\n"),
        ("a: &x 1\nc: &y [*x]\nd: &x 2\nb: *y\n", "a: &x 1\nc: &y [*x]\nd: &x 2\nb: [1]\n"),
        ("a: &x 1\nd: &x 2\nb: *x\n", "a: &x 1\nd: &x 2\nb: 2\n"),
        ("a: &y 1\nc: &x\n  l: *y\nb: *x\n", "a: &y 1\nc: &x\n  l: *y\nb:\n  l: *y\n"),
        ("a: &x\n  k: 1\nc: &y\n  m: *x\nd: &x 2\nb: *y\n", "a: &x\n  k: 1\nc: &y\n  m: *x\nd: &x 2\nb:\n  m:\n    k: 1\n"),
        ("a: &x !t\nb: *x\n", "a: &x !t\nb: !t\n"),
        ("a: &x a\n  c\nb: *x\n", "a: &x a\n  c\nb: a\n  c\n"),
        ("a: &x\n- 1\n- &y 2\nb: *x\n", "a: &x\n- 1\n- &y 2\nb:\n  - 1\n  - 2\n"),
        ("a: &x |2  # c\n    t\nb: *x  # d\n", "a: &x |2  # c\n    t\nb: |2  # d\n    t\n"),
        ("a: &x [ &y 1 , &z  2, *y ]\nb: *x\n", "a: &x [ &y 1 , &z  2, *y ]\nb: [ 1 ,  2, *y ]\n"),
        ("a: &x [ &y , !t &z , c]\nb: *x\n", "a: &x [ &y , !t &z , c]\nb: [ null, !t , c]\n"),
    ],
)
def test_expanded_alias(before: str, after: str) -> None:
    def act(source: Source, edit: Editor) -> None:
        alias = entry(source, "b").value
        assert isinstance(alias, Alias)
        edit.expand(alias)

    assert edited(before, act) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x: &x {k: 1, l: 2}\nb:\n  <<: *x  # c\n  l: 3\n", "x: &x {k: 1, l: 2}\nb:\n  k: 1  # c\n  l: 3\n"),
        ("x: &x\n  k: |\n    t\n  l: 2\nb:\n    <<: *x\n", "x: &x\n  k: |\n    t\n  l: 2\nb:\n    k: |\n      t\n    l: 2\n"),
        ("w: &w 1\nx: &x\n  k: *w\nb:\n  <<: *x\n", "w: &w 1\nx: &x\n  k: *w\nb:\n  k: *w\n"),
        ("w: &w 1\nx: &x\n  k: *w\nv: &w 2\nb:\n  <<: *x\n", "w: &w 1\nx: &x\n  k: *w\nv: &w 2\nb:\n  k: 1\n"),
        ("w: &w k\nx: &x\n  m:\n    *w : 1\nv: &w 2\nb:\n  <<: *x\n", "w: &w k\nx: &x\n  m:\n    *w : 1\nv: &w 2\nb:\n  m:\n    k : 1\n"),
        ("x: &x {k: 1, l: 2}\nb: {<<: *x, m: 3}\n", "x: &x {k: 1, l: 2}\nb: {k: 1, l: 2, m: 3}\n"),
        ("x: &x {k: 1}\nb:\n  <<: *x\n  k: 2\n", "x: &x {k: 1}\nb:\n  k: 2\n"),
    ],
)
def test_expanded_merge_key(before: str, after: str) -> None:
    assert edited(before, lambda source, edit: edit.expand(entry(source, "b.<<"))) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x: &x {k: 1}\nb:\n  <<: *x  # c\n  k: 2\n", "x: &x {k: 1}\nb:\n  # c\n  k: 2\n"),
        ("b:\n  k: 2\n  <<:  # c\n", "b:\n  k: 2\n  # c\n"),
        ("b:\n  <<:  # c\n", "b:\n  # c\n  {}\n"),
        ("b:\n  <<: {}  # c\nd: 1\n", "b:\n  # c\n  {}\nd: 1\n"),
        ("b:\n  <<:  # c\n    {}  # d\n  k: 1\n", "b:\n  # c\n  # d\n  k: 1\n"),
        ("x: &x {k: 1}\nb:\n  <<:\n    # c\n    - *x  # d\n", "x: &x {k: 1}\nb:\n  # c\n  k: 1  # d\n"),
        ("x: &x {k: 1, l: 2}\nb:\n  <<: [*x,  # c\n    {}]\n", "x: &x {k: 1, l: 2}\nb:\n  # c\n  k: 1\n  l: 2\n"),
        ("x: &x {k: 1}\nb:\n  <<: [*x]# c\n", "x: &x {k: 1}\nb:\n  k: 1 # c\n"),
        ("b: {<<: {}, k: 1}  # c\n", "b: {k: 1}  # c\n"),
    ],
)
def test_an_expanded_merge_key_leaves_its_comments(before: str, after: str) -> None:
    assert edited(before, lambda source, edit: edit.expand(entry(source, "b.<<"))) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x: &x {k: 1, l: 2}\nb: {<<: *x}\n", "x: &x {k: 1, l: 2}\nb: {<<: *x, k: 1}\n"),
        (
            "x: &x\n  k:\n    m: 1\nb:\n    <<: *x  # c\n    l: 2\n",
            "x: &x\n  k:\n    m: 1\nb:\n    <<: *x  # c\n    k:\n      m: 1\n    l: 2\n",
        ),
    ],
)
def test_one_key_of_a_merge_key_is_written_out(before: str, after: str) -> None:
    assert edited(before, lambda source, edit: edit.add_merged(entry(source, "b.<<"), entry(source, "x.k"))) == after


def test_a_merge_key_of_nothing_that_stands_alone_leaves_an_empty_mapping() -> None:
    assert edited("x: &x {}\nb:\n  <<: *x\n", lambda source, edit: edit.expand(entry(source, "b.<<"))) == "x: &x {}\nb: {}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x: &x {k: 1}\nb:\n  <<: *x\n", "b:\n  k: 1\n"),
        ("x: &x {k: 1}\nb:\n  <<: [*x]\nc: *x\n", "b:\n  k: 1\nc: &x {k: 1}\n"),
    ],
)
def test_a_merge_key_is_expanded_while_its_anchor_leaves(before: str, after: str) -> None:
    def act(source: Source, edit: Editor) -> None:
        edit.expand(entry(source, "b.<<"))
        edit.remove(entry(source, "x"))

    assert edited(before, act) == after


def test_several_lines_of_a_merge_key() -> None:
    before = "x: &x\n  k: 1\n  l: 2\n  m: 3\nb:\n  <<: *x\n"
    assert edited(before, lambda source, edit: edit.expand(entry(source, "b.<<"))) == before.replace("<<: *x", "k: 1\n  l: 2\n  m: 3")


EVERYTHING = """\
a: &x
  k: 'it''s'
  l: "a
    b"
  m: |
    t
  n:
  o: !t
  p: []
  q: {}
  r:
    - a, b
    - [&w c]
    - *w
  s: !u
    ? v # c
    : 1
  t: "x"
  u: "ye\\
    s"
  v: c

    d
  w: 'p
    q:r'
"""


def test_a_copy_on_one_line() -> None:
    inside = "k: 'it''s', l: a b, m: \"t\\n\", n: null, o: !t '', p: [], q: {}, r: ['a, b', [c], *w ], s: !u {v: 1}"
    inside += ", t: \"x\", u: 'yes', v: \"c\\nd\", w: 'p q:r'"
    assert edited(f"{EVERYTHING}z: [*x]\n", lambda source, edit: edit.expand(source.aliases[-1])) == f"{EVERYTHING}z: [{{{inside}}}]\n"
    assert edited(f"{EVERYTHING}z: [*x]\n", remove("a")) == f"z: [&x {{{inside.replace('[c]', '[&w c]')}}}]\n"


def test_a_copy_on_lines_of_its_own() -> None:
    below = EVERYTHING.partition("\n")[2].replace("&w ", "")
    assert edited(f"{EVERYTHING}z: *x\n", lambda source, edit: edit.expand(source.aliases[-1])) == f"{EVERYTHING}z:\n{below}"
    assert edited(f"{EVERYTHING}z: *x\n", remove("a")) == EVERYTHING.replace("a: ", "z: ")


def test_a_time_is_not_copied_into_brackets_as_it_is_written() -> None:
    with pytest.raises(UsageError, match=r"^f.yaml:1:4: `12:30` cannot be written inside braces; put it in quotes if it is text$"):
        edited("a: &x 12:30\nz: [*x]\n", remove("a"))


def test_the_lines_of_a_copy_are_as_far_in_as_the_line_that_it_is_put_on() -> None:
    def act(source: Source, edit: Editor) -> None:
        for alias in source.aliases:
            edit.expand(alias)

    before = "a: &x [1,\n  2]\nb:\n    c: [*x]\n    d: *x\n"
    assert edited(before, act) == "a: &x [1,\n  2]\nb:\n    c: [[1,\n      2]]\n    d: [1,\n      2]\n"


@pytest.mark.parametrize(
    ("other", "after"),
    [
        ("[a,\n b]\n", "x:\n    y: [a,\n     b]\n    z: 1\n"),
        ("  {a: 1,\n    b: 2}\n", "x:\n    y: {a: 1,\n      b: 2}\n    z: 1\n"),
        ("a: 1\nb: |\n  t\n", "x:\n    y:\n        a: 1\n        b: |\n          t\n    z: 1\n"),
        ("- k: 1\n  l: 2\n", "x:\n    y:\n        k: 1\n        l: 2\n    z: 1\n"),
        ("&r !t\n- &i a\n- *i\n", "x:\n    y: !t\n        - a\n        - a\n    z: 1\n"),
    ],
)
def test_another_node_is_written_out(other: str, after: str) -> None:
    def act(source: Source, edit: Editor) -> None:
        found = parse(Source("g.yaml", other)).root
        assert found is not None
        first = found.items[0] if other.startswith("-") and isinstance(found, Sequence) else found
        edit.write_out(entry(source, "x.y").value, first)

    assert edited("x:\n    y: !include g.yaml\n    z: 1\n", act) == after


def test_a_copy_that_begins_with_a_comment_takes_no_time_that_doubles_with_each_blank() -> None:
    deep = " " * 60
    source = parse(Source("f.yaml", f"a: &x\n{deep}k: 1\n{deep}# c\n{deep}l: 2\nb: *x\n"))
    edit = Editor()
    edit.remove(entry(source, "a"))
    edit.remove(entry(source, "a.k"))
    assert apply(source.text, edit.edits()["f.yaml"]) == f"b: &x\n{deep}# c\n{deep}l: 2\n"


def test_anchors_that_leave_take_a_time_in_proportion_to_their_number() -> None:
    def taken(count: int) -> int:
        source = parse(Source("f.yaml", "".join(f"a{n}: &x{n} 1\nb{n}: *x{n}\n" for n in range(count))))
        edit = Editor()
        for n in range(count):
            edit.remove(entry(source, f"a{n}"))
        return steps(edit.edits)

    assert taken(400) < 5 * taken(100)


def _aliases_written_out(source: Source, edit: Editor) -> None:
    for alias in source.aliases:
        edit.expand_use(alias)


def _each_moved(source: Source, edit: Editor) -> None:
    root, *others = (node for node in source.collections if isinstance(node, Mapping))
    for mapping in others:
        edit.move(mapping.entries[0], root)


def _anchors_renamed(source: Source, edit: Editor) -> None:
    for node in source.anchors:
        edit.rename_anchor(node, f"{node.anchor}-2")


def _looked_at(source: Source, _edit: Editor) -> None:
    for node in source.collections:
        has_comments(node)
        for one in node.entries if isinstance(node, Mapping) else ():
            alias_of(one)


@pytest.mark.parametrize("act", [_aliases_written_out, _each_moved, _anchors_renamed, _looked_at])
def test_what_is_done_at_each_of_many_places_takes_a_time_in_proportion_to_their_number(act: Act) -> None:
    def taken(count: int) -> int:
        source = parse(Source("f.yaml", "".join(f"a{n}:  # beside\n  k{n}: &x{n} 1\n  l{n}: *x{n}\n" for n in range(count))))
        return steps(lambda: act(source, Editor()))

    assert taken(400) < 4.6 * taken(100)


def test_only_merge_keys_and_aliases_are_expanded() -> None:
    with pytest.raises(UsageError, match=r"^f\.yaml:1:1: expected a merge key, found `a`$"):
        edited("a: 1\n", lambda source, edit: edit.expand(entry(source, "a")))


# ---- items


def items_at(source: Source, path: str) -> Sequence:
    """The sequence at a path; the root for an empty one, its first item for ``0``."""
    node = source.root if not path else getattr(source.root, "items")[0] if path == "0" else entry(source, path).value  # noqa: B009 - as above
    assert isinstance(node, Sequence)
    return node


@pytest.mark.parametrize(
    ("before", "path", "index", "value", "after"),
    [
        ("- - a\n  - b\n", "0", 0, "x", "- - x\n  - a\n  - b\n"),
        ("- - a\n", "0", 0, {"k": "v", "l": "w"}, "- - k: v\n    l: w\n  - a\n"),
        ("# c\n- a\n", "", 0, "x", "- x\n# c\n- a\n"),
        ("a:\n  - b  # c\n  # d\n  - e\n", "a", 1, "one\n\ntwo\n", "a:\n  - b  # c\n  - |\n    one\n\n    two\n  # d\n  - e\n"),
        ("a: [b, c]\n", "a", 0, "x", "a: [x, b, c]\n"),
        ("a: [b, c]\n", "a", 1, "x", "a: [b, x, c]\n"),
        ("a: []\n", "a", 0, "x", "a:\n  - x\n"),
    ],
)
def test_an_item_comes(before: str, path: str, index: int, value: Value, after: str) -> None:
    assert edited(before, lambda source, edit: edit.add_item(items_at(source, path), index, value)) == after


@pytest.mark.parametrize(
    ("before", "path", "index", "after"),
    [
        ("- - a  # c\n  - b\n  - d\n", "0", 0, "- - b\n  - d\n"),
        ("- - a\n  - b\n", "0", 1, "- - a\n"),
        ("- - a  # c\n- d\n", "0", 0, "- []\n- d\n"),
        ("# c\n- a\n", "", 0, "# c\n[]\n"),
        ("a:  # c\n  # d\n  - b\nd: 1\n", "a", 0, "a: []  # c\n  # d\nd: 1\n"),
        ("a: [b, c, d]\n", "a", 1, "a: [b, d]\n"),
        ("a: [ b ]\n", "a", 0, "a: []\n"),
        ('a: ["b", "c"# d\n  ]\n', "a", 1, 'a: ["b" # d\n  ]\n'),
    ],
)
def test_an_item_leaves(before: str, path: str, index: int, after: str) -> None:
    assert edited(before, lambda source, edit: edit.remove_item(items_at(source, path), index)) == after


@pytest.mark.parametrize(
    ("before", "gone", "index", "after"),
    [
        ("a: [b, c]\n", 0, 0, "a: [z, c]\n"),
        ("a: [b, c]\n", 1, 1, "a: [b, z]\n"),
        ("a: [b, c]\n", 1, 2, "a: [b, z]\n"),
        ("a:\n  - b\n  - c\n", 0, 0, "a:\n  - z\n  - c\n"),
        ("a:\n  - b\n  - c\n", 1, 1, "a:\n  - b\n  - z\n"),
    ],
)
def test_an_item_comes_for_one_that_leaves(before: str, gone: int, index: int, after: str) -> None:
    def act(source: Source, edit: Editor) -> None:
        edit.remove_item(items_at(source, "a"), gone)
        edit.add_item(items_at(source, "a"), index, "z")

    assert edited(before, act) == after


def test_an_item_behind_one_that_leaves_is_not_lost_silently() -> None:
    source = parse(Source("f.yaml", "a:\n  - b\n  - c\n"))
    edit = Editor("one")
    edit.remove_item(items_at(source, "a"), 0)
    edit.add_item(items_at(source, "a"), 1, "z")
    with pytest.raises(EditConflictError, match=r"^f.yaml:2: `one` and `one` both change '  - b\\n', each in its way"):
        apply(source.text, edit.edits()["f.yaml"])


@pytest.mark.parametrize(
    ("text", "index", "place"),
    [("a: [b,  # c\n  d]\n", 0, "1:5"), ("a: [b,\n  # c\n  d]\n", 1, "3:3"), ("a: [# c\n  b]\n", 0, "2:3")],
)
def test_an_item_in_brackets_does_not_leave_with_a_comment(text: str, index: int, place: str) -> None:
    source = parse(Source("f.yaml", text))
    with pytest.raises(UsageError) as caught:
        Editor().remove_item(items_at(source, "a"), index)
    assert str(caught.value) == f"f.yaml:{place}: expected items without comments among them; set the list as a whole"


# ---- several keys at once


def test_the_key_below_a_first_one_that_leaves_comes_up_beside_the_dash() -> None:
    assert edited("- a: 1\n  b: 2\n  # c\n  d: 3\n", remove("0.a")) == "- b: 2\n  # c\n  d: 3\n"


def test_a_comment_between_keys_that_leave_keeps_the_dash_on_a_line_of_its_own() -> None:
    assert edited("- a: 1\n  # c\n  b: 2\n  d: 3\n", remove("0.a", "0.b")) == "-\n  # c\n  d: 3\n"


@pytest.mark.parametrize(
    ("before", "path", "name", "after"),
    [
        ("# head\n\n# c\nb: 1\n", "", "a", "# head\n\na: x\n# c\nb: 1\n"),
        ("b: 1\n", "", "a", "a: x\nb: 1\n"),
        ("a:\n\n  # c\n  b: 1\n", "a", "k", "a:\n  k: x\n\n  # c\n  b: 1\n"),
        ("b: 1\nc: 2\n", "", "a", "a: x\nb: 1\nc: 2\n"),
        ("a: {b: 1}\n", "a", "k:l", "a: {'k:l': x, b: 1}\n"),
        ("a: { # c\n  }\n", "a", "k", "a: {k: x # c\n  }\n"),
    ],
)
def test_a_key_that_comes_first(before: str, path: str, name: str, after: str) -> None:
    def act(source: Source, edit: Editor) -> None:
        mapping = entry(source, path).value if path else source.root
        assert isinstance(mapping, Mapping)
        edit.add(mapping, name, "x")

    assert edited(before, act) == after


@pytest.mark.parametrize(
    ("before", "paths", "after"),
    [
        ("a: {b: 1, # c\n  }\n", ("a.b",), "a: { # c\n  }\n"),
        ("a: {b: 1, # c\n  d: 2}\n", ("a.b", "a.d"), "a: { # c\n  }\n"),
    ],
)
def test_a_comment_in_braces_of_which_nothing_stays(before: str, paths: tuple[str, ...], after: str) -> None:
    assert edited(before, remove(*paths)) == after


def test_a_pair_in_a_sequence_becomes_a_mapping_of_what_comes() -> None:
    def act(source: Source, edit: Editor) -> None:
        pair = getattr(entry(source, "x").value, "items")[0]  # noqa: B009 - as above
        edit.remove(pair.entries[0])
        edit.add(pair, "c", "1")
        edit.add(pair, "d", "2")

    assert edited("x: [a: b]\n", act) == "x: [{c: '1', d: '2'}]\n"


@pytest.mark.parametrize(("behind", "after"), [(True, "x: [{a: b, c: '1'}, d]\n"), (False, "x: [{c: '1', a: b}, d]\n")])
def test_a_pair_in_a_sequence_takes_another_in_braces(behind: bool, after: str) -> None:
    def act(source: Source, edit: Editor) -> None:
        pair = getattr(entry(source, "x").value, "items")[0]  # noqa: B009 - as above
        edit.add(pair, "c", "1", after=pair.entries[0] if behind else None)

    assert edited("x: [a: b, d]\n", act) == after


def test_keys_that_come_where_only_a_comment_stays_in_braces() -> None:
    def act(source: Source, edit: Editor) -> None:
        found = entry(source, "a.b")
        edit.remove(found)
        edit.add(found.mapping, "d", "1")
        edit.add(found.mapping, "e", "2")

    assert edited("a: {b: 1, # c\n  }\n", act) == "a: {d: '1', e: '2' # c\n  }\n"


# ---- anchors that leave


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: &x 1\nb: *x\nc: *x\n", "b: z\nc: &x 1\n"),
        ("a: &x 1\nb: *x\n", "b: z\n"),
        ("a: &x 1\nb: *x\nc: {d: *x }\n", "b: z\nc: {d: &x 1 }\n"),
    ],
)
def test_an_alias_that_is_replaced_does_not_become_the_node(before: str, after: str) -> None:
    def act(source: Source, edit: Editor) -> None:
        edit.remove(entry(source, "a"))
        edit.replace(entry(source, "b").value, "z")

    assert edited(before, act) == after


def test_an_alias_that_becomes_a_mapping_does_not_become_the_node() -> None:
    def act(source: Source, edit: Editor) -> None:
        edit.remove(entry(source, "a"))
        edit.replace(entry(source, "b").value, {"k": "v"})

    assert edited("a: &x 1\nb: *x\nc: *x\n", act) == "b:\n  k: v\nc: &x 1\n"


def test_an_anchored_nothing_leaves_with_its_list() -> None:
    assert edited("a:\n- &x\nb: *x\n", replace("a", "z")) == "a: z\nb: &x\n"


def test_what_another_codemod_wants_of_an_item_that_leaves_is_dropped() -> None:
    source = parse(Source("f.yaml", "a:\n- {k: 1}\n- y\n"))
    edit = Editor("one")
    items = getattr(entry(source, "a").value, "items")  # noqa: B009 - as above
    edit.remove_item(getattr(entry(source, "a"), "value"), 0)  # noqa: B009 - as above
    edit.by = "two"
    edit.replace(items[0].get("k").value, "2")
    assert apply(source.text, edit.edits()["f.yaml"]) == "a:\n- y\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a:\n- x  # of x\n- y\n- z\n", "a:\n- y\n- z\n"),
        ("a: [x, y, z]\n", "a: [y, z]\n"),
        ("a:\n- {k: v}\n", "a: []\n"),
    ],
)
@pytest.mark.parametrize("value", ["new", {"k": ["v", "w"]}], ids=["scalar", "mapping"])
@pytest.mark.parametrize("first", ["takes it out", "replaces it"])
def test_an_item_leaves_whatever_another_codemod_puts_in_its_place(before: str, after: str, value: Value, first: str) -> None:
    source = parse(Source("f.yaml", before))
    items = items_at(source, "a")
    edit = Editor("takes it out")
    for edit.by in sorted(("takes it out", "replaces it"), key=lambda name: name != first):
        if edit.by == "takes it out":
            edit.remove_item(items, 0)
        else:
            edit.replace(items.items[0], value)
    assert apply(source.text, edit.edits()["f.yaml"]) == after


def test_what_comes_in_place_of_an_item_that_leaves_goes_to_its_aliases() -> None:
    source = parse(Source("f.yaml", "a: [&b x]\nc: *b\n"))
    items = items_at(source, "a")
    edit = Editor("one")
    edit.remove_item(items, 0)
    edit.by = "two"
    edit.replace(items.items[0], "new")
    assert apply(source.text, edit.edits()["f.yaml"]) == "a: []\nc: &b new\n"


def test_each_copy_is_of_the_codemod_that_took_its_anchor() -> None:
    source = parse(Source("f.yaml", "a: &x 1\nb: &y 2\nc: *x\nd: *y\n"))
    edit = Editor("one")
    edit.remove(entry(source, "a"))
    edit.by = "two"
    edit.remove(entry(source, "b"))
    assert [(e.text, e.by) for e in edit.edits()["f.yaml"]] == [("", "one"), ("", "two"), ("&x 1", "one"), ("&y 2", "two")]


def test_a_key_that_two_editors_take_out_is_of_the_first() -> None:
    source = parse(Source("f.yaml", "a: 1\nb: 2\n"))
    first, second = Editor("first"), Editor("second")
    for edit in (first, second):
        edit.remove(entry(source, "a"))
    first.take_over(second)
    assert [(e.text, e.by) for e in first.edits()["f.yaml"]] == [("", "first")]


def test_what_one_editor_takes_over_from_another_is_counted() -> None:
    source = parse(Source("f.yaml", "a: 1\nb: 2\n"))
    first, second = Editor("first"), Editor("second")
    first.remove(entry(source, "a"))
    second.remove(entry(source, "b"))
    second.rename(entry(source, "a"), "c")
    first.take_over(second)
    assert len(first) == 3


def test_a_move_counts_as_what_leaves_and_what_comes() -> None:
    source = parse(Source("f.yaml", "a: 1\nb: {c: 2}\n"))
    edit = Editor()
    edit.move(entry(source, "a"), getattr(entry(source, "b"), "value"))  # noqa: B009 - a mapping, as written above
    assert len(edit) == 2


# ---- edits


def test_equal_edits_count_once_and_insertions_keep_their_order() -> None:
    edits = [Edit("f", 1, 2, "x"), Edit("f", 3, 3, "z"), Edit("f", 3, 3, "y"), Edit("f", 1, 2, "x", by="other")]
    assert apply("abcd", edits) == "axczyd"


def test_a_conflict_names_both_codemods() -> None:
    said = "f:1: `one` and `two` both change 'b', each in its way; run one of them at a time with --only"
    for others in ((), (Edit("f", 4, 4, "z"),), (Edit("f", 0, 0, "z"),)):
        with pytest.raises(EditConflictError) as caught:
            apply("abcd", [Edit("f", 0, 3, "", by="one"), Edit("f", 1, 2, "x", by="two"), *others])
        assert str(caught.value) == said
    for newline in ("\n", "\r", "\r\n"):
        text = f"a{newline}b{newline}c"
        with pytest.raises(EditConflictError, match=r"^f:3: "):
            apply(text, [Edit("f", len(text) - 1, len(text), "x", by="one"), Edit("f", len(text) - 1, len(text), "y", by="two")])


def test_the_third_edit_is_compared_with_the_second() -> None:
    with pytest.raises(EditConflictError):
        apply("abcd", [Edit("f", 0, 1, ""), Edit("f", 1, 3, "x"), Edit("f", 2, 4, "y")])


def test_slices_share_no_edit() -> None:
    text = "a: 1\nb: 2\nc: 3\n"
    edits = [Edit("f", 5, 5, "x: 0\n"), Edit("f", 10, 15, "")]
    assert "".join(apply(text, edits, *part) for part in ((0, 5), (5, 10), (10, 15))) == apply(text, edits)
    edits = [Edit("f", 3, 12, "-")]
    assert "".join(apply(text, edits, *part) for part in ((0, 5), (5, 10), (10, 15))) == apply(text, edits)


@pytest.mark.parametrize(
    ("text", "edit", "start", "end", "after"),
    [
        ("a\nb\n", Edit("f", 1, 1, "x"), 0, 2, "ax\n"),
        ("a\nb\n", Edit("f", 2, 2, "x\n"), 2, 2, "x\n"),
        ("a\nb\n", Edit("f", 2, 2, "x\n"), 0, 2, "a\n"),
        ("a\rb\r", Edit("f", 2, 2, "x\r"), 0, 2, "a\r"),
        ("a\nb\n", Edit("f", 1, 2, "-"), 2, 4, "b\n"),
        ("a\n", Edit("f", 2, 2, "b\n"), 0, 2, "a\nb\n"),
    ],
)
def test_what_belongs_to_a_slice(text: str, edit: Edit, start: int, end: int, after: str) -> None:
    assert apply(text, [edit], start, end) == after


def test_where_characters_are_after_edits() -> None:
    edits = [Edit("f", 1, 3, "xyz"), Edit("f", 5, 5, "!"), Edit("f", 7, 9, "")]
    assert apply("0123456789", edits) == "0xyz34!569"
    assert list(map(shifted(edits), range(10))) == [0, 1, 1, 4, 5, 6, 8, 9, 9, 9]


def test_every_line_but_an_empty_one_moves() -> None:
    text = "a: |\n  x\n\n   \r\n\ty\rz"
    assert reindent(text, 2) == "  a: |\n    x\n\n     \r\n  \ty\r  z"
    assert reindent(reindent(text, 2), -2) == text
    assert reindent("    a\n b\n", -2) == "  a\nb\n"
    assert reindent("a\n", 1) == " a\n"
    assert reindent("a\n", 0) == "a\n"


# ---- writing


@pytest.mark.parametrize(
    "text",
    [
        *("x", "a b", "a: b", "a #b", "# a", "- a", "-", "--- a", "...", "1", "1.10", "0755", "12:30", "2001-01-01", "yes", "~", "", " a"),
        *("a,b", "a:", ":a", "?a", "a?b", "http://x", "@a", "%a", "`a", "*a", "&a", "!a", "|", ">", "'a'", '"a"', "é😀", "a ", "{a}"),
        *("a\nb\n", "a\n\n", "\n", "\ta", "a\tb", "\x85", "\u2028", "\ufeff", "\x00", "\\", "a\n b", " a\nb\n", "a\n   ", "=", "<<"),
        *("\xa0", ".5", "-x", "a\r\nb", "... x", '\x00"\\', "a\U000e0001"),
    ],
)
def test_every_text_is_read_as_it_was_written(text: str) -> None:
    for written in (
        f"k: {scalar(text)}",
        f"k: {flow(text)}",
        "\n".join(block("k", text, 2)) + "\n",
        f"[{flow(text)}]",
        f"{scalar(text)}: 1",
        "\n".join(block("-", text, 2)) + "\n",
    ):
        root = parse(Source("f.yaml", written)).root
        node = root.entries[0] if isinstance(root, Mapping) else getattr(root, "items")[0]  # noqa: B009
        if isinstance(node, Entry):
            node = node.key if written.endswith(": 1") else node.value
        assert isinstance(node, Scalar)
        assert node.value == text
        if text in ("1", "yes", "~", "", "2001-01-01", "12:30"):
            assert node.style


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("1.10", "'1.10'"),
        ("2001-12-14t21:59:43.10-05:00", "'2001-12-14t21:59:43.10-05:00'"),
        ("2001-12-14 21:59:43", "'2001-12-14 21:59:43'"),
        ("it's: so", "'it''s: so'"),
        ('\t"a\\b"\r\n\x7f', '"\\t\\"a\\\\b\\"\\r\\n\\u007f"'),
        ("\U000e0001", '"\\U000e0001"'),
        ({"a:b": True, "c": [False, 1, None]}, "{'a:b': true, c: [false, 1, null]}"),
    ],
)
def test_a_value_on_one_line(value: Value, written: str) -> None:
    assert flow(value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("one\ntwo\n", ["k: |", "  one", "  two"]),
        ("one\n\ntwo", ["k: |-", "  one", "", "  two"]),
        ("one\n\n", ["k: |+", "  one", ""]),
        ("2001-12-14t21:59:43.10-05:00", ["k: '2001-12-14t21:59:43.10-05:00'"]),
        ("2001-1-2 3:04:05", ["k: '2001-1-2 3:04:05'"]),
        ({"a": {"b": "c"}}, ["k:", "  a:", "    b: c"]),
        (["c", ["d"], {"f": 1, "g": {}}, []], ["k:", "  - c", "  -", "    - d", "  - f: 1", "    g: {}", "  - []"]),
    ],
)
def test_a_value_in_block_style(value: Value, written: list[str]) -> None:
    assert block("k", value, 2) == written


@pytest.mark.parametrize(
    ("text", "like", "default", "written"),
    [
        ("it's", "'x'", "", "'it''s'"),
        ('a"b', '"x"', "", '"a\\"b"'),
        ("a\n", "'x'", "", '"a\\n"'),
        ("a", "x", "", "a"),
        ("a", "x", "'", "'a'"),
        ("a", "'x'", '"', "'a'"),
        ("a", "[x]", '"', '"a"'),
        ("1", "x", "", "'1'"),
    ],
)
def test_a_text_takes_the_quotes_of_another(text: str, like: str, default: str, written: str) -> None:
    assert quoted(text, parse(Source("f.yaml", like)).root, default).text == written


def test_the_entry_of_a_value() -> None:
    source = parse(Source("f.yaml", "a: [b]\n"))
    found = entry(source, "a")
    assert isinstance(found.value, Sequence)
    assert parent_entry(found.value) is found
    assert parent_entry(found.key) is None
    assert parent_entry(found.value.items[0]) is None


def test_an_alias_that_would_change_with_an_entry() -> None:
    source = parse(Source("f.yaml", "z: 1\na: &x {b: 1, c: {d: &y 2}}\ne: *x\nf: [*y]\ng: 3\n"))
    x, y = source.aliases
    expected = {"z": None, "a": x, "a.b": x, "a.c": x, "a.c.d": x, "e": x, "f": y, "g": None}
    assert {path: alias_of(entry(source, path)) for path in expected} == expected


def test_written_text_stays_as_it_is_where_it_can() -> None:
    assert scalar(Written("0755")) == "0755"
    assert flow([Written("0755"), Written("'a, b'"), Written("a, b"), Written("x:y")]) == "[0755, 'a, b', 'a, b', 'x:y']"


def test_thousands_of_keys_that_leave_are_not_each_compared_with_each(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(f"k{n}:\n  gone: 1\n  kept: 2\n" for n in range(1000))
    root = parse(Source("f.yaml", text)).root
    assert isinstance(root, Mapping)
    edit = Editor("x")
    for entry in root.entries:
        assert isinstance(entry.value, Mapping)
        edit.remove(entry.value.entries[0])
    compared = 0
    holds = anchors.Region.holds

    def counted(region: anchors.Region, one: Edit) -> bool:
        nonlocal compared
        compared += 1
        return holds(region, one)

    monkeypatch.setattr(anchors.Region, "holds", counted)
    assert apply(text, edit.edits()["f.yaml"]) == "".join(f"k{n}:\n  kept: 2\n" for n in range(1000))
    assert compared < 5000


def test_intentions_are_counted_once_each() -> None:
    root = parse(Source("f.yaml", "a: 1\nb: {c: 1}\nd:\n")).root
    assert isinstance(root, Mapping)
    edit = Editor("x")
    counts = []
    edit.remove(root.entries[0])
    counts.append(len(edit))
    edit.remove(root.entries[0])  # the same again
    counts.append(len(edit))
    edit.add(root, "e", "x")
    counts.append(len(edit))
    edit.rename(root.entries[1], "f")
    counts.append(len(edit))
    assert counts == [1, 1, 2, 3]


def test_a_key_is_added_to_nothing() -> None:
    text = "a: 1\nd:  # c\ne: null\n"
    root = parse(Source("f.yaml", text)).root
    assert isinstance(root, Mapping)
    edit = Editor("x")
    for entry in root.entries[1:]:
        assert isinstance(entry.value, Scalar)
        edit.add(entry.value, "k", "v")
    assert apply(text, edit.edits()["f.yaml"]) == "a: 1\nd:  # c\n  k: v\ne:\n  k: v\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a:\n  b:\n    make\n    # c\nd: 1\n", "a:\n  b:\n    |\n    set -e\n    make\n  # c\nd: 1\n"),
        ("a:\n  b:\n    make  # c\n      # d\nd: 1\n", "a:\n  b:\n    |  # c\n    set -e\n    make\n  # d\nd: 1\n"),
        ("a:\n  b: make\n    # c\nd: 1\n", "a:\n  b: |\n    set -e\n    make\n  # c\nd: 1\n"),
    ],
)
def test_comments_below_a_value_do_not_become_text_of_the_block_that_replaces_it(before: str, after: str) -> None:
    source = read("x.yaml", before.encode())
    edit = Editor()
    edit.replace(next(n for n in source.scalars if n.value == "make"), "set -e\nmake\n")
    assert apply(before, edit.edits()["x.yaml"]) == after
