from __future__ import annotations

import pytest

from workerlib.editing import Editor, apply
from workerlib.editing.gathering import (
    Item,
    drop,
    gather,
    has_comments,
    items_to_keys,
    keys_of,
    on_one_line,
    put_before,
    put_in_place,
    tagged,
)
from workerlib.text import Mapping, Node, Scalar, Sequence, Source, read


def parsed(text: str) -> tuple[Source, Mapping]:
    source = read("a.yaml", text.encode())
    assert isinstance(source.root, Mapping)
    return source, source.root


def gathered(text: str, *items: str | tuple[str, int]) -> str:
    """The text after the keys of its first value have been put below `x` and `w`."""
    source, root = parsed(text)
    mapping = root.entries[0].value
    assert isinstance(mapping, Mapping)
    edit, inner = Editor(), Editor()
    chosen: list[Item] = [next(e for e in mapping.entries if e.name == item) if isinstance(item, str) else item for item in items]
    gather(edit, ("x", "w"), chosen, inner)
    result = apply(source.text, edit.edits()["a.yaml"])
    read("a.yaml", result.encode())
    return result


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("m:\n  a: 1\n", "m:\n  x:\n    w:\n      a: 1\n"),
        ("m:\n  a: 1", "m:\n  x:\n    w:\n      a: 1"),
        ("m:\n  # c\n  a: 1  # d\n\n  z: 3\n", "m:\n  x:\n    w:\n      # c\n      a: 1  # d\n\n  z: 3\n"),
        ("m:\n    a: 1\n", "m:\n    x:\n        w:\n            a: 1\n"),
        ("m:\n  a: |\n    1\n\n    2\n  z: 3\n", "m:\n  x:\n    w:\n      a: |\n        1\n\n        2\n  z: 3\n"),
        ("m: {z: 3, a: [1, 2]}\n", "m: {z: 3, x: {w: {a: [1, 2]}}}\n"),
        ("m:\r\n  a: 1\r\n", "m:\r\n  x:\r\n    w:\r\n      a: 1\r\n"),
    ],
)
def test_one_key(before: str, after: str) -> None:
    assert gathered(before, "a") == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("m:\n  a: 1\n\n  # b\n  b: 2\n", "m:\n  x:\n    w:\n      a: 1\n\n      # b\n      b: 2\n"),
        ("m:\n  a: 1\n  z: 3\n  # b\n  b: 2\n", "m:\n  x:\n    w:\n      a: 1\n      # b\n      b: 2\n  z: 3\n"),
        ("m:\n  a: 1\n  z: 3\n\n  # b\n  b: 2\n", "m:\n  x:\n    w:\n      a: 1\n      # b\n      b: 2\n  z: 3\n\n"),
        ("m:\n  a: 1\n  z: 3\n  b: 2", "m:\n  x:\n    w:\n      a: 1\n      b: 2\n  z: 3\n"),
        ("m: {a: 1, z: 3, b: 2}\n", "m: {x: {w: {a: 1, b: 2}}, z: 3}\n"),
        ("m: {a: 1, b: 2}\n", "m: {x: {w: {a: 1, b: 2}}}\n"),
    ],
)
def test_two_keys(before: str, after: str) -> None:
    assert gathered(before, "a", "b") == after


def test_keys_go_deeper_by_the_step_of_their_mapping() -> None:
    source, root = parsed("z:\n  m:\n      a: 1\n")
    outer = root.entries[0].value
    assert isinstance(outer, Mapping)
    mapping = outer.entries[0].value
    assert isinstance(mapping, Mapping)
    edit = Editor()
    gather(edit, ("x",), mapping.entries, Editor())
    assert apply(source.text, edit.edits()["a.yaml"]) == "z:\n  m:\n      x:\n          a: 1\n"


def test_the_order_is_that_which_is_asked_for() -> None:
    assert gathered("m:\n  a: 1\n  b: 2\n", "b", ("e", 3), "a") == "m:\n  x:\n    w:\n      b: 2\n      e: 3\n      a: 1\n"
    assert gathered("m: {a: 1, b: 2}\n", "b", ("e", 3), "a") == "m: {x: {w: {b: 2, e: 3, a: 1}}}\n"


def test_what_else_changes_in_the_keys() -> None:
    source, root = parsed("m:\n  a: 1\n")
    mapping = root.entries[0].value
    assert isinstance(mapping, Mapping)
    edit, inner = Editor(), Editor()
    inner.rename(mapping.entries[0], "b")
    inner.replace(mapping.entries[0].value, {"c": on_one_line({"d": True})})
    gather(edit, ("x",), [mapping.entries[0]], inner)
    assert apply(source.text, edit.edits()["a.yaml"]) == "m:\n  x:\n    b:\n      c: {d: true}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("l:\n  # c\n  - a  # d\n\n  - 'b'\n", "l:\n  # c\n  a: {k: 1}  # d\n\n  'b': {k: 2}\n"),
        ("l:\n- a\n\n- b\n", "l:\n  a: {k: 1}\n\n  b: {k: 2}\n"),
        ("l:\n# c\n- a\n-   b\n", "l:\n  # c\n  a: {k: 1}\n  b: {k: 2}\n"),
        ("l:\n  - a", "l:\n  a: {k: 1}\n  b: {k: 2}"),
        ("l:\n  - a  # d\nm: 1\n", "l:\n  a: {k: 1}  # d\n  b: {k: 2}\nm: 1\n"),
    ],
)
def test_items_become_keys(before: str, after: str) -> None:
    source, root = parsed(before)
    items = root.entries[0].value
    assert keys_of(items) == ["a", "b"][: len(keys_of(items))] != []
    edit = Editor()
    items_to_keys(edit, items, {"a": {"k": 1}, "b": {"k": 2}})
    assert apply(source.text, edit.edits()["a.yaml"]) == after


@pytest.mark.parametrize("value", ["a", "[a]", "&l\n- a", "\n- &a a", "\n- !t a", "\n- a: b", "\n- |\n  a", "\n- a\n  b", ""])
def test_what_cannot_become_keys(value: str) -> None:
    _, root = parsed(f"l: {value}\n")
    assert keys_of(root.entries[0].value) == []


def test_comments_inside() -> None:
    _, root = parsed("a:  # beside\n  - 1  # inside\n  - 2  # behind\nb:\n  - '# 1'\n")
    assert [has_comments(entry.value) for entry in root.entries] == [True, False]


def test_comments_beside() -> None:
    _, root = parsed("a: [1,  # inside\n  2]\nb: [1]  # beside\nc: 1\n# below\nd:  # above\n  e: 1\n")
    assert [has_comments(entry.value) for entry in root.entries] == [True, False, False, False]
    assert [has_comments(entry.value, beside=True) for entry in root.entries] == [True, True, False, False]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# c\nb: 1\n", "# c\na: {k: [x]}\nb: 1\n"),
        ("m:\n    # c\n    b: 1\n", "m:\n    # c\n    a: {k: [x]}\n    b: 1\n"),
        ("m: {c: 2, b: 1}\n", "m: {c: 2, a: {k: [x]}, b: 1}\n"),
    ],
)
def test_a_key_directly_above_another(before: str, after: str) -> None:
    source, mapping = parsed(before)
    if before.startswith("m"):
        assert isinstance(mapping.entries[0].value, Mapping)
        mapping = mapping.entries[0].value
    edit = Editor()
    put_before(edit, mapping.entries[-1], "a", {"k": ["x"]})
    assert apply(source.text, edit.edits()["a.yaml"]) == after


@pytest.mark.parametrize(
    ("before", "gone", "after"),
    [
        ("l: [a, b, c]\n", [0], "l: [b, c]\n"),
        ("l: [a, b, c]\n", [1], "l: [a, c]\n"),
        ("l: [a, b, c]\n", [2], "l: [a, b]\n"),
        ("l: [a, b, c]\n", [1, 2], "l: [a]\n"),
        ("l: [a, b, c]\n", [0, 1], "l: [c]\n"),
        ("l: [a, b, c]\n", [0, 2], "l: [b]\n"),
        ("l:\n  - a  # d\n  # e\n  - b\n  - c\n", [0], "l:\n  # e\n  - b\n  - c\n"),
        ("l:\n  - a\n  - b: 1\n    k: 2\n  - c", [1, 2], "l:\n  - a"),
        ("l:\r\n  - a\r\n  - b\r\nm: 1\r\n", [1], "l:\r\n  - a\r\nm: 1\r\n"),
        ("l:\r  - a\r  - b\r", [1], "l:\r  - a\r"),
    ],
)
def test_items_are_dropped(before: str, gone: list[int], after: str) -> None:
    source, root = parsed(before)
    items = root.entries[0].value
    assert isinstance(items, Sequence)
    edit = Editor()
    drop(edit, items, [items.items[index] for index in gone])
    assert apply(source.text, edit.edits()["a.yaml"]) == after


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("a", "!t a"),
        ("'a'", "!t 'a'"),
        ('"1"', '!t "1"'),
        ("a, b", "!t 'a, b'"),
        ("a:b", "!t 'a:b'"),
        ("&x 'a'", "!t a"),
        ("|\n  a", '!t "a\\n"'),
    ],
)
def test_a_scalar_under_another_tag(value: str, written: str) -> None:
    _, root = parsed(f"k: {value}\n")
    scalar = root.entries[0].value
    assert isinstance(scalar, Scalar)
    assert tagged("!t", scalar) == written


def test_a_text_for_a_node_with_its_anchor_and_tag() -> None:
    source, root = parsed("k: &x !t [1]  # c\n")
    edit = Editor()
    put_in_place(edit, root.entries[0].value, "!u a")
    assert apply(source.text, edit.edits()["a.yaml"]) == "k: !u a  # c\n"


@pytest.mark.parametrize("text", ["[a, b, c, d]", "\n- a\n- b\n- c\n- d"], ids=["brackets", "block"])
def test_items_are_dropped_without_a_look_at_all_that_leave_for_each(text: str) -> None:
    class Gone(list[Node]):
        def __contains__(self, item: object) -> bool:
            raise AssertionError("a look at all of them")

    source, root = parsed(f"x: {text}\n")
    items = root.entries[0].value
    assert isinstance(items, Sequence)
    edit = Editor()
    drop(edit, items, Gone(items.items[1::2]))
    after = apply(source.text, edit.edits()["a.yaml"])
    assert after == f"x: {text.replace(' b,', '').replace(', d', '')}\n".replace("\n- b", "").replace("\n- d", "")
